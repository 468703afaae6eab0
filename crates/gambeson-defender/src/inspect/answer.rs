//! What the caller gets instead of the handler's answer.

use gambeson_waas::EventSource;
use serde_json::{Value, json};

use super::Rule;

/// The answers to prevented events.
#[derive(Default)]
pub(crate) struct Answers {
    /// `TW_CUSTOM_RESPONSE`, as it was given.
    custom: Option<String>,
}

impl Answers {
    /// With the value of `TW_CUSTOM_RESPONSE`; an error says what is wrong with it.
    pub(crate) fn new(custom: Option<&str>) -> Result<Self, String> {
        let Some(custom) = custom else { return Ok(Self::default()) };
        match serde_json::from_str::<Value>(custom) {
            Ok(_) => Ok(Self { custom: Some(custom.to_owned()) }),
            Err(error) => Err(format!(
                "TW_CUSTOM_RESPONSE is not JSON ({error}); prevented events get the default answer"
            )),
        }
    }

    /// The answer for an event of `source`, as JSON: what the function's owner set, else what the rule says, else the
    /// default.
    pub(crate) fn to(&self, source: EventSource, rule: &Rule) -> String {
        if let Some(custom) = &self.custom {
            return custom.clone();
        }
        if !source.is_http() {
            return "null".to_owned();
        }
        match &rule.answer {
            Some(own) => http(source, own.code, "text/html; charset=utf-8", &own.body),
            None => http(source, 403, "application/json", r#"{"message":"Forbidden"}"#),
        }
        .to_string()
    }
}

fn http(source: EventSource, status: u16, content_type: &str, body: &str) -> Value {
    let mut answer = json!({
        "statusCode": status,
        "headers": { "Content-Type": content_type },
        "body": body,
        "isBase64Encoded": false,
    });
    if source == EventSource::Alb {
        // The load balancer wants the code with its reason, and takes any text for it.
        let reason = if status == 403 { "Forbidden" } else { "Prevented" };
        answer["statusDescription"] = json!(format!("{status} {reason}"));
    }
    answer
}

/// The answer of a batch source when no record is left: nothing failed, nothing is to be sent again.
pub(crate) fn nothing_left(source: EventSource) -> &'static str {
    match source {
        EventSource::Sqs | EventSource::Kinesis | EventSource::DynamoDb => r#"{"batchItemFailures":[]}"#,
        _ => "null",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(answer: Value) -> Rule {
        let rule = json!({"name":"w","applicationsSpec":[{"sqli":{"effect":"prevent"},"customBlockResponse":answer}]});
        Rule::new(&serde_json::from_value(rule).unwrap()).0.unwrap()
    }

    fn answer(custom: Option<&str>, source: EventSource, own: Value) -> Value {
        serde_json::from_str(&Answers::new(custom).unwrap().to(source, &rule(own))).unwrap()
    }

    #[test]
    fn each_source_gets_its_own_form() {
        let plain = |source| answer(None, source, json!({}));
        assert_eq!(plain(EventSource::ApiGatewayRest)["statusCode"], 403);
        assert_eq!(plain(EventSource::FunctionUrl)["body"], r#"{"message":"Forbidden"}"#);
        assert_eq!(plain(EventSource::Alb)["statusDescription"], "403 Forbidden");
        assert_eq!(plain(EventSource::EventBridge), Value::Null);
        assert_eq!(plain(EventSource::Unknown), Value::Null);
    }

    #[test]
    fn the_owners_answer_comes_first_then_the_rules() {
        let own = json!({"enabled":true,"code":451,"body":"<h1>no</h1>"});
        assert_eq!(answer(None, EventSource::Alb, own.clone())["statusDescription"], "451 Prevented");
        assert_eq!(answer(None, EventSource::ApiGatewayHttp, own.clone())["body"], "<h1>no</h1>");
        assert_eq!(answer(Some(r#"{"x":1}"#), EventSource::ApiGatewayHttp, own.clone()), json!({"x":1}));
        assert_eq!(answer(Some("7"), EventSource::EventBridge, own), json!(7));
    }

    #[test]
    fn an_answer_that_is_no_json_is_said() {
        assert!(Answers::new(Some("no")).err().unwrap().contains("TW_CUSTOM_RESPONSE is not JSON"));
    }
}
