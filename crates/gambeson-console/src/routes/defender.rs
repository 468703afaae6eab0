//! What Defenders call: the policy, from memory only, and audits, stored before they are acknowledged.

use std::io::Read;
use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use gambeson_audit::{Audit, Batch, BatchError, Kind};
use serde::Deserialize;
use utoipa::IntoParams;

use super::input::{RawBody, parse};
use crate::app::App;
use crate::clock::{self, Millis};
use crate::defender::{DefenderToken, Refused};
use crate::error::ApiError;
use crate::store::{Loss, NewAudit};

/// A batch as sent.
pub(super) const BATCH: usize = 1 << 20;
/// A batch when inflated: audits are text and shrink to a tenth.
const INFLATED: usize = 8 << 20;
/// Soon enough for a Defender to lose nothing, late enough for the queue to move.
const BUSY_SECONDS: u64 = 2;

const NEXT_REFRESH: HeaderName = HeaderName::from_static("gambeson-next-refresh");

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Function {
    /// The function's name.
    function: String,
    region: String,
}

/// The signed policy of one function.
#[utoipa::path(
    get, path = "/defender/policy", tag = "defender", params(Function, ("If-None-Match" = Option<String>, Header)),
    responses(
        (status = 200, content_type = "text/plain", description = "The signed document", headers(("ETag" = String), ("Gambeson-Next-Refresh" = u64))),
        (status = 304, description = "Still the one that If-None-Match names"),
        (status = 401, description = "No such token"),
        (status = 403, description = "The token is for another function or region"),
    ),
    security(("defender" = []))
)]
pub(super) async fn policy(
    State(app): State<Arc<App>>,
    Extension(token): Extension<Arc<DefenderToken>>,
    headers: HeaderMap,
    Query(Function { function, region }): Query<Function>,
) -> Result<Response, ApiError> {
    token.check(&function, &region).map_err(ApiError::Forbidden)?;
    let published = app.policies.published(&token, &function).map_err(ApiError::internal)?;
    let refresh = HeaderValue::from((token.settings.interval_ms / 1000).max(1));
    let known = headers.get(IF_NONE_MATCH).is_some_and(|value| names(value, &published.etag));
    let common = [(NEXT_REFRESH, refresh), (ETAG, etag(&published.etag)?)];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let text = [(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))];
    Ok((common, text, published.body.clone()).into_response())
}

/// Store a batch of audits. Ids that are stored already change nothing.
#[utoipa::path(
    post, path = "/defender/audits", tag = "defender",
    request_body(content = Object, description = "{\"audits\": [...], \"dropped\": 0}; may be gzip"),
    responses(
        (status = 202, description = "All of them are stored"),
        (status = 400, description = "A field is wrong; the error names it"),
        (status = 403, description = "An audit is of another function or region than the token is for"),
        (status = 413, description = "Too large, as sent or when inflated"),
        (status = 503, description = "Full; `Retry-After` says when to try again"),
    ),
    security(("defender" = []))
)]
pub(super) async fn audits(
    State(app): State<Arc<App>>,
    Extension(token): Extension<Arc<DefenderToken>>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<StatusCode, ApiError> {
    let body = inflate(&headers, body)?;
    let batch = Batch::parse(&body).map_err(|error| malformed(&body, &error))?;
    let received = clock::now();
    let mut rows = Vec::with_capacity(batch.audits.len());
    for (i, audit) in batch.audits.iter().enumerate() {
        token
            .check(&audit.function, &audit.region)
            .map_err(|why| ApiError::Forbidden(format!("audits[{i}]: {why}")))?;
        rows.push(row(audit, received).map_err(ApiError::internal)?);
    }
    let loss = (batch.dropped > 0).then(|| {
        let function = batch.audits.first().map_or(&token.function, |audit| &audit.function).clone();
        tracing::warn!(%function, region = %token.region, count = batch.dropped, "a Defender had to drop audits");
        Loss { function, region: token.region.clone(), count: batch.dropped }
    });
    if rows.is_empty() && loss.is_none() {
        return Ok(StatusCode::ACCEPTED);
    }
    let size = body.len() + rows.len() * size_of::<NewAudit>();
    match app.ingest.store(rows, loss, size).await {
        Ok(()) => Ok(StatusCode::ACCEPTED),
        Err(Refused::Full | Refused::Failed) => Err(ApiError::Busy { seconds: BUSY_SECONDS }),
    }
}

/// What is wrong with a batch. Where its JSON has the wrong shape, a second look finds the path to it.
fn malformed(body: &[u8], error: &BatchError) -> ApiError {
    match (error, parse::<Batch>(body)) {
        (BatchError::Malformed(_), Err(named)) => named,
        _ => ApiError::Invalid(error.to_string()),
    }
}

fn inflate(headers: &HeaderMap, body: Bytes) -> Result<Bytes, ApiError> {
    match headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(body),
        Some(b"gzip") => {
            let mut inflated = Vec::new();
            let limit = INFLATED as u64 + 1;
            GzDecoder::new(&body[..])
                .take(limit)
                .read_to_end(&mut inflated)
                .map_err(|error| ApiError::Invalid(format!("the body is not gzip: {error}")))?;
            if inflated.len() > INFLATED { Err(ApiError::TooLarge) } else { Ok(inflated.into()) }
        }
        Some(other) => Err(ApiError::Invalid(format!(
            "Content-Encoding: `{}` is not known, only gzip is",
            String::from_utf8_lossy(other)
        ))),
    }
}

fn row(audit: &Audit, received: Millis) -> Result<NewAudit, serde_json::Error> {
    let text = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    Ok(NewAudit {
        id: audit.id.clone(),
        time: Millis::try_from(audit.time).unwrap_or(Millis::MAX),
        received,
        kind: text(serde_json::to_value(audit.kind)?),
        attack_type: text(serde_json::to_value(audit.attack_type)?),
        effect: text(serde_json::to_value(audit.effect)?),
        rule: audit.rule.clone(),
        function: audit.function.clone(),
        region: audit.region.clone(),
        account: audit.account.clone(),
        runtime: audit.runtime.clone(),
        request_id: audit.request_id.clone(),
        msg: audit.msg.clone(),
        record: serde_json::to_string(audit)?,
        count: audit.count,
        fold: fold(audit),
    })
}

/// What makes two findings one story: the same attack on the same place by the same client under the same rule. A scanner
/// sends thousands. Other violations stay on their own.
fn fold(audit: &Audit) -> Option<String> {
    let request = audit.request.as_ref().filter(|_| audit.kind == Kind::Waas)?;
    let parts = (
        (&audit.function, &audit.region, &audit.account, &audit.rule, audit.attack_type, audit.effect),
        (&request.attack_field, &request.method, &request.url_path, &request.client_ip),
    );
    serde_json::to_string(&parts).ok()
}

/// Whether an `If-None-Match` names this ETag; a weak mark does not matter for GET (RFC 9110, 13.1.2).
fn names(value: &HeaderValue, etag: &str) -> bool {
    value.to_str().is_ok_and(|list| {
        list.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag)
    })
}

fn etag(text: &str) -> Result<HeaderValue, ApiError> {
    HeaderValue::from_str(text).map_err(ApiError::internal)
}
