//! Facts about the Console.

use axum::Json;

/// The names that Lambda has for the runtimes that a layer exists for; the bare names stand for any version.
pub(super) const RUNTIMES: [&str; 20] = [
    "python",
    "python2.7",
    "python3.6",
    "python3.7",
    "python3.8",
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "nodejs",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs16.x",
    "nodejs18.x",
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
];

/// Whether the Console is up.
#[utoipa::path(get, path = "/_ping", tag = "about", responses((status = 200, description = "The Console is up")))]
pub(super) async fn ping() -> &'static str {
    "OK"
}

/// The Console's version.
#[utoipa::path(get, path = "/version", tag = "about", responses((status = 200, body = String)), security(("session" = [])))]
pub(super) async fn version() -> Json<&'static str> {
    Json(env!("CARGO_PKG_VERSION"))
}

/// The runtimes that there is a layer for.
#[utoipa::path(get, path = "/static/serverless-runtimes", tag = "about", responses((status = 200, body = Vec<String>)), security(("session" = [])))]
pub(super) async fn runtimes() -> Json<&'static [&'static str]> {
    Json(&RUNTIMES)
}
