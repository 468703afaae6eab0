//! Lets a request through to its handler if its bearer token is good for the route.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;

use super::input::discard;
use crate::app::App;
use crate::auth::{Permission, Session};
use crate::error::ApiError;
use crate::secret::SecretHash;

const NO_TOKEN: ApiError =
    ApiError::Unauthenticated("the Defender's token is missing, unknown or replaced by newer ones");
const SIGN_IN: ApiError =
    ApiError::Unauthenticated("sign in first: the token is missing, unknown or expired");

/// For users: the session's role must have the permission. The handler finds the session in the request.
pub(super) async fn user(
    State((app, permission)): State<(Arc<App>, Permission)>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    match signed_in(&app, permission, bearer(&request)).await {
        Ok(session) => {
            request.extensions_mut().insert(session);
            Ok(next.run(request).await)
        }
        Err(error) => refuse(request, error).await,
    }
}

/// For Defenders: the token must be one that we minted and that has not been replaced. Answered from memory.
pub(super) async fn defender(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    match bearer(&request).and_then(|token| app.tokens.find(token)) {
        Some(token) => {
            request.extensions_mut().insert(token);
            Ok(next.run(request).await)
        }
        None => refuse(request, NO_TOKEN).await,
    }
}

async fn signed_in(app: &App, permission: Permission, token: Option<&str>) -> Result<Session, ApiError> {
    let token = token.ok_or(SIGN_IN)?;
    let session = app.store.session(SecretHash::of(token)).await?.ok_or(SIGN_IN)?;
    if session.role.may(permission) {
        return Ok(session);
    }
    Err(ApiError::Forbidden(format!("the role {} may not {}", session.role.as_str(), permission.as_str())))
}

async fn refuse(request: Request, error: ApiError) -> Result<Response, ApiError> {
    discard(request.into_body()).await;
    Err(error)
}

fn bearer(request: &Request) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
