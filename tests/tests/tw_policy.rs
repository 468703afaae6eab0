//! A `TW_POLICY` that cannot be used: one clear log line and the function runs, or it does not start at all with
//! `TW_FAIL_CLOSED`. Never a crash.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::process::Command;

use gambeson_tests::{Outcome, Try, available, gambeson};
use serde_json::json;

const RUNTIMES: [(&str, &str); 2] = [("python3.12", "python"), ("nodejs20.x", "nodejs")];
const FUNCTION: &str = "bad-policy";
const REGION: &str = "eu-west-1";

#[test]
fn missing() {
    check("", "TW_POLICY is not set");
}

#[test]
fn truncated() {
    let policy = encoded(FUNCTION, REGION);
    for length in [1, 40, 200, policy.len() - 1] {
        check(&policy[..length], "TW_POLICY cannot be used");
    }
}

#[test]
fn tampered_with() {
    let mut policy = encoded(FUNCTION, REGION).into_bytes();
    let middle = policy.len() / 2;
    policy[middle] = if policy[middle] == b'A' { b'B' } else { b'A' };
    check(&String::from_utf8(policy).unwrap(), "TW_POLICY cannot be used");
}

#[test]
fn no_base64() {
    check("not a policy at all! %%%", "TW_POLICY cannot be used");
}

#[test]
fn for_another_function() {
    check(&encoded("another", REGION), "not for this function");
}

#[test]
fn for_another_region() {
    check(&encoded(FUNCTION, "us-east-1"), "not for this function");
}

#[test]
fn of_a_future_version() {
    // The version is the first byte: the first character and two bits of the second.
    let policy = encoded(FUNCTION, REGION);
    check(&format!("_w{}", &policy[2..]), "version");
}

fn check(policy: &str, reason: &str) {
    for (runtime, folder) in RUNTIMES {
        if !available(runtime) {
            continue;
        }
        let function = || {
            Try::new(runtime, folder, "probe.handler")
                .arguments(&["--function", FUNCTION, "--region", REGION, "--tw-policy", policy])
                .event(json!({ "attack": "none" }))
        };
        let outcome = &function().run()[0];
        assert_eq!(outcome.response()["detail"], "alive", "{runtime}: {}", outcome.0);
        expect_reason(runtime, outcome, reason);

        let outcome = &function().arguments(&["--env", "TW_FAIL_CLOSED=true"]).run()[0];
        assert!(outcome.error().is_some(), "{runtime} ran in spite of TW_FAIL_CLOSED: {}", outcome.0);
        expect_reason(runtime, outcome, reason);
    }
}

fn expect_reason(runtime: &str, outcome: &Outcome, reason: &str) {
    let lines = outcome.lines("disabled");
    assert_eq!(lines.len(), 1, "{runtime}: one line says why: {}", outcome.0);
    assert_eq!(lines[0]["defender"], "disabled");
    let said = lines[0]["reason"].as_str().unwrap_or_default();
    assert!(said.contains(reason), "{runtime}: {said:?} does not say {reason:?}");
}

fn encoded(function: &str, region: &str) -> String {
    let output = Command::new(gambeson())
        .args(["policy", "encode", "--function", function, "--region", region])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
