//! Policies as they are shown: with every field of the Compute API that a script may look up, also where a rule leaves it at its default.
//! They are stored without, because a Defender's document has little room.

use gambeson_policy::{RuntimePolicy, WaasPolicy};
use serde::Serialize;
use serde_json::{Value, json};

pub(super) fn runtime(policy: &RuntimePolicy) -> Value {
    let lists = json!({"effect": "disable", "whitelist": [], "blacklist": []});
    complete(
        policy,
        &json!({
            "disabled": false, "collections": [], "advancedProtection": false, "cloudMetadataEnforcement": false,
            "processes": {
                "effect": "disable", "blockAllBinaries": false, "checkCryptoMiners": false, "whitelist": [],
                "blacklist": [],
            },
            "network": {
                "effect": "disable", "whitelistIPs": [], "blacklistIPs": [], "whitelistOutboundPorts": [],
                "blacklistOutboundPorts": [], "whitelistListeningPorts": [], "blacklistListeningPorts": [],
            },
            "dns": lists, "filesystem": lists,
        }),
    )
}

pub(super) fn waas(policy: &WaasPolicy) -> Value {
    let protection = json!({"effect": "disable", "exceptionFields": []});
    let mut shown = complete(policy, &json!({"disabled": false, "collections": [], "applicationsSpec": []}));
    let defaults = json!({
        "sqli": protection, "cmdi": protection, "codeInjection": protection, "xss": protection, "lfi": protection,
    });
    for rule in list(&mut shown["rules"]) {
        list(&mut rule["applicationsSpec"]).for_each(|application| fill(application, &defaults));
    }
    shown
}

fn complete(policy: &impl Serialize, rule: &Value) -> Value {
    // A policy is made of maps with text keys and numbers that JSON has, so there is nothing that could fail.
    let mut shown = serde_json::to_value(policy).unwrap_or_default();
    list(&mut shown["rules"]).for_each(|shown| fill(shown, rule));
    shown
}

fn list(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_array_mut().into_iter().flatten()
}

/// Adds what is missing, at every depth, and changes nothing that is there.
fn fill(value: &mut Value, defaults: &Value) {
    let (Value::Object(value), Value::Object(defaults)) = (value, defaults) else { return };
    for (name, default) in defaults {
        match value.get_mut(name) {
            Some(there) => fill(there, default),
            None => {
                value.insert(name.clone(), default.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_shown_and_writing_it_back_changes_nothing() {
        let policy: RuntimePolicy = serde_json::from_value(
            json!({"rules": [{"name": "a", "processes": {"effect": "alert"}, "other": 7}]}),
        )
        .unwrap();
        let shown = runtime(&policy);
        let rule = &shown["rules"][0];
        assert_eq!(rule["processes"]["effect"], "alert");
        assert_eq!(rule["processes"]["whitelist"], json!([]));
        assert_eq!(rule["dns"]["effect"], "disable");
        assert_eq!(rule["other"], 7);
        assert_eq!(serde_json::from_value::<RuntimePolicy>(shown).unwrap(), policy);

        let policy: WaasPolicy = serde_json::from_value(
            json!({"rules": [{"name": "a", "applicationsSpec": [{"sqli": {"effect": "alert"}}]}]}),
        )
        .unwrap();
        let shown = waas(&policy);
        let application = &shown["rules"][0]["applicationsSpec"][0];
        assert_eq!(application["sqli"], json!({"effect": "alert", "exceptionFields": []}));
        assert_eq!(application["xss"]["effect"], "disable");
        assert_eq!(serde_json::from_value::<WaasPolicy>(shown).unwrap(), policy);
    }
}
