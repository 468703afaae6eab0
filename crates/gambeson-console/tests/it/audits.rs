use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::harness::with_admin;

pub(crate) const AUDITS: &str = "/api/v1/defender/audits";
pub(crate) const LIST: &str = "/api/v1/audits/runtime/serverless";

pub(crate) fn audit(id: &str, changes: Value) -> Value {
    let mut audit = json!({
        "id": id, "time": 1_700_000_000_000u64, "type": "processes", "attackType": "unexpectedProcess", "effect": "prevent",
        "rule": "Default", "function": "orders-api", "region": "eu-west-1", "account": "123456789012",
        "runtime": "python3.12", "requestId": "req-1", "pid": 12, "processPath": "/usr/bin/id", "command": "id -u",
        "msg": "/usr/bin/id launched but not listed as allowed; command: id -u", "policyRevision": 1, "count": 1,
    });
    for (name, value) in changes.as_object().unwrap() {
        audit[name] = value.clone();
    }
    audit
}

#[test]
fn audits_are_stored_once_and_listed_under_the_compute_apis_names() {
    let (_dir, console, token) = with_admin();
    let (_, bearer) = console.encode(&token, "orders-*");
    let batch = json!({"audits": [audit("a1", json!({})), audit("a2", json!({}))], "dropped": 0});
    for _ in 0..2 {
        assert_eq!(console.send("POST", AUDITS, &bearer, &batch).status, 202);
    }
    let list = console.get(LIST, &token);
    assert_eq!(list.header("total-count"), "2");
    let first = &list.json()[0];
    for (name, value) in [
        ("_id", "a2"),
        ("time", "2023-11-14T22:13:20.000Z"),
        ("type", "processes"),
        ("attackType", "unexpectedProcess"),
        ("ruleName", "Default"),
        ("requestID", "req-1"),
        ("accountID", "123456789012"),
        ("processPath", "/usr/bin/id"),
        ("provider", "aws"),
        ("function", "orders-api"),
    ] {
        assert_eq!(first[name], value, "{name}");
    }
}

#[test]
fn filters_order_and_pages() {
    let (_dir, console, token) = with_admin();
    let (_, bearer) = console.encode(&token, "*");
    let batch = json!({"audits": [
        audit("a", json!({"time": 1_000, "effect": "alert", "function": "orders-api"})),
        audit("b", json!({"time": 2_000, "type": "network", "attackType": "explicitlyDeniedIP", "requestId": "req-2"})),
        audit("c", json!({"time": 3_000, "function": "billing", "rule": "Strict", "msg": "100% denied"})),
        audit("w", json!({"time": 4_000, "type": "waas", "attackType": "sqli", "msg": "SQL injection in body"})),
    ], "dropped": 0});
    let answer = console.send("POST", AUDITS, &bearer, &batch);
    assert_eq!(answer.status, 202, "{}", answer.text());
    let ids = |path: &str| {
        let answer = console.get(path, &token);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let ids: String =
            answer.json().as_array().unwrap().iter().map(|a| a["_id"].as_str().unwrap().to_owned()).collect();
        (ids, answer.header("total-count").to_owned())
    };
    for (query, wanted) in [
        ("", "cba"),
        ("sort=time", "abc"),
        ("sort=ruleName&reverse=true", "cba"),
        ("effect=alert", "a"),
        ("effect=alert,block", "cba"),
        ("function=orders*", "ba"),
        ("function=billing&function=none", "c"),
        ("type=network", "b"),
        ("attackType=explicitlyDeniedIP", "b"),
        ("requestID=req-2", "b"),
        ("ruleName=Strict", "c"),
        ("region=us-east-1", ""),
        ("search=100%25", "c"),
        ("search=id+-u&effect=alert", "a"),
        ("from=1970-01-01T00:00:02Z", "cb"),
        ("to=1970-01-01T00:00:02Z", "a"),
        ("somethingElse=1", "cba"),
    ] {
        assert_eq!(ids(&format!("{LIST}?{query}")).0, wanted, "{query}");
    }
    assert_eq!(ids(&format!("{LIST}?limit=1&offset=1")), ("b".to_owned(), "3".to_owned()));
    let (waas, _) = ids("/api/v1/audits/firewall/app/serverless?type=sqli");
    assert_eq!(waas, "w");
    let shown = console.get("/api/v1/audits/firewall/app/serverless", &token).json();
    assert_eq!(shown[0]["type"], "sqli");
    assert!(console.get(&format!("{LIST}?limit=many"), &token).error(400).starts_with("limit"));
}

