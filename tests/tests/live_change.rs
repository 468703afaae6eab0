//! The whole way: layer and `TW_POLICY` from a real Console, audits there, and a rule that changes under a warm
//! function.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use gambeson_tests::console::Console;
use gambeson_tests::{Outcome, Try, available};
use serde_json::{Value, json};

const FUNCTION: &str = "live";
const REGION: &str = "eu-west-1";

#[test]
fn python() {
    check("python3.12", "python");
}

#[test]
fn node() {
    check("nodejs20.x", "nodejs");
}

fn check(runtime: &'static str, folder: &'static str) {
    if !available(runtime) {
        return;
    }
    let console = Console::start();
    let layer = console.layer(runtime);
    let policy = console.encode(FUNCTION, REGION);
    let wait = json!({ "attack": "wait", "seconds": 4 });
    let tabs = json!({ "attack": "tabs" });
    let function = Try::new(runtime, folder, "probe.handler")
        .arguments(&["--function", FUNCTION, "--region", REGION, "--tw-policy", &policy, "--layer"])
        .arguments(&[layer.to_str().expect("a path")])
        .events([tabs.clone(), wait.clone(), tabs.clone(), wait, tabs]);
    let running = std::thread::spawn(move || function.run());

    // While the function waits, every tab of the rule is changed, and back.
    let shipped = console.call("GET", PATH, None);
    console.wait_for_audits("runtime", 1);
    let mut changed = shipped.clone();
    let rule = &mut changed["rules"][0];
    rule["processes"]["effect"] = json!("alert");
    rule["network"] = json!({ "effect": "prevent", "blacklistIPs": ["192.0.2.0/24"] });
    rule["filesystem"] = json!({ "effect": "prevent", "blacklist": ["/tmp/live"] });
    console.call("PUT", PATH, Some(changed));
    console.wait_for_audits("runtime", 4);
    console.call("PUT", PATH, Some(shipped));
    let outcomes = running.join().expect("the function ran");

    let refused = [0, 2, 4].map(|index: usize| outcomes[index].response().clone());
    assert_eq!(
        refused,
        [json!(["program"]), json!(["connection", "file"]), json!(["program"])],
        "{outcomes:?}"
    );
    let mut logged: Vec<Value> = outcomes.iter().flat_map(Outcome::audits).cloned().collect();
    let said: Vec<(&str, &str)> = logged
        .iter()
        .map(|audit| {
            (audit["type"].as_str().unwrap_or_default(), audit["effect"].as_str().unwrap_or_default())
        })
        .collect();
    let expected = [
        ("processes", "prevent"),
        ("processes", "alert"),
        ("network", "prevent"),
        ("filesystem", "prevent"),
        ("processes", "prevent"),
    ];
    assert_eq!(said, expected);

    // The Console has the same, once each, each under the revision that judged it.
    let mut stored = console.wait_for_audits("runtime", expected.len());
    assert_eq!(stored.len(), expected.len());
    stored.sort_by_key(|audit| audit["_id"].to_string());
    logged.sort_by_key(|audit| audit["id"].to_string());
    for (stored, logged) in stored.iter().zip(&logged) {
        for (stored_name, logged_name) in
            [("_id", "id"), ("msg", "msg"), ("ip", "ip"), ("port", "port"), ("filepath", "filepath")]
        {
            assert_eq!(stored[stored_name], logged[logged_name], "{stored_name} in {stored}");
        }
        assert_eq!(stored["function"], FUNCTION);
    }
    for outcome in &outcomes {
        assert!(outcome.lines("warning").is_empty(), "{}", outcome.0);
    }
}

const PATH: &str = "/api/v1/policies/runtime/serverless";
