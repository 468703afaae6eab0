//! Reading and writing the two policies.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use gambeson_policy::{RuntimePolicy, RuntimeRule, WaasPolicy};
use serde::Serialize;

use super::complete;
use super::input::{Caller, RawBody, if_match, parse};
use crate::app::App;
use crate::error::ApiError;
use crate::policies::WriteError;

/// The runtime policy. Its `ETag` is its revision.
#[utoipa::path(
    get, path = "/policies/runtime/serverless", tag = "policies",
    responses((status = 200, body = ref("#/components/schemas/runtime.ServerlessPolicy"), headers(("ETag" = String)))),
    security(("session" = []))
)]
pub(super) async fn runtime(State(app): State<Arc<App>>) -> Response {
    let current = app.policies.current();
    (etag(current.runtime.revision), Json(complete::runtime(&current.runtime.policy))).into_response()
}

/// Replace the runtime policy; with `If-Match` only if it is still the one that was read.
#[utoipa::path(
    put, path = "/policies/runtime/serverless", tag = "policies",
    request_body(content = ref("#/components/schemas/runtime.ServerlessPolicy")),
    params(("If-Match" = Option<String>, Header, description = "ETag of the policy as it was read")),
    responses(
        (status = 200, description = "In force", headers(("ETag" = String))),
        (status = 400, description = "A field is wrong; the error names it"),
        (status = 412, description = "The policy has changed since it was read"),
    ),
    security(("session" = []))
)]
pub(super) async fn put_runtime(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Response, ApiError> {
    let policy: RuntimePolicy = parse(&body)?;
    policy.validate().map_err(invalid)?;
    check_sizes(&policy.rules)?;
    let expected = if_match(&headers)?;
    let revision = app.policies.change_runtime(expected, &caller.author(), |_| Ok(policy)).await?;
    Ok(etag(revision).into_response())
}

/// Add one rule at the top of the runtime policy.
#[utoipa::path(
    post, path = "/policies/runtime/serverless", tag = "policies",
    request_body(content = ref("#/components/schemas/runtime.ServerlessPolicyRule")),
    responses(
        (status = 200, description = "In force", headers(("ETag" = String))),
        (status = 400, description = "A field is wrong; the error names it"),
    ),
    security(("session" = []))
)]
pub(super) async fn add_runtime_rule(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Response, ApiError> {
    let rule: RuntimeRule = parse(&body)?;
    let expected = if_match(&headers)?;
    let revision = app
        .policies
        .change_runtime(expected, &caller.author(), |now| {
            let mut policy = now.clone();
            policy.rules.insert(0, rule);
            policy.validate().map_err(invalid)?;
            check_sizes(&policy.rules[..1])?;
            Ok(policy)
        })
        .await?;
    Ok(etag(revision).into_response())
}

/// The WAAS policy. Its `ETag` is its revision.
#[utoipa::path(
    get, path = "/policies/firewall/app/serverless", tag = "policies",
    responses((status = 200, body = ref("#/components/schemas/waas.Policy"), headers(("ETag" = String)))),
    security(("session" = []))
)]
pub(super) async fn waas(State(app): State<Arc<App>>) -> Response {
    let current = app.policies.current();
    (etag(current.waas.revision), Json(complete::waas(&current.waas.policy))).into_response()
}

/// Replace the WAAS policy; with `If-Match` only if it is still the one that was read.
#[utoipa::path(
    put, path = "/policies/firewall/app/serverless", tag = "policies",
    request_body(content = ref("#/components/schemas/waas.Policy")),
    params(("If-Match" = Option<String>, Header, description = "ETag of the policy as it was read")),
    responses(
        (status = 200, description = "In force", headers(("ETag" = String))),
        (status = 400, description = "A field is wrong; the error names it"),
        (status = 412, description = "The policy has changed since it was read"),
    ),
    security(("session" = []))
)]
pub(super) async fn put_waas(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Response, ApiError> {
    let policy: WaasPolicy = parse(&body)?;
    policy.validate().map_err(invalid)?;
    check_sizes(&policy.rules)?;
    let revision = app.policies.put_waas(if_match(&headers)?, &caller.author(), policy).await?;
    Ok(etag(revision).into_response())
}

/// A Defender takes 256 KiB of signed text, which is 192 KiB of document: with a rule of each policy at this size there is room, whatever
/// they compress to. Refused here, a large rule is a message to its author; let through, it would be a function without updates.
const RULE: usize = 64 << 10;

fn check_sizes(rules: &[impl Serialize]) -> Result<(), ApiError> {
    for (i, rule) in rules.iter().enumerate() {
        let size = serde_json::to_vec(rule).map_err(invalid)?.len();
        if size > RULE {
            return Err(ApiError::Invalid(format!("rules[{i}]: takes {size} bytes, {RULE} are possible")));
        }
    }
    Ok(())
}

fn etag(revision: u64) -> [(header::HeaderName, String); 1] {
    [(header::ETAG, format!("\"{revision}\""))]
}

fn invalid(error: impl std::fmt::Display) -> ApiError {
    ApiError::Invalid(error.to_string())
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Stale(current) => Self::Stale(format!(
                "the policy has changed since you read it (it is at revision {current} now): read it again, then write"
            )),
            WriteError::Refused(error) => error,
            WriteError::Store(error) => error.into(),
        }
    }
}
