//! Rows of our own, attacks and look-alikes (`tests/fixtures/waas.jsonl` of the repository): every verdict holds. They
//! can be scored, too: `gambeson inspect --batch tests/fixtures/waas.jsonl`.

use gambeson_waas::{Inspector, Protection};
use serde_json::{Value, json};

#[test]
fn every_row_has_its_verdict() {
    let path = format!("{}/../../tests/fixtures/waas.jsonl", env!("CARGO_MANIFEST_DIR"));
    let rows = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let inspector = Inspector::default();
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in rows.lines() {
        let row: Value = serde_json::from_str(line).expect("a row");
        let found: Vec<&str> = inspector
            .inspect(event(&row).to_string().as_bytes())
            .findings
            .iter()
            .map(|finding| class(finding.protection))
            .collect();
        let right = match row["class"].as_str().expect("a class") {
            "benign" => found.is_empty(),
            class => found.contains(&class),
        };
        if !right {
            wrong.push(format!(
                "{} {}: {} ({}): {found:?}",
                row["class"], row["where"], row["text"], row["why"]
            ));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count} rows:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 500, "only {count} rows");
}

/// The event that would carry the row.
fn event(row: &Value) -> Value {
    let text = &row["text"];
    let (member, value) = match row["where"].as_str() {
        Some("raw") => ("queryStringParameters", json!({ "value": text })),
        Some("query") => ("rawQueryString", text.clone()),
        Some("header") => ("headers", json!({ row["header"].as_str().expect("the name of a header"): text })),
        Some("body" | "json") => ("body", text.clone()),
        other => panic!("`where` is {other:?}"),
    };
    let mut event =
        json!({ "version": "2.0", "rawPath": "/", "requestContext": { "http": { "method": "POST" } } });
    event[member] = value;
    match row["where"].as_str() {
        Some("body") => event["headers"] = json!({ "content-type": "application/x-www-form-urlencoded" }),
        Some("json") => event["headers"] = json!({ "content-type": "application/json" }),
        _ => {}
    }
    event
}

fn class(protection: Protection) -> &'static str {
    match protection {
        Protection::CodeInjection => "codei",
        other => other.name(),
    }
}
