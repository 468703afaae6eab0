//! Events under the WAAS rule in force. Runs in the handler's thread before the handler, never on the decision path.

mod answer;
mod rule;

use gambeson_audit::{AttackType, Request};
use gambeson_policy::Effect;
use gambeson_waas::{EventSource, Finding, Inspection, Protection};

pub(crate) use answer::Answers;
pub(crate) use rule::Rule;

use crate::invocation::Verdict;

/// A finding is prevented from this score on; with less evidence it is reported only, so that a user can turn to
/// prevent on the first day.
const PREVENT_FROM: u8 = 65;

/// Bytes of an event that an audit shows.
const SHOWN: usize = 4096;

/// One thing that is wrong with an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) attack: AttackType,
    pub(crate) effect: Effect,
    pub(crate) field: String,
    /// The part that matched, without secrets, and why it did.
    pub(crate) what: String,
    record: Option<usize>,
}

/// What is wrong with an event, and what becomes of it.
pub(crate) struct Judgement {
    pub(crate) violations: Vec<Violation>,
    /// What audits say of the request, without secrets; empty if nothing is wrong.
    pub(crate) request: Request,
    /// Bytes that a limit left out.
    pub(crate) uninspected: usize,
    pub(crate) verdict: Verdict,
}

/// Inspects an event.
pub(crate) fn judge(rule: &Rule, answers: &Answers, event: &[u8]) -> Judgement {
    let inspection = rule.inspector.inspect(event);
    let mut violations: Vec<Violation> =
        inspection.findings.iter().map(|finding| violation(rule, finding)).collect();
    let uninspected = if rule.over_limit.is_some() { inspection.uninspected_bytes } else { 0 };
    if let Some(effect @ (Effect::Alert | Effect::Prevent)) = rule.over_limit
        && uninspected > 0
    {
        violations.push(Violation {
            attack: AttackType::InspectionLimitExceeded,
            effect,
            field: "event".to_owned(),
            what: format!("{} bytes are beyond the limit", inspection.uninspected_bytes),
            record: None,
        });
    }
    let prevented: Vec<&Violation> = violations.iter().filter(|v| v.effect == Effect::Prevent).collect();
    let verdict = if prevented.is_empty() {
        Verdict::Allow
    } else if inspection.source.is_batch() {
        rest_of_batch(inspection.source, event, &prevented)
    } else {
        Verdict::Prevent(answers.to(inspection.source, rule))
    };
    let request =
        if violations.is_empty() { Request::default() } else { request(inspection, event, rule.redact) };
    Judgement { violations, request, uninspected, verdict }
}

fn request(inspection: Inspection, event: &[u8], redact: bool) -> Request {
    let http = inspection.request.unwrap_or_default();
    Request {
        method: http.method,
        url_path: http.path,
        url_query: http.query.filter(|_| !redact).map(|query| gambeson_waas::mask_fragment("", &query)),
        request_host: http.host,
        client_ip: http.client_address,
        user_agent: http.user_agent,
        raw_event: (!redact).then(|| gambeson_waas::mask_event(event, SHOWN)),
        uninspected_bytes: inspection.uninspected_bytes as u64,
        ..Request::default()
    }
}

fn violation(rule: &Rule, finding: &Finding) -> Violation {
    let effect = match rule.effect(finding.protection) {
        Effect::Prevent if finding.score < PREVENT_FROM => Effect::Alert,
        effect => effect,
    };
    Violation {
        attack: attack(finding.protection),
        effect,
        field: finding.field.clone(),
        what: format!(
            "{} ({})",
            gambeson_waas::mask_fragment(&finding.field, finding.fragment()),
            finding.reason
        ),
        record: finding.record,
    }
}

fn attack(protection: Protection) -> AttackType {
    match protection {
        Protection::Sqli => AttackType::Sqli,
        Protection::Cmdi => AttackType::Cmdi,
        Protection::CodeInjection => AttackType::CodeInjection,
        Protection::Xss => AttackType::Xss,
        Protection::Lfi => AttackType::Lfi,
    }
}

