//! Events with attacks in them, through real runtime clients: reported, prevented, or taken out of their batch.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use gambeson_tests::console::Console;
use gambeson_tests::{Outcome, Try, available, one_waas_rule};
use serde_json::{Value, json};

/// Oldest and newest, and a handler of each kind.
const FUNCTIONS: [(&str, &str, &str); 6] = [
    ("python2.7", "python", "echo.handler"),
    ("python3.12", "python", "echo.handler"),
    ("python3.13", "python", "echo.handler"),
    ("nodejs10.x", "nodejs", "echo.callback"),
    ("nodejs20.x", "nodejs", "echo.handler"),
    ("nodejs24.x", "nodejs", "echo.handler"),
];
const SQL: &str = "1' UNION SELECT card FROM payments--";
const SCRIPT: &str = "<img src=x onerror=alert(document.domain)>";

fn prevent() -> Value {
    json!({ "sqli": { "effect": "prevent" }, "xss": { "effect": "prevent" } })
}

fn http(query: &str, body: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": "POST /orders", "rawPath": "/orders", "rawQueryString": query,
        "headers": { "content-type": "application/json", "authorization": "Bearer top-secret", "host": "shop.example" },
        "requestContext": { "http": { "method": "POST", "path": "/orders", "sourceIp": "192.0.2.1" }, "stage": "$default" },
        "body": body, "isBase64Encoded": false,
    })
}

