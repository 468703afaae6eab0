//! What came of an event.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One event given to a function, and what came of it.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Lambda's request id.
    pub request_id: String,
    /// The function's answer, or why there is none.
    pub outcome: Result<Response, FunctionError>,
    /// What the function printed, line by line.
    pub log: Vec<String>,
    /// Milliseconds from the moment the event was given to the arrival of the whole answer.
    pub ms: f64,
    /// The most memory that the runtime's process ever had resident, in KiB; 0 if it could not be read.
    pub peak_kb: u64,
}

impl Invocation {
    /// The audits in the log, as the Defender wrote them.
    pub fn audits(&self) -> Vec<Value> {
        audits(&self.log)
    }
}

/// The audits among log lines.
pub fn audits(log: &[String]) -> Vec<Value> {
    log.iter()
        .filter(|line| line.starts_with('{') && line.contains("\"gambeson\""))
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["gambeson"] == "audit")
        .collect()
}

/// A function's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The bytes as they were sent.
    pub body: Vec<u8>,
    /// Their type, as the runtime client said.
    pub content_type: String,
    /// Whether the function streamed it.
    pub streamed: bool,
}

impl Response {
    /// The answer as JSON; what is not JSON is a JSON string.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&self.body).into_owned()))
    }
}

/// An error in Lambda's form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct FunctionError {
    /// `Runtime.ImportModuleError`, `ValueError`, `Sandbox.Timedout`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The sentence.
    pub message: String,
    /// The stack, as the runtime client wrote it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<String>,
}

impl FunctionError {
    /// Reads what runtime clients post: `{"errorType", "errorMessage", "stackTrace" | "trace"}`. The type may be in a header only.
    pub(crate) fn parse(body: &[u8], kind: Option<&str>) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let trace = [&body["stackTrace"], &body["trace"]].into_iter().find_map(Value::as_array);
        Self {
            kind: text("errorType")
                .or(kind.map(str::to_owned))
                .unwrap_or_else(|| "Runtime.Unknown".to_owned()),
            message: text("errorMessage").unwrap_or_default(),
            trace: trace.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_both_clients_are_read() {
        let python =
            br#"{"errorMessage":"no","errorType":"ValueError","requestId":"1","stackTrace":["a","b"]}"#;
        let error = FunctionError::parse(python, None);
        assert_eq!((error.kind.as_str(), error.message.as_str(), error.trace.len()), ("ValueError", "no", 2));
        let node = br#"{"errorType":"Error","errorMessage":"no","trace":["Error: no","at x"]}"#;
        assert_eq!(FunctionError::parse(node, Some("Error")).trace[1], "at x");
        assert_eq!(FunctionError::parse(b"garbage", Some("Unhandled")).kind, "Unhandled");
    }

    #[test]
    fn only_whole_audit_lines_are_audits() {
        let log: Vec<String> = [
            r#"{"gambeson":"audit","id":"1"}"#,
            r#"{"gambeson":"started"}"#,
            r#"say {"gambeson":"audit"}"#,
            r#"{"gambeson":"audit""#,
        ]
        .map(str::to_owned)
        .into();
        assert_eq!(audits(&log), [serde_json::json!({"gambeson": "audit", "id": "1"})]);
    }
}
