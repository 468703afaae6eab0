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
    check("python3.12", "python", "os.system");
}

#[test]
fn node() {
    check("nodejs20.x", "nodejs", "exec");
}

fn check(runtime: &'static str, folder: &'static str, attack: &'static str) {
    if !available(runtime) {
        return;
    }
    let console = Console::start();
    let layer = console.layer(runtime);
    let policy = console.encode(FUNCTION, REGION);
    let wait = json!({ "attack": "wait", "seconds": 4 });
    let function = Try::new(runtime, folder, "probe.handler")
        .arguments(&["--function", FUNCTION, "--region", REGION, "--tw-policy", &policy, "--layer"])
        .arguments(&[layer.to_str().expect("a path")])
        .event(json!({ "attack": attack }))
        .event(wait.clone())
        .event(json!({ "attack": attack }))
        .event(wait)
        .event(json!({ "attack": attack }));
    let running = std::thread::spawn(move || function.run());

    // While the function waits, the rule is changed to alert, and back.
    console.wait_for_audits("runtime", 1);
    put_effect(&console, "alert");
    console.wait_for_audits("runtime", 2);
    put_effect(&console, "prevent");
    let outcomes = running.join().expect("the function ran");

    let ran: Vec<bool> = [0, 2, 4].map(|index: usize| outcomes[index].ran()).to_vec();
    assert_eq!(ran, [false, true, false], "{outcomes:?}");
    let mut logged: Vec<Value> = outcomes.iter().flat_map(Outcome::audits).cloned().collect();
    let effects: Vec<&Value> = logged.iter().map(|audit| &audit["effect"]).collect();
    assert_eq!(effects, ["prevent", "alert", "prevent"]);

    // The Console has the same three, once each, each under the revision that judged it.
    let mut stored = console.wait_for_audits("runtime", 3);
    assert_eq!(stored.len(), 3);
    stored.sort_by_key(|audit| audit["_id"].to_string());
    logged.sort_by_key(|audit| audit["id"].to_string());
    for (stored, logged) in stored.iter().zip(&logged) {
        assert_eq!(stored["_id"], logged["id"]);
        assert_eq!(stored["msg"], logged["msg"]);
        assert_eq!(stored["function"], FUNCTION);
    }
    for outcome in &outcomes {
        assert!(outcome.lines("warning").is_empty(), "{}", outcome.0);
    }
}

fn put_effect(console: &Console, effect: &str) {
    let path = "/api/v1/policies/runtime/serverless";
    let mut policy = console.call("GET", path, None);
    policy["rules"][0]["processes"]["effect"] = json!(effect);
    console.call("PUT", path, Some(policy));
}
