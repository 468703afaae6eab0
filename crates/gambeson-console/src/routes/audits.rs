//! Lists of audits, with the query parameters and property names of the Compute API.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderName;
use gambeson_audit::Audit;
use serde_json::Value;
use utoipa::IntoParams;

use crate::app::App;
use crate::clock;
use crate::error::ApiError;
use crate::store::{AuditFilter, AuditKind, AuditSort, StoredAudit};

/// As many as the system that we follow gives at once.
const DEFAULT_LIMIT: u64 = 50;
const MAX_LIMIT: u64 = 1000;
/// Values of one parameter, and characters of one value: each costs time in the database.
const MAX_VALUES: usize = 100;
const MAX_LENGTH: usize = 512;

type List = ([(HeaderName, String); 1], Json<Vec<Value>>);
type Parameters = Query<Vec<(String, String)>>;

/// Describes the parameters. They are read by [`filter`], as lists may come repeated or with commas.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "a description only")]
struct Filters {
    /// RFC 3339, inclusive.
    from: Option<String>,
    /// RFC 3339, exclusive.
    to: Option<String>,
    /// Names, with `*` for anything.
    function: Option<Vec<String>>,
    region: Option<Vec<String>>,
    runtime: Option<Vec<String>>,
    #[param(rename = "ruleName")]
    rule_name: Option<Vec<String>>,
    effect: Option<Vec<String>>,
    /// The tab of the rule; of firewall audits the attack.
    r#type: Option<Vec<String>>,
    #[param(rename = "attackType")]
    attack_type: Option<Vec<String>>,
    #[param(rename = "requestID")]
    request_id: Option<Vec<String>>,
    /// Text that occurs anywhere in the audit.
    msg: Option<Vec<String>>,
    /// The same.
    search: Option<String>,
    /// time, type, attackType, effect, ruleName, function or region; newest first if not given.
    sort: Option<String>,
    /// Descending.
    reverse: Option<bool>,
    offset: Option<u64>,
    /// At most 1000; 50 if not given.
    limit: Option<u64>,
}

/// Audits of runtime rules.
#[utoipa::path(
    get, path = "/audits/runtime/serverless", tag = "audits",
    params(Filters),
    responses((status = 200, body = Vec<Object>, headers(("Total-Count" = u64, description = "How many match in all")))),
    security(("session" = []))
)]
pub(super) async fn runtime(
    State(app): State<Arc<App>>,
    Query(parameters): Parameters,
) -> Result<List, ApiError> {
    list(&app, AuditKind::Runtime, &parameters).await
}

/// Audits of the application firewall.
#[utoipa::path(
    get, path = "/audits/firewall/app/serverless", tag = "audits",
    params(Filters),
    responses((status = 200, body = Vec<Object>, headers(("Total-Count" = u64, description = "How many match in all")))),
    security(("session" = []))
)]
pub(super) async fn waas(
    State(app): State<Arc<App>>,
    Query(parameters): Parameters,
) -> Result<List, ApiError> {
    list(&app, AuditKind::Waas, &parameters).await
}

async fn list(app: &App, kind: AuditKind, parameters: &[(String, String)]) -> Result<List, ApiError> {
    let filter = filter(kind, parameters)?;
    let page = app.store.audits(&filter).await?;
    let audits = page.audits.iter().map(present).collect::<Result<_, _>>().map_err(ApiError::internal)?;
    let total = [(HeaderName::from_static("total-count"), page.total.to_string())];
    Ok((total, Json(audits)))
}

