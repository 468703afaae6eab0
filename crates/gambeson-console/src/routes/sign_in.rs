//! Signing in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::input::{JsonBody, Source};
use crate::app::App;
use crate::clock;
use crate::error::ApiError;
use crate::secret::{self, SecretHash};

/// A user name and its password.
#[derive(Deserialize, ToSchema)]
#[schema(as = api::AuthenticationRequest)]
pub(super) struct Credentials {
    username: String,
    password: String,
}

/// The token to send as `Authorization: Bearer`.
#[derive(Serialize, ToSchema)]
#[schema(as = api::AuthenticationResponse)]
pub(super) struct Token {
    token: String,
}

/// Sign in. The token lasts an hour.
#[utoipa::path(
    post, path = "/authenticate", tag = "users", request_body = Credentials,
    responses(
        (status = 200, body = Token),
        (status = 401, description = "Wrong user name or password"),
        (status = 429, description = "Too many failures from this address; `Retry-After` says how long to wait"),
    )
)]
pub(super) async fn authenticate(
    State(app): State<Arc<App>>,
    source: Source,
    JsonBody(Credentials { username, password }): JsonBody<Credentials>,
) -> Result<Json<Token>, ApiError> {
    if let Err(wait) = app.sign_ins.start(source.0, &username) {
        tracing::warn!(address = %source.0, "too many failed sign-ins");
        return Err(ApiError::TooMany { seconds: wait.as_secs().max(1) });
    }
    let user = app.store.user(&username).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let right = app.passwords.verify(password, hash).await?;
    let Some(user) = user.filter(|_| right) else {
        tracing::warn!(address = %source.0, "a sign-in failed");
        return Err(ApiError::Unauthenticated("wrong user name or password"));
    };
    app.sign_ins.succeeded(source.0, &username);
    let token = secret::generate();
    let expires = clock::now() + app.session_lifetime.as_millis() as i64;
    app.store.prune_sessions().await?;
    app.store.add_session(SecretHash::of(&token), &user.name, expires).await?;
    tracing::info!(user = %user.name, address = %source.0, "signed in");
    Ok(Json(Token { token }))
}
