//! The WAAS rule of the policy, compiled.

use gambeson_policy::{CustomBlockResponse, Effect, WaasApplication, WaasRule};
use gambeson_waas::{Exception, Inspector, Location, Protection, Protections, Settings};

/// What is looked for in events, and what a finding leads to.
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) inspector: Inspector,
    /// What an event with more than is inspected leads to; `None` if bodies are left out on purpose, which exceeds no limit.
    pub(crate) over_limit: Option<Effect>,
    /// Audits show only the fragment that matched.
    pub(crate) redact: bool,
    /// The rule's own answer to a prevented request.
    pub(crate) answer: Option<CustomBlockResponse>,
    effects: [Effect; 5],
}

impl Rule {
    /// `None` if every protection is off. Also gives what could not be understood: such an exception does not hold.
    pub(crate) fn new(rule: &WaasRule) -> (Option<Self>, Vec<String>) {
        let mut problems = Vec::new();
        // Functions have one application.
        let Some(application) = rule.applications_spec.first() else { return (None, problems) };
        let effects = Protection::ALL.map(|protection| settings_of(application, protection).effect);
        let protections: Protections =
            Protection::ALL.into_iter().filter(|p| effects[*p as usize] != Effect::Disable).collect();
        if protections.is_empty() {
            return (None, problems);
        }
        let mut settings = Settings { protections, skip_body: application.body.skip, ..Settings::default() };
        if let Ok(limit @ 1..) = usize::try_from(application.body.inspection_size_bytes) {
            settings.body_limit = limit;
        }
        for protection in Protection::ALL {
            for field in &settings_of(application, protection).exception_fields {
                match exception(protection, field) {
                    Ok(exception) => settings.exceptions.push(exception),
                    Err(problem) => problems.push(format!(
                        "WAAS rule {:?}: an exception of {protection} is left out: {problem}",
                        rule.name
                    )),
                }
            }
        }
        let over_limit =
            (!application.body.skip).then_some(application.body.inspection_limit_exceeded_effect);
        let answer = &application.custom_block_response;
        let compiled = Self {
            name: rule.name.clone(),
            inspector: Inspector::new(settings),
            over_limit,
            redact: application.redact_events,
            answer: answer.enabled.then(|| answer.clone()),
            effects,
        };
        (Some(compiled), problems)
    }

    /// What a finding of `protection` leads to.
    pub(crate) fn effect(&self, protection: Protection) -> Effect {
        self.effects[protection as usize]
    }
}

fn settings_of(application: &WaasApplication, protection: Protection) -> &gambeson_policy::Protection {
    match protection {
        Protection::Sqli => &application.sqli,
        Protection::Cmdi => &application.cmdi,
        Protection::CodeInjection => &application.code_injection,
        Protection::Xss => &application.xss,
        Protection::Lfi => &application.lfi,
    }
}

fn exception(protection: Protection, field: &gambeson_policy::ExceptionField) -> Result<Exception, String> {
    let location = Location::from_name(&field.location)
        .ok_or_else(|| format!("there is no location {:?}", field.location))?;
    let (key, value) = if field.value_pattern { ("", Some(&*field.key)) } else { (&*field.key, None) };
    Exception::new(protection, location, key, field.key_pattern, value).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule(application: serde_json::Value) -> (Option<Rule>, Vec<String>) {
        Rule::new(&serde_json::from_value(json!({"name":"w","applicationsSpec":[application]})).unwrap())
    }

    #[test]
    fn a_rule_with_nothing_on_inspects_nothing() {
        assert!(rule(json!({})).0.is_none());
        assert!(rule(json!({"sqli":{"effect":"disable"}})).0.is_none());
        assert!(Rule::new(&WaasRule::default()).0.is_none());
        assert!(rule(json!({"lfi":{"effect":"alert"}})).0.is_some());
    }

    #[test]
    fn an_exception_that_is_no_pattern_is_named_and_left_out() {
        let (compiled, problems) = rule(json!({"xss":{"effect":"alert","exceptionFields":[
            {"location":"query","key":"(","keyPattern":true}]}}));
        assert!(compiled.is_some());
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("exception of xss is left out: invalid pattern"), "{problems:?}");
    }
}
