//! The one error type of the HTTP API. A client gets `{"err": "<sentence>"}`, as from the system that this one follows.
//!
//! Which to use where:
//! - [`ApiError::Invalid`] (400): the caller can mend the request; the sentence names the field, header or parameter.
//! - [`ApiError::Unauthenticated`] (401): no token, or one that is unknown or has expired. Never says which.
//! - [`ApiError::Forbidden`] (403): we know who calls, and this caller may not do this; the sentence says what it lacks.
//! - [`ApiError::NotFound`] (404), [`ApiError::Method`] (405): no such path; the path has no such method.
//! - [`ApiError::Conflict`] (409): it clashes with what is there already (a name that is taken).
//! - [`ApiError::Stale`] (412): `If-Match` names a revision that is no longer the newest.
//! - [`ApiError::TooLarge`] (413): a body beyond its limit, as sent or when inflated.
//! - [`ApiError::TooMany`] (429): this caller must wait. [`ApiError::Busy`] (503): the Console is full, anyone must wait.
//! - [`ApiError::Absent`] (501): this build was made without the part; the sentence says how to make one with it.
//! - [`ApiError::Internal`] (500): our fault. The cause goes to the log under an id; the client gets the id only.

use axum::Json;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::secret;
use crate::store::StoreError;

/// An answer that is not a success.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Unauthenticated(&'static str),
    #[error("{0}")]
    Forbidden(String),
    #[error("there is nothing at this path")]
    NotFound,
    #[error("this path does not have this method")]
    Method,
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    Stale(String),
    #[error("the body is larger than this path takes")]
    TooLarge,
    #[error("too many attempts: wait {seconds} s")]
    TooMany { seconds: u64 },
    #[error("the Console is busy: try again in {seconds} s")]
    Busy { seconds: u64 },
    #[error("{0}")]
    Absent(String),
    #[error("something went wrong in the Console; its log says more under {id}")]
    Internal { id: String },
}

impl ApiError {
    /// Logs the cause and hides it from the client.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        let id = secret::random::<6>().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        tracing::error!(%id, %cause, "a request failed");
        Self::Internal { id }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Stale(_) => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Absent(_) => StatusCode::NOT_IMPLEMENTED,
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(json!({ "err": self.to_string() }))).into_response();
        match self {
            Self::Unauthenticated(_) => {
                response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::TooMany { seconds } | Self::Busy { seconds } => {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            _ => {}
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::internal(error)
    }
}
