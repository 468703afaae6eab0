//! Lets a request through to its handler if its bearer token is good for the route.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::auth::Permission;
use crate::error::ApiError;
use crate::secret::SecretHash;

const SIGN_IN: ApiError =
    ApiError::Unauthenticated("sign in first: the token is missing, unknown or expired");

/// For users: the session's role must have the permission. The handler finds the session in the request.
pub(super) async fn user(
    State((app, permission)): State<(Arc<App>, Permission)>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let token = bearer(&request).ok_or(SIGN_IN)?;
    let session = app.store.session(SecretHash::of(token)).await?.ok_or(SIGN_IN)?;
    if !session.role.may(permission) {
        return Err(ApiError::Forbidden(format!(
            "the role {} may not {}",
            session.role.as_str(),
            permission.as_str()
        )));
    }
    request.extensions_mut().insert(session);
    Ok(next.run(request).await)
}

/// For Defenders: the token must be one that we minted and that has not been replaced. Answered from memory.
pub(super) async fn defender(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let token = bearer(&request).and_then(|token| app.tokens.find(token)).ok_or(
        ApiError::Unauthenticated("the Defender's token is missing, unknown or replaced by newer ones"),
    )?;
    request.extensions_mut().insert(token);
    Ok(next.run(request).await)
}

fn bearer(request: &Request) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
