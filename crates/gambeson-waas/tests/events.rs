//! Each source's fields, named as a person can find them.

use gambeson_waas::{EventSource, Exception, Inspector, Location, Protection, Settings};
use proptest::prelude::*;

const SQL: &str = "1 or 1=1";

fn fields(event: &str) -> (EventSource, Vec<String>, Vec<Option<usize>>) {
    let inspection = Inspector::default().inspect(event.as_bytes());
    let names = inspection.findings.iter().map(|finding| finding.field.clone()).collect();
    (inspection.source, names, inspection.findings.iter().map(|finding| finding.record).collect())
}

#[test]
fn an_http_api_event_is_split() {
    let event = format!(
        r#"{{"version":"2.0","rawPath":"/a/{SQL}","rawQueryString":"id={SQL}","cookies":["s={SQL}"],
           "headers":{{"X-Forwarded-For":"{SQL}","content-type":"application/json","sec-ch-ua":"{SQL}"}},
           "requestContext":{{"http":{{"method":"POST","userAgent":"{SQL}"}}}},
           "body":"{{\"items\":[0,{{\"name\":\"{SQL}\"}}]}}","isBase64Encoded":false}}"#
    );
    let (source, names, _) = fields(&event);
    assert_eq!(source, EventSource::ApiGatewayHttp);
    for name in [
        "path segment 2",
        "queryStringParameters.id",
        "cookie s",
        "header x-forwarded-for",
        "body.items[1].name",
    ] {
        assert!(names.iter().any(|n| n == name), "{name} is not in {names:?}");
    }
    // The path as a whole holds the segment; nothing else of the platform's own does count.
    assert!(names.iter().all(|n| !n.contains("sec-ch") && !n.contains("userAgent")), "{names:?}");
}

#[test]
fn records_of_a_batch_are_told_apart() {
    let event = format!(
        r#"{{"Records":[{{"eventSource":"aws:sqs","body":"hello"}},{{"eventSource":"aws:sqs","body":"{{\"user\":\"{SQL}\"}}"}}]}}"#
    );
    let (source, names, records) = fields(&event);
    assert_eq!(source, EventSource::Sqs);
    assert_eq!(names, ["Records[1].body.user"]);
    assert_eq!(records, [Some(1)]);
}

#[test]
fn a_base64_body_and_a_key_of_s3_are_decoded() {
    // {"q":"1 or 1=1"}
    let event = r#"{"version":"2.0","rawPath":"/","requestContext":{"http":{}},"body":"eyJxIjoiMSBvciAxPTEifQ==","isBase64Encoded":true}"#;
    assert_eq!(fields(event).1, ["body.q"]);
    let event = r#"{"Records":[{"eventSource":"aws:s3","s3":{"object":{"key":"1+or+1%3D1"}}}]}"#;
    assert_eq!(fields(event).1, ["Records[0].s3.object.key"]);
}

#[test]
fn a_form_and_a_multipart_body_are_split() {
    let event = format!(
        r#"{{"httpMethod":"POST","path":"/","headers":{{"Content-Type":"application/x-www-form-urlencoded"}},"body":"a=1&b={SQL}"}}"#
    );
    assert_eq!(fields(&event).1, ["body.b"]);
    let event = r#"{"httpMethod":"POST","path":"/","headers":{"Content-Type":"multipart/form-data; boundary=XX"},
        "body":"--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../../../etc/passwd\"\r\n\r\nbytes\r\n--XX--"}"#;
    assert_eq!(fields(event).1, ["file name of body.f"]);
}

#[test]
fn an_exception_leaves_one_field_out_for_one_protection() {
    let exception = Exception::new(Protection::Sqli, Location::Query, "^i.$", true, Some("or 1"))
        .expect("a valid pattern");
    let inspector = Inspector::new(Settings { exceptions: vec![exception], ..Settings::default() });
    let event = r#"{"version":"2.0","rawPath":"/","requestContext":{"http":{}},"rawQueryString":"id=1 or 1=1&x=1 or 1=1"}"#;
    let names: Vec<_> =
        inspector.inspect(event.as_bytes()).findings.into_iter().map(|finding| finding.field).collect();
    assert_eq!(names, ["queryStringParameters.x"]);
}

#[test]
fn what_a_limit_leaves_out_is_reported() {
    let inspector = Inspector::new(Settings { body_limit: 10, ..Settings::default() });
    let event =
        r#"{"version":"2.0","rawPath":"/","requestContext":{"http":{}},"body":"aaaaaaaaaa ' or 1=1 -- "}"#;
    let inspection = inspector.inspect(event.as_bytes());
    assert!(inspection.findings.is_empty());
    assert_eq!(inspection.uninspected_bytes, 13);
}

#[test]
fn depth_does_not_exhaust_the_stack() {
    let event = "[".repeat(1_000_000);
    assert!(Inspector::default().inspect(event.as_bytes()).uninspected_bytes > 0);
    let nested = format!("{}\"{SQL}\"{}", "[".repeat(300), "]".repeat(300));
    assert_eq!(Inspector::default().inspect(nested.as_bytes()).findings.len(), 1);
}

/// Pieces of every language, so that the recognisers get past their first checks.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "'",
        "\"",
        "`",
        "\\",
        "(",
        ")",
        "<",
        ">",
        "/*",
        "*/",
        "--",
        "#",
        ";",
        "|",
        "&",
        "$(",
        "${",
        "}",
        "{{",
        "}}",
        "%",
        "%2",
        "%u00",
        "&#x",
        "&lt",
        "or ",
        "union ",
        "select ",
        "from ",
        "1=1",
        "case when ",
        "order by ",
        "a",
        "é",
        "\u{0}",
        "\n",
        " ",
        "../",
        "..2f",
        "etc/passwd",
        "<script",
        "onload=",
        "style=",
        "javascript:",
        "alert",
        "eval(",
        "id",
        "cat ",
        "/???/",
        "=$",
        "O:1:\"",
        "\\u{",
        "\\x",
        "[",
        "]",
        ",",
        "=",
        "+",
        "@@",
        "jndi:",
        ":-",
        "http-equiv=",
        "<!--",
        "<?",
        "YWFhYWFhYWFhYWFh",
        "[[",
        "/*!5",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn no_value_makes_it_panic(value in pieces()) {
        for finding in Inspector::default().inspect_value(value.as_bytes()) {
            // A span is in the value, on boundaries of characters.
            let _ = finding.fragment();
        }
    }

    #[test]
    fn no_bytes_make_it_panic(event in prop::collection::vec(any::<u8>(), 0..200)) {
        Inspector::default().inspect(&event);
        Inspector::default().inspect_value(&event);
        gambeson_waas::mask_event(&event, 50);
    }

    #[test]
    fn no_json_makes_it_panic(text in pieces(), shape in prop::sample::select(vec![
        r#"{"version":"2.0","rawPath":"/","headers":{"content-type":"multipart/form-data; boundary=a"},"requestContext":{"http":{}},"body":"@"}"#,
        r#"{"httpMethod":"GET","path":"@","multiValueHeaders":{"cookie":["@"]},"multiValueQueryStringParameters":{"@":["@","@"]}}"#,
        r#"{"Records":[{"eventSource":"aws:kinesis","kinesis":{"data":"@"}}]}"#,
        r#"{"@":["@",{"@":"{@}"}]}"#,
    ])) {
        let event = shape.replace('@', &text);
        Inspector::default().inspect(event.as_bytes());
        gambeson_waas::mask_event(event.as_bytes(), 1000);
    }
}
