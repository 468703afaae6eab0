//! The first admin, made through the one-time set-up link: as a page for people, as a call for scripts.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::input::{JsonBody, Source};
use crate::app::App;
use crate::auth::{Role, check_password, check_user_name};
use crate::error::ApiError;
use crate::secret::SecretHash;
use crate::store::{FirstAdmin, User};

const PAGE: &str = include_str!("setup.html");
const STYLE: &str = include_str!("setup.css");

/// The first admin, and the token of the set-up link.
#[derive(Deserialize, ToSchema)]
pub(super) struct SignUp {
    token: String,
    username: String,
    password: String,
}

#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    token: String,
}

/// Make the first admin.
#[utoipa::path(
    post, path = "/signup", tag = "users", request_body = SignUp,
    responses(
        (status = 200, description = "The admin is made and can sign in"),
        (status = 400, description = "The name or the password is not fit"),
        (status = 403, description = "The link was used, has expired or was replaced by a newer one"),
        (status = 429, description = "Too many attempts from this address"),
    )
)]
pub(super) async fn sign_up(
    State(app): State<Arc<App>>,
    source: Source,
    JsonBody(sign_up): JsonBody<SignUp>,
) -> Result<StatusCode, ApiError> {
    make_admin(&app, source, sign_up).await?;
    Ok(StatusCode::OK)
}

/// The page behind the link.
pub(super) async fn page(Query(Link { token }): Query<Link>) -> Html<String> {
    form(&token, "")
}

/// The page's form.
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    source: Source,
    form_body: Result<Form<SignUp>, FormRejection>,
) -> Response {
    let Ok(Form(sign_up)) = form_body else {
        return (StatusCode::BAD_REQUEST, form("", "The form came without its fields.")).into_response();
    };
    let token = sign_up.token.clone();
    match make_admin(&app, source, sign_up).await {
        Ok(()) => Html(PAGE.replace("{{body}}", DONE)).into_response(),
        Err(error) => {
            let sentence = error.to_string();
            (error.into_response().status(), form(&token, &sentence)).into_response()
        }
    }
}

/// The page's style sheet: a file of its own, so that the content security policy needs no exception.
pub(super) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

const DONE: &str = "<h1>The admin is made</h1>
<p>This link no longer works. Sign in with <code>POST /api/v1/authenticate</code>.</p>";

fn form(token: &str, error: &str) -> Html<String> {
    let error = match error {
        "" => String::new(),
        text => format!("<p role=\"alert\">{}</p>", escape(text)),
    };
    let body =
        include_str!("setup_form.html").replace("{{error}}", &error).replace("{{token}}", &escape(token));
    Html(PAGE.replace("{{body}}", &body))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

async fn make_admin(app: &App, source: Source, sign_up: SignUp) -> Result<(), ApiError> {
    let SignUp { token, username, password } = sign_up;
    check_user_name(&username).map_err(|error| ApiError::Invalid(format!("username: {error}")))?;
    check_password(&password).map_err(|error| ApiError::Invalid(format!("password: {error}")))?;
    // Hashing is work: a stranger may ask for it only so often.
    if let Err(wait) = app.sign_ins.start(source.0, "set-up link") {
        return Err(ApiError::TooMany { seconds: wait.as_secs().max(1) });
    }
    let password_hash = app.passwords.hash(password).await?;
    let user = User { name: username, password_hash, role: Role::Admin };
    let author = source.author(&user.name);
    match app.store.add_first_admin(SecretHash::of(&token), &user, &author).await? {
        FirstAdmin::Made => {
            tracing::info!(user = %user.name, address = %source.0, "the first admin is made");
            app.sign_ins.succeeded(source.0, "set-up link");
            Ok(())
        }
        FirstAdmin::TooLate => Err(ApiError::Forbidden("there is a user already: sign in, or ask an admin".into())),
        FirstAdmin::WrongToken => Err(ApiError::Forbidden(
            "this set-up link was used, has expired or was replaced: the Console prints a new one when it starts".into(),
        )),
    }
}
