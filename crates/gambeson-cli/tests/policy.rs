//! `gambeson policy` as a person or a script uses it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::process::{Command, Output};

use serde_json::{Value, json};

fn gambeson(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gambeson")).args(arguments).output().unwrap()
}

fn said(arguments: &[&str]) -> String {
    let output = gambeson(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The exit code and the sentence of a command that must fail.
fn refused(arguments: &[&str]) -> (i32, String) {
    let output = gambeson(arguments);
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn file(content: &Value) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.json");
    std::fs::write(&path, content.to_string()).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

fn policies() -> Value {
    json!({
        "runtime": { "rules": [
            { "name": "off", "disabled": true, "processes": { "effect": "alert" } },
            { "name": "thumbnails", "collections": [{ "name": "t", "functions": ["thumb-*"] }],
              "processes": { "effect": "prevent", "whitelist": ["/opt/bin/ffmpeg"] } },
            { "name": "rest", "processes": { "effect": "alert", "blockAllBinaries": true } },
        ]},
        "waas": { "rules": [{ "name": "web", "applicationsSpec": [
            { "sqli": { "effect": "prevent", "exceptionFields": [{ "location": "query", "key": "q" }] } },
        ]}]},
    })
}

#[test]
fn what_is_encoded_can_be_explained() {
    let (_folder, path) = file(&policies());
    let encoded =
        said(&["policy", "encode", "--function", "thumb-1", "--region", "eu-west-1", "--policy", &path]);
    let value = encoded.trim();
    assert!(
        value.len() <= 2560 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    );
    let explained = said(&["policy", "explain", "--tw-policy", value]);
    assert!(explained.contains("TW_POLICY for function thumb-1 in eu-west-1, revision 1"), "{explained}");
    assert!(
        explained.contains("refused and reported: every program but the main process and /opt/bin/ffmpeg")
    );
    assert!(
        explained.contains("SQL injection: reported, and the event does not reach the handler; 1 exceptions")
    );

    let (code, problem) = refused(&["policy", "explain", "--function", "other", "--tw-policy", value]);
    assert_eq!(code, 78);
    assert!(problem.contains("TW_POLICY") && problem.contains("thumb-1"), "{problem}");
}

#[test]
fn a_person_learns_which_rule_applies_and_why() {
    let (_folder, path) = file(&policies());
    let explained = said(&["policy", "explain", "--function", "thumb-1", "--policy", &path]);
    for line in [
        "passed over  \"off\"",
        "applies      \"thumbnails\"",
        "not reached  \"rest\"",
        "applies      \"web\"",
    ] {
        assert!(explained.contains(line), "{line} in {explained}");
    }
    let answer: Value =
        serde_json::from_str(&said(&["policy", "explain", "--function", "x", "--policy", &path, "--json"]))
            .unwrap();
    assert_eq!(answer["runtime"]["applies"], "rest");
    assert_eq!(answer["runtime"]["passedOver"][1]["rule"], "thumbnails");
}

#[test]
fn a_bad_policy_is_named_by_file_and_field() {
    for (bad, expected) in [
        (
            json!({ "runtime": { "rules": [{ "processes": { "effect": "explode" } }] } }),
            "runtime.rules[0].processes.effect",
        ),
        (json!({ "rules": [] }), "rules"),
        (
            json!({ "waas": { "rules": [{ "name": "w", "applicationsSpec": [{ "xss": { "effect": "alert",
                "exceptionFields": [{ "location": "query", "key": "(", "keyPattern": true }] } }] }] } }),
            "waas.rules[0].applicationsSpec[0].xss.exceptionFields",
        ),
    ] {
        let (_folder, path) = file(&bad);
        let (code, problem) =
            refused(&["policy", "encode", "--function", "f", "--region", "r", "--policy", &path]);
        assert_eq!(code, 78, "{problem}");
        assert!(problem.contains(&path) && problem.contains(expected), "{problem} does not name {expected}");
    }
}

#[test]
fn a_policy_that_does_not_fit_says_how_long_it_is_and_why() {
    let programs: Vec<String> =
        (0..400_u64).map(|n| format!("/opt/{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    let (_folder, path) = file(&json!({ "runtime": { "rules": [
        { "name": "long", "processes": { "effect": "prevent", "whitelist": programs } } ] } }));
    let (code, problem) =
        refused(&["policy", "encode", "--function", "f", "--region", "r", "--policy", &path]);
    assert_eq!(code, 78);
    assert!(problem.contains("2560 are possible") && problem.contains("runtime.processes"), "{problem}");
}

#[test]
fn wrong_usage_and_licences() {
    assert_eq!(refused(&["policy", "encode", "--function", "f"]).0, 2);
    assert_eq!(refused(&["policy", "explain"]).0, 2);
    let licenses = said(&["--licenses"]);
    assert!(licenses.contains("Apache License") && licenses.contains("rustls"));
}