fn filter(kind: AuditKind, parameters: &[(String, String)]) -> Result<AuditFilter, ApiError> {
    let mut filter = AuditFilter {
        kind,
        from: None,
        to: None,
        types: Vec::new(),
        attack_types: Vec::new(),
        effects: Vec::new(),
        rules: Vec::new(),
        functions: Vec::new(),
        regions: Vec::new(),
        runtimes: Vec::new(),
        request_ids: Vec::new(),
        search: Vec::new(),
        sort: AuditSort::Time,
        descending: true,
        offset: 0,
        limit: DEFAULT_LIMIT,
    };
    let mut reverse = None;
    let mut sorted = false;
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        let wrong = |why: &str| ApiError::Invalid(format!("{name}: {why}"));
        if value.len() > MAX_LENGTH {
            return Err(wrong("too long"));
        }
        let time =
            || clock::from_rfc3339(value).ok_or_else(|| wrong("must be a time such as 2026-01-31T12:00:00Z"));
        let number = || value.parse().map_err(|_| wrong("must be a whole number"));
        let values = match name.as_str() {
            "from" => {
                filter.from = Some(time()?);
                continue;
            }
            "to" => {
                filter.to = Some(time()?);
                continue;
            }
            "offset" => {
                filter.offset = number()?;
                continue;
            }
            "limit" => {
                filter.limit = number()?;
                if filter.limit > MAX_LIMIT {
                    return Err(wrong(&format!("at most {MAX_LIMIT}")));
                }
                continue;
            }
            "reverse" => {
                reverse = Some(value.parse().map_err(|_| wrong("must be true or false"))?);
                continue;
            }
            "sort" => {
                sorted = true;
                filter.sort = sort(kind, value).ok_or_else(|| wrong("there is no such order"))?;
                continue;
            }
            "search" | "msg" => {
                filter.search.push(value.clone());
                if filter.search.len() > MAX_VALUES {
                    return Err(wrong("too many values"));
                }
                continue;
            }
            // In firewall audits "type" is the attack.
            "type" if kind == AuditKind::Waas => &mut filter.attack_types,
            "type" => &mut filter.types,
            "attackType" => &mut filter.attack_types,
            "effect" => &mut filter.effects,
            "ruleName" => &mut filter.rules,
            "function" => &mut filter.functions,
            "region" => &mut filter.regions,
            "runtime" => &mut filter.runtimes,
            "requestID" => &mut filter.request_ids,
            // Parameters that mean nothing for functions are taken and ignored, as their senders expect.
            _ => continue,
        };
        values.extend(value.split(',').map(|value| match (name.as_str(), value.trim()) {
            ("effect", "block") => "prevent".to_owned(),
            (_, value) => value.to_owned(),
        }));
        if values.len() > MAX_VALUES {
            return Err(wrong("too many values"));
        }
    }
    // Newest first, unless an order is asked for.
    filter.descending = reverse.unwrap_or(!sorted);
    Ok(filter)
}

fn sort(kind: AuditKind, name: &str) -> Option<AuditSort> {
    Some(match name {
        "time" => AuditSort::Time,
        "type" if kind == AuditKind::Waas => AuditSort::AttackType,
        "type" => AuditSort::Type,
        "attackType" => AuditSort::AttackType,
        "effect" => AuditSort::Effect,
        "ruleName" => AuditSort::Rule,
        "function" => AuditSort::Function,
        "region" => AuditSort::Region,
        _ => return None,
    })
}

/// An audit under the Compute API's names, and when it came.
fn present(stored: &StoredAudit) -> Result<Value, serde_json::Error> {
    let mut shown = serde_json::from_str::<Audit>(&stored.record)?.to_compute_api();
    shown.insert("count".to_owned(), Value::from(stored.count));
    shown.insert("lastTime".to_owned(), Value::from(clock::to_rfc3339(stored.last)));
    shown.insert("received".to_owned(), Value::from(clock::to_rfc3339(stored.received)));
    Ok(Value::Object(shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &[(&str, &str)]) -> Result<AuditFilter, String> {
        let owned: Vec<_> = query.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        filter(AuditKind::Runtime, &owned).map_err(|error| error.to_string())
    }

    #[test]
    fn lists_are_repeated_or_separated_by_commas() {
        let filter =
            parse(&[("effect", "alert,block"), ("function", "a"), ("function", "b*"), ("ruleName", "")])
                .unwrap();
        assert_eq!(filter.effects, ["alert", "prevent"]);
        assert_eq!(filter.functions, ["a", "b*"]);
        assert!(filter.rules.is_empty() && filter.descending);
        assert!(!parse(&[("sort", "ruleName")]).unwrap().descending);
    }

    #[test]
    fn wrong_values_are_named() {
        for (name, value) in
            [("from", "now"), ("limit", "-1"), ("limit", "1001"), ("reverse", "yes"), ("sort", "msg; DROP")]
        {
            assert!(parse(&[(name, value)]).unwrap_err().starts_with(&format!("{name}: ")), "{name}={value}");
        }
        let many = vec!["x"; MAX_VALUES + 1].join(",");
        assert!(parse(&[("region", &many)]).unwrap_err().starts_with("region: too many"));
    }
}
