//! The history of changes.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::clock;
use crate::error::ApiError;
use crate::store::HistoryEntry;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    #[serde(default)]
    offset: u64,
    /// At most 1000; 50 if not given.
    #[serde(default = "default_limit")]
    limit: u64,
}

/// One change.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = shared::MgmtAudit)]
pub(super) struct Change {
    time: String,
    /// `rule`, `user` or `pairing`
    r#type: &'static str,
    username: String,
    #[serde(rename = "sourceIP")]
    source_ip: String,
    /// What was changed.
    subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// Who changed what, when, from where; the newest first.
#[utoipa::path(
    get, path = "/audits/mgmt", tag = "audits", params(Page),
    responses((status = 200, body = Vec<Change>)),
    security(("session" = []))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Query(page): Query<Page>,
) -> Result<Json<Vec<Change>>, ApiError> {
    if page.limit > 1000 {
        return Err(ApiError::Invalid("limit: at most 1000".into()));
    }
    let entries = app.store.history(page.offset, page.limit).await?;
    Ok(Json(entries.into_iter().map(change).collect()))
}

fn default_limit() -> u64 {
    50
}

fn change(entry: HistoryEntry) -> Change {
    let r#type = match entry.subject.split(' ').next() {
        Some("user") => "user",
        Some("defender") => "pairing",
        _ => "rule",
    };
    Change {
        time: clock::to_rfc3339(entry.time),
        r#type,
        username: entry.author.name,
        source_ip: entry.author.source,
        subject: entry.subject,
        revision: entry.revision,
        before: entry.old,
        after: entry.new,
    }
}
