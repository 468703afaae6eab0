//! The audit record.

use gambeson_policy::Effect;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::attack::{AttackType, Kind};
use crate::target::Target;

/// Bytes of a text in a log line at most.
const LOGGED: usize = 4096;

/// One violation, as reported.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    /// When, in milliseconds since 1970.
    pub time: u64,
    /// Its own id: reported twice, it is one audit.
    pub id: String,
    /// The tab or policy that was violated.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What was done.
    pub attack_type: AttackType,
    /// What the violation led to.
    pub effect: Effect,
    /// The rule that was violated.
    pub rule: String,
    /// The function.
    pub function: String,
    /// The region it runs in.
    pub region: String,
    /// The account it belongs to, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The runtime with its version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub runtime: String,
    /// The request during which it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// A sentence for a person.
    pub msg: String,
    /// The process that did it.
    #[serde(default)]
    pub pid: u32,
    /// The program's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process_path: Option<String>,
    /// The program's command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// What was to be reached.
    #[serde(default, flatten)]
    pub target: Target,
    /// The revision of the policy that was in force.
    #[serde(default)]
    pub policy_revision: u64,
    /// How many alike it stands for.
    #[serde(default = "one")]
    pub count: u32,
    /// The fields of a WAAS audit.
    #[serde(default, flatten, skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
}

/// What a WAAS audit says of the request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The field that the attack was found in.
    pub attack_field: String,
    /// HTTP method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// URL path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url_path: Option<String>,
    /// URL query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url_query: Option<String>,
    /// Host header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_host: Option<String>,
    /// The client's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_ip: Option<String>,
    /// User agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The event, as far as its limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_event: Option<String>,
    /// Bytes of the event that a limit kept from being inspected.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub uninspected_bytes: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn one() -> u32 {
    1
}

impl Audit {
    /// The line for the function's log: one JSON object, no line break inside.
    ///
    /// Long texts are cut with a mark: CloudWatch splits what is longer than 256 KB, and a line in two is no JSON.
    pub fn log_line(&self) -> String {
        let mut audit = self.clone();
        cut(&mut audit.msg);
        let target = &mut audit.target;
        for text in [&mut audit.command, &mut audit.process_path, &mut target.domain, &mut target.filepath]
            .into_iter()
            .flatten()
        {
            cut(text);
        }
        if let Some(request) = &mut audit.request {
            cut(&mut request.attack_field);
            for text in [
                &mut request.method,
                &mut request.url_path,
                &mut request.url_query,
                &mut request.request_host,
                &mut request.client_ip,
                &mut request.user_agent,
                &mut request.raw_event,
            ]
            .into_iter()
            .flatten()
            {
                cut(text);
            }
        }
        crate::log::line("audit", &audit)
    }

    /// The Compute API's `shared.AppFirewallAudit` for WAAS, else its `shared.RuntimeAudit`.
    pub fn to_compute_api(&self) -> Map<String, Value> {
        match self.kind {
            Kind::Waas => self.firewall_audit(),
            Kind::Processes | Kind::Network | Kind::Filesystem => self.runtime_audit(),
        }
    }

    fn runtime_audit(&self) -> Map<String, Value> {
        filled(json!({
            "_id": self.id, "time": rfc3339(self.time), "type": self.kind, "attackType": self.attack_type,
            "effect": self.effect, "ruleName": self.rule, "function": self.function, "functionID": self.function,
            "region": self.region, "accountID": self.account, "provider": "aws", "runtime": self.runtime,
            "requestID": self.request_id, "msg": self.msg, "pid": self.pid, "processPath": self.process_path,
            "command": self.command, "ip": self.target.ip, "port": self.target.port, "domain": self.target.domain,
            "filepath": self.target.filepath, "count": self.count, "attackTechniques": [self.attack_type.technique_name()],
            "policyRevision": self.policy_revision,
        }))
    }

