//! Each source's fields, named as a person can find them.

use gambeson_waas::{EventSource, Exception, Inspector, Location, Protection, Request, Settings};
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
fn the_request_behind_a_finding_is_told_by_its_source() {
    let request = |event: &str| Inspector::default().inspect(event.as_bytes()).request;
    let given = |text: &str| Some(text.to_owned());

    let http = r#"{"version":"2.0","rawPath":"/a/b","rawQueryString":"id=1+or+1%3D1","headers":{"user-agent":"x"},
        "requestContext":{"domainName":"api.example.org","http":{"method":"PUT","sourceIp":"192.0.2.7","userAgent":"curl/8"}}}"#;
    let expected = Request {
        method: given("PUT"),
        path: given("/a/b"),
        query: given("id=1+or+1%3D1"),
        host: given("api.example.org"),
        client_address: given("192.0.2.7"),
        user_agent: given("curl/8"),
    };
    assert_eq!(request(http), Some(expected.clone()));
    let function_url = http.replace("api.example.org", "abc.lambda-url.eu-west-1.on.aws");
    assert_eq!(request(&function_url).and_then(|r| r.host), given("abc.lambda-url.eu-west-1.on.aws"));

    // Parameters come decoded and are encoded again.
    let rest = r#"{"httpMethod":"PUT","path":"/a/b","multiValueQueryStringParameters":{"id":["1 or 1=1","a&b"]},
        "headers":{"User-Agent":"curl/8","Host":"other"},
        "requestContext":{"domainName":"api.example.org","identity":{"sourceIp":"192.0.2.7"}}}"#;
    let query = given("id=1%20or%201%3D1&id=a%26b");
    assert_eq!(request(rest), Some(Request { query, ..expected.clone() }));

    // The client wrote the first address, the load balancer the last one.
    let alb = r#"{"httpMethod":"PUT","path":"/a/b","queryStringParameters":{"id":"1+or+1%3D1"},
        "headers":{"host":"api.example.org","user-agent":"curl/8","x-forwarded-for":"10.0.0.1, 192.0.2.7"},
        "requestContext":{"elb":{"targetGroupArn":"arn"}}}"#;
    assert_eq!(request(alb), Some(expected));

    let socket = r#"{"requestContext":{"routeKey":"say","connectionId":"a=","domainName":"ws.example.org",
        "identity":{"sourceIp":"192.0.2.7","userAgent":"curl/8"}},"body":"1 or 1=1"}"#;
    let socket = request(socket).expect("a request");
    assert_eq!((socket.method, socket.path), (None, None));
    assert_eq!(socket.client_address, given("192.0.2.7"));

    assert_eq!(request(&http.replace("1+or+1%3D1", "1")), None, "nothing was found");
    assert_eq!(request(r#"{"Records":[{"eventSource":"aws:sqs","body":"1 or 1=1"}]}"#), None);
}

#[test]
fn every_protection_has_its_categories() {
    for protection in Protection::ALL {
        assert!(protection.owasp().starts_with('A') && protection.owasp().contains(":2021 "));
        assert!(protection.technique().id.starts_with('T'));
    }
    assert_eq!(Protection::Sqli.technique().to_string(), "T1190 Exploit Public-Facing Application");
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
