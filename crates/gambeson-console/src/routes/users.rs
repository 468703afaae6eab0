//! Users and their roles.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::input::{Caller, JsonBody};
use crate::app::App;
use crate::auth::{Role, check_password, check_user_name};
use crate::error::ApiError;
use crate::store::User;

/// A user. The password is only ever taken, never given back.
#[derive(Deserialize, Serialize, ToSchema)]
#[schema(as = api::User)]
pub(super) struct UserBody {
    username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    /// `admin`, `operator` or `auditor`
    role: String,
}

/// Who can sign in.
#[utoipa::path(get, path = "/users", tag = "users", responses((status = 200, body = Vec<UserBody>)), security(("session" = [])))]
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Vec<UserBody>>, ApiError> {
    let users = app.store.users().await?;
    let body =
        |user: User| UserBody { username: user.name, password: None, role: user.role.as_str().to_owned() };
    Ok(Json(users.into_iter().map(body).collect()))
}

/// Add a user.
#[utoipa::path(
    post, path = "/users", tag = "users", request_body = UserBody,
    responses((status = 200), (status = 400, description = "A field is wrong"), (status = 409, description = "The name is taken")),
    security(("session" = []))
)]
pub(super) async fn add(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(body): JsonBody<UserBody>,
) -> Result<StatusCode, ApiError> {
    let UserBody { username, password, role } = body;
    let password = password.ok_or_else(|| ApiError::Invalid("password: missing".into()))?;
    check_user_name(&username).map_err(|error| ApiError::Invalid(format!("username: {error}")))?;
    check_password(&password).map_err(|error| ApiError::Invalid(format!("password: {error}")))?;
    let role = Role::from_name(&role)
        .ok_or_else(|| ApiError::Invalid("role: must be admin, operator or auditor".into()))?;
    let password_hash = app.passwords.hash(password).await?;
    let user = User { name: username, password_hash, role };
    if !app.store.add_user(&user, &caller.author()).await? {
        return Err(ApiError::Conflict(format!("there is a user {} already", user.name)));
    }
    tracing::info!(user = %user.name, role = role.as_str(), by = %caller.session.user, "user added");
    Ok(StatusCode::OK)
}