#[test]
fn an_audit_of_another_function_refuses_the_whole_batch() {
    let (_dir, console, token) = with_admin();
    let (_, bearer) = console.encode(&token, "orders-*");
    let batch =
        json!({"audits": [audit("a", json!({})), audit("b", json!({"function": "billing"}))], "dropped": 0});
    let error = console.send("POST", AUDITS, &bearer, &batch).error(403);
    assert!(error.starts_with("audits[1]: ") && error.contains("billing"), "{error}");
    assert_eq!(console.get(LIST, &token).header("total-count"), "0");
}

#[test]
fn gzip_is_taken_and_bombs_are_not() {
    let (_dir, console, token) = with_admin();
    let (_, bearer) = console.encode(&token, "orders-*");
    let gzip = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let post = |body: &[u8], encoding: &str| {
        console.call("POST", AUDITS).token(&bearer).header("content-encoding", encoding).send(body)
    };
    let batch = json!({"audits": [audit("a", json!({}))], "dropped": 3}).to_string();
    assert_eq!(post(&gzip(batch.as_bytes()), "gzip").status, 202);
    post(batch.as_bytes(), "gzip").error(400);
    post(batch.as_bytes(), "br").error(400);
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 1 << 20);
    post(&bomb, "gzip").error(413);
    post(&vec![b' '; (1 << 20) + 1], "identity").error(413);
    assert_eq!(console.get(LIST, &token).header("total-count"), "1");
}

#[test]
fn only_so_many_audits_are_kept_and_the_newest_stay() {
    use gambeson_console::{Config, Role};
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::new(dir.path());
    config.keep_audits = 5;
    let console = crate::harness::Running::start_with_users(config, &[("ann", Role::Admin)]);
    let token = console.sign_in("ann");
    let (_, bearer) = console.encode(&token, "*");
    for i in 0..4 {
        let audits: Vec<_> =
            (0..3).map(|j| audit(&format!("a{i}{j}"), json!({"time": 1_000 * i + j}))).collect();
        assert_eq!(
            console.send("POST", AUDITS, &bearer, &json!({"audits": audits, "dropped": 0})).status,
            202
        );
    }
    // Old ones are deleted after the answer; a following batch waits for that, as one task does both.
    assert_eq!(console.send("POST", AUDITS, &bearer, &json!({"audits": [], "dropped": 1})).status, 202);
    let list = console.get(LIST, &token);
    let ids: Vec<_> =
        list.json().as_array().unwrap().iter().map(|a| a["_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, ["a32", "a31", "a30", "a22", "a21"]);
}

#[test]
fn similar_findings_become_one_with_a_count_and_each_is_counted_once() {
    let (_dir, console, token) = with_admin();
    let (_, bearer) = console.encode(&token, "*");
    let finding = |id: &str, time: u64, changes: Value| {
        let mut finding = audit(
            id,
            json!({
            "time": time, "type": "waas", "attackType": "sqli", "attackField": "queryStringParameters.id", "method": "GET",
            "urlPath": "/orders", "clientIp": "192.0.2.1", "msg": "SQL injection in queryStringParameters.id"}),
        );
        for (name, value) in changes.as_object().unwrap() {
            finding[name] = value.clone();
        }
        finding
    };
    let start = 1_700_000_000_000;
    let minute = 60_000;
    let batch = json!({"audits": [
        finding("a", start, json!({})),
        finding("b", start + minute, json!({"count": 3})),
        finding("c", start + 2 * minute, json!({"clientIp": "192.0.2.2"})),
        finding("d", start + 4 * minute, json!({})),
        finding("e", start + 6 * minute, json!({})),
    ], "dropped": 0});
    // Sent again, nothing is counted again, whichever it was folded into.
    for _ in 0..3 {
        assert_eq!(console.send("POST", AUDITS, &bearer, &batch).status, 202);
    }
    let list = console.get("/api/v1/audits/firewall/app/serverless?sort=time", &token);
    assert_eq!(list.header("total-count"), "3");
    let shown: Vec<_> = list
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|a| (a["_id"].as_str().unwrap().to_owned(), a["count"].as_u64().unwrap(), a["lastTime"].clone()))
        .collect();
    assert_eq!(
        shown,
        [
            ("a".to_owned(), 5, json!("2023-11-14T22:17:20Z")),
            ("c".to_owned(), 1, json!("2023-11-14T22:15:20Z")),
            ("e".to_owned(), 1, json!("2023-11-14T22:19:20Z")),
        ]
    );
}
