use serde_json::json;

use crate::harness::with_admin;

const RUNTIME: &str = "/api/v1/policies/runtime/serverless";
const POLICY: &str = "/api/v1/defender/policy?function=orders-api&region=eu-west-1";

fn two_rules() -> serde_json::Value {
    let rule = |name: &str, function: &str| json!({"name": name, "collections": [{"name": name, "functions": [function]}], "processes": {"effect": "alert"}});
    json!({"rules": [rule("billing", "billing-*"), rule("orders", "orders-*")]})
}

#[test]
fn tw_policy_holds_the_rule_of_its_function_and_everything_a_defender_needs() {
    let (_dir, console, token) = with_admin();
    assert_eq!(console.send("PUT", RUNTIME, &token, &two_rules()).status, 200);
    let (document, _) = console.encode(&token, "orders-*");
    assert_eq!(document.policy.runtime.as_ref().unwrap().name, "orders");
    assert_eq!(document.console, std::slice::from_ref(&console.url));
    assert_eq!(document.function, "orders-*");
    assert_eq!(document.region, "eu-west-1");
    assert_eq!(document.interval_ms, 60_000);
    assert!(document.revision > 0 && document.issued > 1_700_000_000);
    assert_eq!(document.keys.len(), 1);
}

#[test]
fn a_defender_gets_the_newest_policy_once_and_then_not_modified() {
    let (_dir, console, token) = with_admin();
    let (document, bearer) = console.encode(&token, "orders-*");
    let first = console.get(POLICY, &bearer);
    assert_eq!(first.status, 200, "{}", first.text());
    assert_eq!(first.header("gambeson-next-refresh"), "60");
    let fetched = gambeson_policy::envelope::open_trusted(&first.text(), &document.keys).unwrap();
    assert_eq!((fetched.function.as_str(), fetched.revision), ("orders-api", document.revision));
    assert!(fetched.token.is_none());

    let again =
        || console.call("GET", POLICY).token(&bearer).header("if-none-match", first.header("etag")).send(b"");
    let unchanged = again();
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    assert_eq!(unchanged.header("gambeson-next-refresh"), "60");

    assert_eq!(console.send("PUT", RUNTIME, &token, &two_rules()).status, 200);
    let changed = again();
    assert_eq!(changed.status, 200);
    let fetched = gambeson_policy::envelope::open_trusted(&changed.text(), &document.keys).unwrap();
    assert!(fetched.revision > document.revision);
    assert_eq!(fetched.policy.runtime.unwrap().name, "orders");
}

#[test]
fn the_etag_outlives_a_restart() {
    let (dir, console, token) = with_admin();
    let (_, bearer) = console.encode(&token, "orders-*");
    let etag = console.get(POLICY, &bearer).header("etag").to_owned();
    drop(console);
    let console = crate::harness::Running::start(gambeson_console::Config::new(dir.path()));
    let answer = console.call("GET", POLICY).token(&bearer).header("if-none-match", &etag).send(b"");
    assert_eq!(answer.status, 304);
}

#[test]
fn a_token_is_good_for_its_functions_only() {
    let (_dir, console, token) = with_admin();
    let (_, bearer) = console.encode(&token, "orders-*");
    let other = console.get("/api/v1/defender/policy?function=billing&region=eu-west-1", &bearer).error(403);
    assert!(other.contains("orders-*") && other.contains("billing"), "{other}");
    let region =
        console.get("/api/v1/defender/policy?function=orders-api&region=us-east-1", &bearer).error(403);
    assert!(region.contains("eu-west-1") && region.contains("us-east-1"), "{region}");
    let (id, secret) = bearer.split_once('.').unwrap();
    let other = |text: &str| text.replace(|c: char| c.is_ascii_alphanumeric(), "0");
    for wrong in
        [format!("{id}.{}", other(secret)), format!("{}.{secret}", other(id)), format!("{id}{secret}")]
    {
        console.get(POLICY, &wrong).error(401);
    }
}

#[test]
fn of_a_function_the_two_newest_tokens_are_valid_also_after_a_restart() {
    let (dir, console, token) = with_admin();
    let [first, second, third, other] =
        ["orders-*", "orders-*", "orders-*", "orders-api"].map(|function| console.encode(&token, function).1);
    let valid = |console: &crate::harness::Running| {
        [&first, &second, &third, &other].map(|bearer| console.get(POLICY, bearer).status == 200)
    };
    assert_eq!(valid(&console), [false, true, true, true]);
    drop(console);
    let console = crate::harness::Running::start(gambeson_console::Config::new(dir.path()));
    assert_eq!(valid(&console), [false, true, true, true]);
}

#[test]
fn encode_names_the_wrong_field_and_mints_nothing_for_it() {
    let (_dir, console, token) = with_admin();
    let good = json!({"consoleAddr": "console.example.com", "function": "f", "region": "eu-west-1"});
    for (field, value) in [
        ("consoleAddr", json!("http://console.example.com")),
        ("function", json!("")),
        ("function", json!(7)),
        ("region", json!("Frankfurt")),
        ("provider", json!("gcp")),
        ("accountID", json!("12")),
        ("updateIntervalMs", json!(5)),
    ] {
        let mut request = good.clone();
        request[field] = value;
        let error = console.send("POST", &format!("{RUNTIME}/encode"), &token, &request).error(400);
        assert!(error.starts_with(field), "{field}: {error}");
    }
    let history = console.get("/api/v1/audits/mgmt", &token).text();
    assert!(!history.contains("defender token"), "{history}");
}
