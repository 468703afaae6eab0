use gambeson_console::Config;
use serde_json::{Value, json};

use crate::harness::{Running, with_admin};

const RUNTIME: &str = "/api/v1/policies/runtime/serverless";
const WAAS: &str = "/api/v1/policies/firewall/app/serverless";

fn rule(name: &str, function: &str, effect: &str) -> Value {
    json!({
        "name": name,
        "collections": [{"name": "mine", "functions": [function], "labels": ["*"], "color": "#ff0000"}],
        "processes": {"effect": effect, "blockAllBinaries": true, "checkCryptoMiners": true, "whitelist": [], "blacklist": []},
        "network": {"effect": "disable", "whitelistIPs": [], "blacklistIPs": ["10.0.0.0/8"]},
        "dns": {"effect": "disable", "whitelist": [], "blacklist": []},
        "filesystem": {"effect": "alert", "whitelist": ["/tmp"], "blacklist": []},
        "wildFireAnalysis": "disable",
        "notes": "kept as it is",
    })
}

#[test]
fn the_shipped_policy_prevents_every_process_but_the_main_one() {
    let (_dir, console, token) = with_admin();
    let answer = console.get(RUNTIME, &token);
    let policy = answer.json();
    assert_eq!(policy["rules"].as_array().unwrap().len(), 1);
    assert_eq!(policy["rules"][0]["processes"]["blockAllBinaries"], true);
    assert_eq!(policy["rules"][0]["processes"]["effect"], "prevent");
    assert_eq!(console.get(WAAS, &token).json()["rules"], json!([]));
}

#[test]
fn a_policy_comes_back_as_it_was_written_also_after_a_restart() {
    let (dir, console, token) = with_admin();
    let policy = json!({"_id": "serverlessRuntime", "learningDisabled": true, "rules": [rule("one", "orders-*", "prevent")]});
    let put = console.send("PUT", RUNTIME, &token, &policy);
    assert_eq!(put.status, 200, "{}", put.text());
    let read = console.get(RUNTIME, &token);
    assert_eq!(read.header("etag"), put.header("etag"));
    for (name, value) in policy["rules"][0].as_object().unwrap() {
        contains(name, &read.json()["rules"][0][name], value);
    }
    let added = console.send("POST", RUNTIME, &token, &rule("two", "*", "alert"));
    assert_eq!(added.status, 200, "{}", added.text());
    let waas = json!({"_id": "serverlessAppFirewall", "rules": []});
    assert_eq!(console.send("PUT", WAAS, &token, &waas).status, 200);

    drop(console);
    let console = Running::start(Config::new(dir.path()));
    let token = console.sign_in("ann");
    let names: Vec<_> = console.get(RUNTIME, &token).json()["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["two", "one"]);
}

/// What was written must come back; what was not written may be filled in.
#[track_caller]
fn contains(path: &str, found: &Value, wanted: &Value) {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => {
            for (name, value) in wanted {
                contains(&format!("{path}.{name}"), found.get(name).unwrap_or(&Value::Null), value);
            }
        }
        (Value::Array(found), Value::Array(wanted)) if found.len() == wanted.len() => {
            found.iter().zip(wanted).for_each(|(found, wanted)| contains(path, found, wanted));
        }
        _ => assert_eq!(found, wanted, "{path}"),
    }
}

#[test]
fn two_people_who_edit_at_once_do_not_overwrite_each_other() {
    let (_dir, console, token) = with_admin();
    let read = console.get(RUNTIME, &token);
    let write = |etag: &str, name: &str| {
        let policy = json!({"rules": [rule(name, "*", "alert")]}).to_string();
        console.call("PUT", RUNTIME).token(&token).header("if-match", etag).send(policy.as_bytes())
    };
    let first = write(read.header("etag"), "first");
    assert_eq!(first.status, 200);
    assert!(write(read.header("etag"), "second").error(412).contains("read it again"));
    assert_eq!(write(first.header("etag"), "third").status, 200);
    assert!(write("\"seven\"", "fourth").error(400).starts_with("If-Match"));
    assert_eq!(console.get(RUNTIME, &token).json()["rules"][0]["name"], "third");

    let history = console.get("/api/v1/audits/mgmt?limit=2", &token).json();
    assert_eq!(history[0]["subject"], "runtime policy");
    assert!(history[0]["before"].as_str().unwrap().contains("first"));
    assert!(history[0]["after"].as_str().unwrap().contains("third"));
    assert!(history[0]["revision"].as_u64() > history[1]["revision"].as_u64());
}

#[test]
fn many_writers_at_once_each_get_a_revision_of_their_own() {
    let (_dir, console, token) = with_admin();
    let mut revisions: Vec<u64> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|i| {
                let (console, token) = (&console, &token);
                scope.spawn(move || {
                    let answer =
                        console.send("POST", RUNTIME, token, &rule(&format!("rule {i}"), "*", "alert"));
                    answer.header("etag").trim_matches('"').parse().unwrap()
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    revisions.sort_unstable();
    revisions.dedup();
    assert_eq!(revisions.len(), 8);
    assert_eq!(console.get(RUNTIME, &token).json()["rules"].as_array().unwrap().len(), 9);
}