    fn firewall_audit(&self) -> Map<String, Value> {
        let none = Request::default();
        let request = self.request.as_ref().unwrap_or(&none);
        filled(json!({
            "_id": self.id, "time": rfc3339(self.time), "type": self.attack_type, "effect": self.effect,
            "ruleName": self.rule, "function": self.function, "functionID": self.function, "region": self.region,
            "accountID": self.account, "provider": "aws", "runtime": self.runtime, "requestID": self.request_id,
            "msg": self.msg, "count": self.count, "protection": "firewall", "owaspTop10": self.attack_type.owasp(),
            "attackTechniques": [self.attack_type.technique_name()],
            "attackField": { "key": request.attack_field }, "method": request.method, "urlPath": request.url_path,
            "urlQuery": request.url_query, "requestHost": request.request_host, "subnet": request.client_ip,
            "userAgentHeader": request.user_agent, "rawEvent": request.raw_event,
            "uninspectedBytes": (request.uninspected_bytes > 0).then_some(request.uninspected_bytes),
            "policyRevision": self.policy_revision,
        }))
    }
}

/// An object without what is not known.
fn filled(value: Value) -> Map<String, Value> {
    let Value::Object(fields) = value else { return Map::new() };
    fields.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

/// Cuts a text for the log, between two characters.
fn cut(text: &mut String) {
    if text.len() > LOGGED {
        let boundary = (0..=LOGGED).rev().find(|&index| text.is_char_boundary(index));
        text.truncate(boundary.unwrap_or(0));
        text.push('…');
    }
}

/// A time as the Compute API writes it. By the civil-from-days method of Howard Hinnant's "chrono-compatible low-level
/// date algorithms".
fn rfc3339(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    let days = (seconds / 86_400) as i64 + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", milliseconds % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_is_one_line_of_json() {
        let audit = Audit {
            id: "a1".into(),
            msg: "line\nbreak".into(),
            command: Some("sh -c 'a\nb'".into()),
            effect: Effect::Prevent,
            count: 1,
            ..Audit::default()
        };
        let line = audit.log_line();
        assert!(!line.contains('\n'));
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["gambeson"], "audit");
        assert_eq!(value["type"], "processes");
        assert_eq!(value["attackType"], "unexpectedProcess");
        assert_eq!(value["effect"], "prevent");
        assert_eq!(serde_json::from_str::<Audit>(&line).unwrap(), audit);
    }

    #[test]
    fn a_log_line_is_bounded_and_says_that_it_was_cut() {
        let audit = Audit { command: Some("ä".repeat(100_000)), ..Audit::default() };
        let line = audit.log_line();
        assert!(line.len() < 3 * LOGGED, "{}", line.len());
        assert!(line.contains("ä…\""));
    }

    #[test]
    fn a_waas_audit_has_the_firewall_audits_names() {
        let request =
            Request { attack_field: "query.q".into(), method: Some("GET".into()), ..Request::default() };
        let audit = Audit {
            kind: Kind::Waas,
            attack_type: AttackType::Sqli,
            request: Some(request),
            ..Audit::default()
        };
        assert_eq!(serde_json::from_str::<Audit>(&audit.log_line()).unwrap(), audit);
        let shown = audit.to_compute_api();
        assert_eq!((&shown["type"], &shown["owaspTop10"]), (&json!("sqli"), &json!("injection")));
        assert_eq!((&shown["attackField"]["key"], &shown["method"]), (&json!("query.q"), &json!("GET")));
        assert!(!shown.contains_key("urlPath"));
    }

    #[test]
    fn times_are_written_as_the_compute_api_does() {
        for (milliseconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_123, "2000-02-29T00:00:00.123Z"),
            (1_795_508_471_000, "2026-11-24T08:21:11.000Z"),
        ] {
            assert_eq!(rfc3339(milliseconds), text);
        }
    }

    #[test]
    fn the_compute_api_gets_its_own_names() {
        let audit =
            Audit { id: "a1".into(), rule: "r".into(), request_id: Some("q".into()), ..Audit::default() };
        let shown = audit.to_compute_api();
        assert_eq!(
            (&shown["_id"], &shown["ruleName"], &shown["requestID"]),
            (&json!("a1"), &json!("r"), &json!("q"))
        );
        assert!(!shown.contains_key("command"));
        assert_eq!(shown["attackTechniques"], json!(["nativeBinaryExecution"]));
    }
}