/// The batch without its bad records. A bad record that came back for ever would be worse than one that is lost.
fn rest_of_batch(source: EventSource, event: &[u8], prevented: &[&Violation]) -> Verdict {
    // What is wrong with no record in particular is wrong with all of them.
    let unwanted = |index| prevented.iter().any(|v| v.record.is_none_or(|record| record == index));
    match gambeson_waas::without_records(event, unwanted) {
        Some((rest, left)) if left > 0 => Verdict::Replaced(String::from_utf8_lossy(&rest).into_owned()),
        _ => Verdict::Prevent(answer::nothing_left(source).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use gambeson_policy::WaasRule;
    use serde_json::{Value, json};

    use super::*;

    fn rule(application: Value) -> Rule {
        let rule: WaasRule =
            serde_json::from_value(json!({ "name": "w", "applicationsSpec": [application] })).unwrap();
        Rule::new(&rule).0.expect("something is on")
    }

    fn judged(application: Value, event: &Value) -> (Vec<Violation>, Verdict) {
        let judgement = judge(&rule(application), &Answers::default(), event.to_string().as_bytes());
        (judgement.violations, judgement.verdict)
    }

    fn http(query: &str) -> Value {
        json!({"version":"2.0","rawPath":"/","rawQueryString":query,"headers":{},
               "requestContext":{"http":{"method":"GET","path":"/"}},"isBase64Encoded":false})
    }

    fn queue(bodies: &[&str]) -> Value {
        let records: Vec<_> =
            bodies.iter().map(|body| json!({"messageId":"m","body":body,"eventSource":"aws:sqs"})).collect();
        json!({ "Records": records })
    }

    const ATTACK: &str = "' UNION SELECT password FROM users--";
    const SQLI: &str = "id=1%27%20UNION%20SELECT%20password%20FROM%20users--";

    #[test]
    fn an_attack_is_reported_or_prevented_as_the_protection_says() {
        let (violations, verdict) = judged(json!({"sqli":{"effect":"alert"}}), &http(SQLI));
        assert_eq!((violations.len(), violations[0].effect, &verdict), (1, Effect::Alert, &Verdict::Allow));
        assert_eq!(
            (violations[0].attack, &*violations[0].field),
            (AttackType::Sqli, "queryStringParameters.id")
        );

        let (violations, verdict) = judged(json!({"sqli":{"effect":"prevent"}}), &http(SQLI));
        assert_eq!(violations[0].effect, Effect::Prevent);
        let Verdict::Prevent(answer) = verdict else { panic!("{verdict:?}") };
        assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["statusCode"], 403);

        assert_eq!(judged(json!({"xss":{"effect":"prevent"}}), &http(SQLI)), (Vec::new(), Verdict::Allow));
        assert_eq!(judged(json!({"sqli":{"effect":"prevent"}}), &http("id=1")), (Vec::new(), Verdict::Allow));
    }

    #[test]
    fn bad_records_are_taken_out_of_a_batch() {
        let prevent = json!({"sqli":{"effect":"prevent"}});
        let (violations, verdict) = judged(prevent.clone(), &queue(&["one", ATTACK, "three"]));
        assert_eq!(violations.len(), 1);
        assert_eq!(violations[0].field, "Records[1].body");
        let Verdict::Replaced(rest) = verdict else { panic!("{verdict:?}") };
        assert_eq!(serde_json::from_str::<Value>(&rest).unwrap(), queue(&["one", "three"]));

        let (violations, verdict) = judged(prevent, &queue(&[ATTACK, ATTACK]));
        assert_eq!(violations.len(), 2);
        assert_eq!(verdict, Verdict::Prevent(r#"{"batchItemFailures":[]}"#.to_owned()));
    }

    #[test]
    fn exceptions_hold() {
        let excepted =
            json!({"sqli":{"effect":"prevent","exceptionFields":[{"location":"query","key":"id"}]}});
        assert_eq!(judged(excepted, &http(SQLI)), (Vec::new(), Verdict::Allow));
    }

    #[test]
    fn what_is_beyond_the_limit_is_reported_if_the_rule_says_so() {
        let mut event = http("a=b");
        event["body"] = json!("x".repeat(1000));
        let body = |effect: &str| {
            json!({"sqli":{"effect":"alert"},
                   "body":{"inspectionSizeBytes":100,"inspectionLimitExceededEffect":effect}})
        };
        assert_eq!(judged(body("disable"), &event), (Vec::new(), Verdict::Allow));
        let (violations, verdict) = judged(body("alert"), &event);
        assert_eq!(violations[0].attack, AttackType::InspectionLimitExceeded);
        assert_eq!(violations[0].what, "900 bytes are beyond the limit");
        assert_eq!(verdict, Verdict::Allow);
        assert!(matches!(judged(body("prevent"), &event).1, Verdict::Prevent(_)));
    }

    #[test]
    fn an_audit_says_which_request_it_was() {
        let event = http(&format!("{SQLI}&password=hunter2"));
        let alert = rule(json!({"sqli":{"effect":"alert"}}));
        let request = judge(&alert, &Answers::default(), event.to_string().as_bytes()).request;
        assert_eq!((request.method.as_deref(), request.url_path.as_deref()), (Some("GET"), Some("/")));
        let query = request.url_query.unwrap();
        assert!(query.starts_with("id=") && query.ends_with("password=***"), "{query}");
        assert!(!request.raw_event.unwrap().contains("hunter2"));

        let redacting = rule(json!({"sqli":{"effect":"alert"},"redactEvents":true}));
        let judgement = judge(&redacting, &Answers::default(), event.to_string().as_bytes());
        assert_eq!((judgement.request.url_query, judgement.request.raw_event), (None, None));
        assert!(judgement.violations[0].what.contains("UNION SELECT"));
    }

    #[test]
    fn secrets_do_not_reach_the_audit() {
        let (violations, _) = judged(
            json!({"sqli":{"effect":"alert"}}),
            &http("password=1%27%20UNION%20SELECT%20password%20FROM%20users--"),
        );
        assert!(violations[0].what.starts_with("*** ("), "{violations:?}");
    }
}