fn queue(bodies: &[&str]) -> Value {
    let record = |body: &&str| {
        json!({ "messageId": "m", "body": body, "eventSource": "aws:sqs", "awsRegion": "eu-west-1",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders" })
    };
    json!({ "Records": bodies.iter().map(record).collect::<Vec<_>>() })
}

fn run(application: Value, arguments: &[&str], events: &[Value], check: impl Fn(&str, &[Outcome])) {
    for (runtime, folder, handler) in FUNCTIONS {
        if available(runtime) {
            let function = Try::new(runtime, folder, handler).waas(application.clone()).arguments(arguments);
            check(runtime, &function.events(events.iter().cloned()).run());
        }
    }
}

#[test]
fn an_attack_is_reported_and_the_handler_sees_the_event_as_it_was() {
    let events = [http(&format!("id={}", encoded(SQL)), "{}"), http("id=12", r#"{"note":"naïve 🙂"}"#)];
    run(json!({ "sqli": { "effect": "alert" } }), &[], &events, |runtime, outcomes| {
        for (outcome, event) in outcomes.iter().zip(&events) {
            assert_eq!(&outcome.response()["handled"], event, "{runtime}");
        }
        let [audit] = outcomes[0].audits() else { panic!("{runtime}: one audit: {}", outcomes[0].0) };
        assert_eq!(
            (&audit["type"], &audit["attackType"], &audit["effect"]),
            (&json!("waas"), &json!("sqli"), &json!("alert"))
        );
        assert_eq!(audit["attackField"], "queryStringParameters.id");
        assert!(!audit.to_string().contains("top-secret"), "{runtime}: {audit}");
        assert!(outcomes[1].audits().is_empty(), "{runtime}: {}", outcomes[1].0);
    });
}

#[test]
fn an_attack_is_prevented_and_the_handler_does_not_run() {
    let events = [
        http(&format!("id={}", encoded(SQL)), "{}"),
        http("", &json!({ "items": [{ "name": SCRIPT }] }).to_string()),
        http("id=12", "{}"),
    ];
    run(prevent(), &[], &events, |runtime, outcomes| {
        for (outcome, field) in outcomes.iter().zip(["queryStringParameters.id", "body.items[0].name"]) {
            assert_eq!(outcome.response()["statusCode"], 403, "{runtime}: {}", outcome.0);
            assert!(outcome.response().get("handled").is_none());
            assert_eq!(outcome.audits().len(), 1, "{runtime}: {}", outcome.0);
            assert_eq!(outcome.audits()[0]["attackField"], field);
            assert_eq!(outcome.audits()[0]["effect"], "prevent");
        }
        assert_eq!(outcomes[2].response()["handled"], events[2], "{runtime}");
    });
}

#[test]
fn a_batch_loses_its_bad_records() {
    let events = [queue(&["one", SQL, "three"]), queue(&[SQL])];
    run(prevent(), &[], &events, |runtime, outcomes| {
        assert_eq!(outcomes[0].response()["handled"], queue(&["one", "three"]), "{runtime}");
        assert_eq!(outcomes[0].audits()[0]["attackField"], "Records[1].body", "{runtime}");
        assert_eq!(outcomes[1].response(), &json!({ "batchItemFailures": [] }), "{runtime}");
    });
}

#[test]
fn other_events_are_answered_with_nothing_or_with_what_the_owner_says() {
    let events = [json!({ "user": SQL })];
    run(prevent(), &[], &events, |runtime, outcomes| {
        assert_eq!(outcomes[0].response(), &Value::Null, "{runtime}");
    });
    let custom = ["--env", r#"TW_CUSTOM_RESPONSE={"status":"rejected"}"#];
    run(prevent(), &custom, &events, |runtime, outcomes| {
        assert_eq!(outcomes[0].response(), &json!({ "status": "rejected" }), "{runtime}");
    });
    run(prevent(), &["--env", "TW_CUSTOM_RESPONSE={"], &events, |runtime, outcomes| {
        assert_eq!(outcomes[0].response(), &Value::Null, "{runtime}");
        let warning = outcomes[0].line("warning").expect("a warning");
        assert!(warning["msg"].as_str().unwrap().contains("TW_CUSTOM_RESPONSE"), "{runtime}: {warning}");
    });
}

#[test]
fn a_rule_of_the_console_reaches_a_warm_function_and_its_audits_the_console() {
    const FUNCTION: &str = "inspected";
    let runtime = "python3.12";
    if !available(runtime) {
        return;
    }
    let console = Console::start();
    let layer = console.layer(runtime);
    put(&console, "alert");
    let policy = console.encode(FUNCTION, "eu-west-1");
    let wait = json!({ "attack": "wait", "seconds": 4 });
    let attack = json!({ "attack": "none", "id": SQL });
    let function = Try::new(runtime, "python", "probe.handler")
        .arguments(&["--function", FUNCTION, "--region", "eu-west-1", "--tw-policy", &policy, "--layer"])
        .arguments(&[layer.to_str().expect("a path")])
        .events([attack.clone(), wait, attack]);
    let running = std::thread::spawn(move || function.run());

    // While the function waits, the rule is changed.
    let stored = console.wait_for_audits("firewall/app", 1);
    put(&console, "prevent");
    let outcomes = running.join().expect("the function ran");

    assert_eq!(outcomes[0].response()["detail"], "alive");
    assert_eq!((&stored[0]["_id"], &stored[0]["type"]), (&outcomes[0].audits()[0]["id"], &json!("sqli")));
    assert_eq!(outcomes[2].response(), &Value::Null, "{}", outcomes[2].0);
    assert_eq!(outcomes[2].audits()[0]["effect"], "prevent");
    let effects: Vec<Value> =
        console.wait_for_audits("firewall/app", 2).iter().map(|audit| audit["effect"].clone()).collect();
    assert_eq!(effects, ["prevent", "alert"]);
}

#[test]
fn a_streaming_handler_streams_or_is_answered_for() {
    for runtime in ["nodejs20.x", "nodejs24.x"] {
        if !available(runtime) {
            continue;
        }
        let events = [http("id=12", ""), http(&format!("id={}", encoded(SQL)), "")];
        let outcomes = Try::new(runtime, "nodejs", "echo.streaming").waas(prevent()).events(events).run();
        assert_eq!(outcomes[0].response(), "handled id=12", "{runtime}");
        assert_eq!(
            outcomes[1].response(),
            &json!({ "message": "Forbidden" }),
            "{runtime}: {}",
            outcomes[1].0
        );
        assert_eq!(outcomes[1].audits().len(), 1, "{runtime}");
    }
}

/// As a browser encodes a query parameter.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn put(console: &Console, effect: &str) {
    let policy = one_waas_rule(json!({ "sqli": { "effect": effect } }));
    console.call("PUT", "/api/v1/policies/firewall/app/serverless", Some(policy));
}
