//! What a Defender sends to the Console, and how the Console takes it: everything in it may be an attacker's.

use serde::{Deserialize, Serialize};

use crate::audit::Audit;

/// Audits in one batch at most.
const AUDITS: usize = 1000;
/// An id is letters, digits, `-` and `_`, this many at most.
const ID: usize = 64;
/// Bytes in a text at most.
const TEXT: usize = 16 * 1024;

/// A number of audits, and how many were dropped before them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The audits, oldest first.
    pub audits: Vec<Audit>,
    /// How many there was no room for.
    #[serde(default)]
    pub dropped: u64,
}

/// A batch that is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// Not the JSON of a batch.
    #[error("not a batch of audits: {0}")]
    Malformed(String),
    /// More than a batch may have.
    #[error("audits: {0} in one batch, {AUDITS} are possible")]
    TooMany(usize),
    /// A field of an audit.
    #[error("audits[{index}].{field}: {problem}")]
    Field {
        /// Which audit.
        index: usize,
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl Batch {
    /// Takes a batch from the network. The caller limits the length of `body`.
    pub fn parse(body: &[u8]) -> Result<Self, BatchError> {
        let batch: Self =
            serde_json::from_slice(body).map_err(|error| BatchError::Malformed(error.to_string()))?;
        if batch.audits.len() > AUDITS {
            return Err(BatchError::TooMany(batch.audits.len()));
        }
        for (index, audit) in batch.audits.iter().enumerate() {
            check(audit).map_err(|(field, problem)| BatchError::Field { index, field, problem })?;
        }
        Ok(batch)
    }
}

fn check(audit: &Audit) -> Result<(), (&'static str, String)> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    if audit.id.is_empty() || audit.id.len() > ID || !audit.id.chars().all(is_plain) {
        return Err(("id", format!("1 to {ID} letters, digits, - or _")));
    }
    if audit.function.is_empty() {
        return Err(("function", "is missing".to_owned()));
    }
    if let Some(request) = &audit.request {
        for (field, text) in [
            ("attackField", Some(&request.attack_field)),
            ("method", request.method.as_ref()),
            ("urlPath", request.url_path.as_ref()),
            ("urlQuery", request.url_query.as_ref()),
            ("requestHost", request.request_host.as_ref()),
            ("clientIp", request.client_ip.as_ref()),
            ("userAgent", request.user_agent.as_ref()),
            ("rawEvent", request.raw_event.as_ref()),
        ] {
            check_text(field, text)?;
        }
    }
    for (field, text) in [
        ("rule", Some(&audit.rule)),
        ("function", Some(&audit.function)),
        ("region", Some(&audit.region)),
        ("account", audit.account.as_ref()),
        ("runtime", Some(&audit.runtime)),
        ("requestId", audit.request_id.as_ref()),
        ("msg", Some(&audit.msg)),
        ("processPath", audit.process_path.as_ref()),
        ("command", audit.command.as_ref()),
        ("ip", audit.target.ip.as_ref()),
        ("domain", audit.target.domain.as_ref()),
        ("filepath", audit.target.filepath.as_ref()),
    ] {
        check_text(field, text)?;
    }
    Ok(())
}

fn check_text(field: &'static str, text: Option<&String>) -> Result<(), (&'static str, String)> {
    match text.filter(|text| text.len() > TEXT) {
        None => Ok(()),
        Some(text) => Err((field, format!("{} bytes, {TEXT} are possible", text.len()))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(change: impl Fn(&mut serde_json::Value)) -> Result<Batch, BatchError> {
        let audit = Audit { id: "a1".into(), function: "ping".into(), ..Audit::default() };
        let mut body = json!({ "audits": [audit], "dropped": 3 });
        change(&mut body);
        Batch::parse(body.to_string().as_bytes())
    }

    #[test]
    fn what_is_sent_is_taken() {
        let batch = parse(|_| {}).unwrap();
        assert_eq!((batch.audits.len(), batch.dropped), (1, 3));
        assert_eq!(Batch::parse(&serde_json::to_vec(&batch).unwrap()), Ok(batch));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let says = |change: fn(&mut serde_json::Value), expected: &str| {
            let error = parse(change).unwrap_err().to_string();
            assert!(error.contains(expected), "{error} does not say {expected}");
        };
        says(|body| body["audits"][0]["id"] = json!("a b"), "audits[0].id");
        says(|body| body["audits"][0]["id"] = json!("x".repeat(65)), "audits[0].id");
        says(|body| body["audits"][0]["function"] = json!(""), "audits[0].function");
        says(|body| body["audits"][0]["command"] = json!("x".repeat(TEXT + 1)), "audits[0].command");
        says(|body| body["audits"][0]["effect"] = json!("explode"), "explode");
        says(|body| body["audits"] = json!(vec![body["audits"][0].clone(); AUDITS + 1]), "1001");
        says(|body| body["audits"] = json!("none"), "not a batch");
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let body = format!("{{\"audits\":{}", "[".repeat(100_000));
        assert!(matches!(Batch::parse(body.as_bytes()), Err(BatchError::Malformed(_))));
    }
}
