//! The Defender's lines in the function's log: one JSON object each, told apart by `gambeson`.

use serde::Serialize;
use serde_json::{Value, json};

/// The Defender protects: once per environment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    /// The Defender's version.
    pub version: String,
    /// System-call sites that were taken over.
    pub sites: u64,
    /// The policy that it started with.
    pub policy_revision: u64,
    /// What of it is in force, such as `processes: prevent`.
    pub in_force: Vec<String>,
    /// How long the start took.
    pub start_ms: f64,
    /// The runtime with its version.
    pub runtime: String,
    /// The C library.
    pub libc: String,
    /// Sites that could not be taken over, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
}

/// The Defender does not protect: once, instead of [`Started`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Disabled {
    /// Why, and what to do.
    pub reason: String,
    /// Whether the function does not run either.
    pub fail_closed: bool,
}

impl Started {
    /// The line.
    pub fn log_line(&self) -> String {
        line("started", self)
    }
}

impl Disabled {
    /// The line.
    pub fn log_line(&self) -> String {
        let mut value = json!({ "defender": "disabled" });
        merge(&mut value, self);
        line("disabled", &value)
    }
}

/// A line about something that is wrong.
pub fn warning(msg: &str) -> String {
    line("warning", &json!({ "msg": msg }))
}

/// A line for `TW_DEBUG_ENABLED`.
pub fn debug(msg: &str) -> String {
    line("debug", &json!({ "msg": msg }))
}

/// One object with `gambeson` in front. `serde_json` escapes line breaks, so it is one line.
pub(crate) fn line(kind: &str, fields: &impl Serialize) -> String {
    let mut value = json!({ "gambeson": kind });
    merge(&mut value, fields);
    value.to_string()
}

fn merge(value: &mut Value, fields: &impl Serialize) {
    // The types of this crate are objects of plain values: writing them does not fail.
    if let (Value::Object(value), Ok(Value::Object(fields))) = (value, serde_json::to_value(fields)) {
        value.extend(fields);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_begin_with_their_kind() {
        assert_eq!(warning("a\nb"), r#"{"gambeson":"warning","msg":"a\nb"}"#);
        let line = Disabled { reason: "no policy".into(), fail_closed: false }.log_line();
        assert_eq!(
            line,
            r#"{"gambeson":"disabled","defender":"disabled","reason":"no policy","failClosed":false}"#
        );
    }
}
