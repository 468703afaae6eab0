//! What handlers take out of a request, parsed once, with errors that name what is wrong.

use std::net::{IpAddr, SocketAddr};

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;

use crate::auth::Session;
use crate::error::ApiError;
use crate::store::Author;

/// A JSON body. The content type is not looked at: `curl -d` sends another, and a bearer token cannot be sent by a foreign page.
pub(super) struct JsonBody<T>(pub(super) T);

/// The raw body, at most as large as its route allows.
pub(super) struct RawBody(pub(super) Bytes);

/// How many bytes a route takes.
#[derive(Clone, Copy)]
pub(super) struct BodyLimit(pub(super) usize);

/// Beyond a limit, this much is read and thrown away before the connection is cut.
const PATIENCE: usize = 16 << 20;

/// Of a request that is refused whatever its body says, this much: a Defender's largest batch.
const UNWANTED: usize = 1 << 20;

/// The address that the request came from.
#[derive(Clone, Copy)]
pub(super) struct Source(pub(super) IpAddr);

/// The signed-in user, and from where.
pub(super) struct Caller {
    pub(super) session: Session,
    source: Source,
}

/// The revision that `If-Match` names: `"7"`, or nothing if the header is missing or `*`.
pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<u64>, ApiError> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    text.trim_matches('"').parse().map(Some).map_err(|_| {
        ApiError::Invalid("If-Match must be the ETag of the policy as it was read, such as \"7\"".into())
    })
}

/// Parses JSON; the error says where in the document.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        ApiError::Invalid(if path == "." { inner.to_string() } else { format!("{path}: {inner}") })
    })?;
    json.end().map_err(|error| ApiError::Invalid(error.to_string()))?;
    Ok(value)
}

/// Reads a body that nobody wants, so that its sender gets the answer and can go on using the connection.
pub(super) async fn discard(mut body: Body) {
    let mut left = UNWANTED;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        if length > left {
            return;
        }
        left -= length;
    }
}

// === impl JsonBody ===

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let RawBody(bytes) = RawBody::from_request(request, state).await?;
        parse(&bytes).map(Self)
    }
}

// === impl RawBody ===

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let limit = request.extensions().get::<BodyLimit>().map_or(0, |limit| limit.0);
        let mut body = request.into_body();
        let mut bytes = Vec::new();
        let mut discarded = 0;
        while let Some(frame) = body.frame().await {
            let frame =
                frame.map_err(|error| ApiError::Invalid(format!("the body cannot be read: {error}")))?;
            let Ok(data) = frame.into_data() else { continue };
            if discarded == 0 && bytes.len() + data.len() <= limit {
                bytes.extend_from_slice(&data);
                continue;
            }
            // A client that is still sending does not see an answer before it has sent all. A patient reader can tell it what
            // is wrong, and need not keep what it reads.
            discarded += bytes.len() + data.len();
            bytes = Vec::new();
            if discarded > limit + PATIENCE {
                break;
            }
        }
        if discarded == 0 { Ok(Self(bytes.into())) } else { Err(ApiError::TooLarge) }
    }
}

// === impl Source ===

impl<S: Send + Sync> FromRequestParts<S> for Source {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let ConnectInfo(address) = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .ok_or_else(|| ApiError::internal("a connection without an address"))?;
        Ok(Self(address.ip().to_canonical()))
    }
}

impl Source {
    /// Someone at this address who is not signed in yet.
    pub(super) fn author(self, name: &str) -> Author {
        Author { name: name.to_owned(), source: self.0.to_string() }
    }
}

// === impl Caller ===

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let source = Source::from_request_parts(parts, state).await?;
        // The guard of the route put it there; a route without one has no caller.
        let session = parts.extensions.get::<Session>().cloned();
        Ok(Self { session: session.ok_or_else(|| ApiError::internal("a route without a guard"))?, source })
    }
}

impl Caller {
    pub(super) fn author(&self) -> Author {
        self.source.author(&self.session.user)
    }
}
