use serde_json::json;

use crate::audits::{AUDITS, audit};
use crate::harness::with_admin;

const RUNTIME: &str = "/api/v1/policies/runtime/serverless";

#[test]
fn bodies_that_are_no_policy_are_refused_by_name_and_change_nothing() {
    let (_dir, console, token) = with_admin();
    let before = console.get(RUNTIME, &token).json();
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_inside = format!("{{\"rules\":[],\"other\":{deep}}}");
    for (body, named) in [
        ("", ""),
        ("null", ""),
        ("{", ""),
        ("[]", ""),
        (deep.as_str(), ""),
        (deep_inside.as_str(), ""),
        ("{\"rules\":[]} trailing", ""),
        ("{\"rules\": 7}", "rules"),
        ("{\"rules\":[{\"name\":\"a\",\"processes\":{\"effect\":\"explode\"}}]}", "effect"),
        (
            "{\"rules\":[{\"name\":\"a\",\"processes\":{\"effect\":\"alert\",\"whitelist\":[7]}}]}",
            "whitelist",
        ),
        (
            "{\"rules\":[{\"name\":\"a\",\"network\":{\"effect\":\"alert\",\"whitelistIPs\":[\"999.1.1.1\"]}}]}",
            "whitelistIPs",
        ),
    ] {
        let answer = console.call("PUT", RUNTIME).token(&token).send(body.as_bytes());
        let error = answer.error(400);
        assert!(error.contains(named), "{named}: {error}");
    }
    let huge: Vec<_> = (0..2000).map(|i| format!("/usr/bin/{i:050}")).collect();
    let rules =
        json!({"rules": [{"name": "a"}, {"name": "b", "processes": {"effect": "alert", "whitelist": huge}}]});
    assert!(console.send("PUT", RUNTIME, &token, &rules).error(400).starts_with("rules[1]: takes"));
    let answer = console.call("PUT", RUNTIME).token(&token).send(&vec![b' '; 5 << 20]);
    answer.error(413);
    assert_eq!(console.get(RUNTIME, &token).json(), before);
}

#[test]
fn bodies_that_are_no_batch_are_refused() {
    let (_dir, console, token) = with_admin();
    let (_, bearer) = console.encode(&token, "*");
    let deep = "[".repeat(100_000);
    for body in ["", "null", "[]", "{\"audits\": {}}", deep.as_str(), "{\"audits\":[{}]}"] {
        console.call("POST", AUDITS).token(&bearer).send(body.as_bytes()).error(400);
    }
    let wrong = json!({"audits": [audit("a", json!({"time": "yesterday"}))], "dropped": 0});
    let error = console.send("POST", AUDITS, &bearer, &wrong).error(400);
    assert!(error.contains("time") || error.contains("audits[0]"), "{error}");
}

#[test]
fn what_a_stranger_writes_into_the_set_up_page_stays_text() {
    let (_dir, console, _) = with_admin();
    let page = console.call("GET", "/setup?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").send(b"");
    assert!(!page.text().contains("<script"), "{}", page.text());
    assert!(page.text().contains("&quot;&gt;&lt;script&gt;"));
}

#[test]
fn too_many_headers_are_refused() {
    let (_dir, console, _) = with_admin();
    let mut call = console.call("GET", "/api/v1/_ping");
    for i in 0..100 {
        call = call.header(&format!("x-{i}"), "1");
    }
    assert_eq!(call.send(b"").status, 431);
}
