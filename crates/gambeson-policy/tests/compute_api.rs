//! The Compute API's documents: read, kept whole, written under the same names.

use gambeson_policy::{Effect, RuntimePolicy, WaasPolicy};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn fields_that_mean_nothing_for_functions_are_given_back() {
    let written = json!({
        "_id": "serverlessRuntime", "learningDisabled": true, "somethingNew": { "a": [1, 2] },
        "rules": [{
            "name": "rule", "previousName": "old", "notes": "why", "owner": "ana", "modified": "2026-01-01T00:00:00Z",
            "disabled": true, "kubernetesEnforcement": true, "wildFireAnalysis": "alert",
            "collections": [{ "name": "All", "functions": ["*"], "hosts": ["*"], "color": "#FF0000" }],
            "processes": { "effect": "alert", "checkLateralMovement": true, "whitelist": ["/bin/true"] },
            "network": { "effect": "disable", "whitelistOutboundPorts": [{ "start": 1, "end": 2, "deny": true, "new": 1 }], "x": null },
            "dns": { "effect": "prevent", "blacklist": ["*.example.com"] },
            "filesystem": { "effect": "prevent", "checkNewFiles": false, "reads": true }
        }]
    });
    let policy: RuntimePolicy = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(serde_json::to_value(policy).unwrap(), written);
}

#[test]
fn both_spellings_and_null_lists_are_read() {
    let policy: RuntimePolicy = serde_json::from_value(json!({ "rules": [{
        "name": "rule", "processes": { "effect": "block", "allowedList": ["a"], "blacklist": null }
    }] }))
    .unwrap();
    let processes = &policy.rules[0].processes;
    assert_eq!((processes.effect, &processes.allow[..]), (Effect::Prevent, &["a".to_owned()][..]));
    assert!(processes.deny.is_empty());
    let written = serde_json::to_value(processes).unwrap();
    assert_eq!(written, json!({ "effect": "prevent", "whitelist": ["a"] }));
}

#[test]
fn a_waas_rule_is_read_with_its_exceptions() {
    let written = json!({ "_id": "x", "rules": [{
        "name": "waas", "collections": [{ "name": "All" }], "windows": false,
        "applicationsSpec": [{ "appID": "app-0001", "sqli": { "effect": "prevent", "exceptionFields":
            [{ "location": "query", "key": "q", "keyPattern": true, "valuePattern": true, "response": false }] },
            "cmdi": { "effect": "alert" }, "body": { "skip": true, "inspectionSizeBytes": 131072, "new": 1 },
            "customBlockResponse": { "enabled": true, "code": 418, "body": "no" }, "attackTools": { "effect": "reCAPTCHA" }, "banDurationMinutes": 5 }]
    }] });
    let policy: WaasPolicy = serde_json::from_value(written.clone()).unwrap();
    policy.validate().unwrap();
    assert_eq!(serde_json::to_value(policy).unwrap(), written);
}

#[test]
fn null_stands_for_nothing_wherever_it_may() {
    let policy: RuntimePolicy = serde_json::from_value(json!({ "rules": [{
        "name": "rule", "collections": null, "processes": null, "network": { "whitelistIPs": null }, "dns": null
    }] }))
    .unwrap();
    assert_eq!(serde_json::to_value(policy).unwrap()["rules"], json!([{ "name": "rule" }]));
    assert_eq!(
        serde_json::from_value::<RuntimePolicy>(json!({ "rules": null })).unwrap(),
        RuntimePolicy::default()
    );
}

#[test]
fn numbers_that_mean_nothing_for_functions_keep_their_last_digit() {
    let read = |text: &str| serde_json::from_str::<RuntimePolicy>(text).unwrap();
    let policy = read(r#"{"x":4.1811111111111116e+80}"#);
    assert_eq!(read(&serde_json::to_string(&policy).unwrap()), policy);
    assert!(serde_json::to_string(&policy).unwrap().contains("4.1811111111111116e+80"));
}

#[test]
fn a_list_in_both_spellings_is_refused() {
    let rule = json!({ "rules": [{ "processes": { "whitelist": ["a"], "allowedList": ["b"] } }] });
    let error = serde_json::from_value::<RuntimePolicy>(rule).unwrap_err().to_string();
    assert!(error.contains("duplicate field `whitelist`"), "{error}");
}

/// Any JSON, not too deep.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::from))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn unknown_fields_survive_at_every_level(unknown in value()) {
        let written = json!({ "learningDisabled": false, "zzz": unknown, "rules": [{
            "name": "rule", "zzz": unknown,
            "collections": [{ "name": "c", "zzz": unknown }],
            "processes": { "effect": "prevent", "zzz": unknown },
            "network": { "effect": "alert", "blacklistOutboundPorts": [{ "start": 1, "end": 9, "zzz": unknown }], "zzz": unknown },
            "dns": { "effect": "disable", "zzz": unknown },
            "filesystem": { "effect": "prevent", "zzz": unknown },
        }] });
        let policy: RuntimePolicy = serde_json::from_value(written.clone()).unwrap();
        prop_assert_eq!(serde_json::to_value(policy).unwrap(), written);
    }
}
