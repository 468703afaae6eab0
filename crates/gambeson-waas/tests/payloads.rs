//! An event of each source as AWS sends it (`tests/payloads` of the repository): nothing is found in it as it stands, and
//! an attack in a place that somebody outside writes is found there.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gambeson_waas::{EventSource, Inspector};
use serde_json::Value;

const ATTACK: &str = "1 or 1=1";

/// What stands in a place, and the name that the finding there must have.
type Place = (&'static str, &'static str);

/// The file, its source, and places of it that somebody outside writes.
const PAYLOADS: &[(&str, EventSource, &[Place])] = &[
    (
        "api-gateway-rest",
        EventSource::ApiGatewayRest,
        &[
            ("4711", "path segment 2"),
            ("blue", "queryStringParameters.tag"),
            ("dark", "cookie theme"),
            ("https://shop.example.org/orders?page=2", "header referer"),
            ("ring the bell twice", "body.items[0].note"),
        ],
    ),
    (
        "api-gateway-http",
        EventSource::ApiGatewayHttp,
        &[
            ("4711", "path segment 2"),
            ("price", "queryStringParameters.sort"),
            ("dark", "cookie theme"),
            ("en-GB,en;q=0.9,de;q=0.7", "header accept-language"),
            ("Ada Example", "body.customer.name"),
        ],
    ),
    (
        "function-url",
        EventSource::FunctionUrl,
        &[("price", "queryStringParameters.sort"), ("ring+the+bell+twice", "body.note")],
    ),
    ("websocket", EventSource::WebSocket, &[("good morning everyone", "body.text")]),
    ("alb", EventSource::Alb, &[("blue%20lamp", "queryStringParameters.search"), ("dark", "cookie theme")]),
    (
        "alb-multi-value",
        EventSource::Alb,
        &[("blue%20lamp", "queryStringParameters.tag"), ("192.0.2.44", "header x-forwarded-for")],
    ),
    (
        "sqs",
        EventSource::Sqs,
        &[
            ("ring the bell twice", "Records[1].body.items[0].note"),
            ("order placed", "Records[0].messageAttributes.kind.stringValue"),
        ],
    ),
    (
        "sns",
        EventSource::Sns,
        &[
            ("ring the bell twice", "Records[0].Sns.Message.items[0].note"),
            ("New order", "Records[0].Sns.Subject"),
            ("north", "Records[0].Sns.MessageAttributes.tenant.Value"),
        ],
    ),
    ("sns-in-sqs", EventSource::Sqs, &[("ring the bell twice", "Records[0].body.Message.items[0].note")]),
    ("s3", EventSource::S3, &[("november+2026", "Records[0].s3.object.key")]),
    (
        "dynamodb-streams",
        EventSource::DynamoDb,
        &[("newsletter reader", "Records[0].dynamodb.NewImage.customer.M.tags.L[1].S")],
    ),
    (
        "kinesis",
        EventSource::Kinesis,
        &[
            ("ring the bell twice", "Records[0].kinesis.data.items[0].note"),
            ("customer-17", "Records[0].kinesis.partitionKey"),
        ],
    ),
    (
        "kafka",
        EventSource::Kafka,
        &[
            ("ring the bell twice", "records.orders-0[0].value.items[0].note"),
            ("customer-17", "records.orders-0[0].key"),
            ("north wing", "records.orders-0[0].headers[0].tenant"),
        ],
    ),
    ("eventbridge", EventSource::EventBridge, &[("ring the bell twice", "detail.items[0].note")]),
    (
        "cognito",
        EventSource::Cognito,
        &[
            ("Example Lamps", "request.userAttributes.custom:company"),
            ("spring party", "request.validationData.invitation"),
            ("ada.example", "userName"),
        ],
    ),
    (
        "iot-authorizer",
        EventSource::Iot,
        &[("sensor-17?room=kitchen", "protocolData.mqtt.username"), ("guest-token", "token")],
    ),
    // What a rule sends is any JSON, and so is what a state machine passes.
    ("iot-rule", EventSource::Unknown, &[("all is well", "reading.status")]),
    ("step-functions", EventSource::Unknown, &[("ring the bell twice", "input.items[0].note")]),
    (
        "appsync",
        EventSource::AppSync,
        &[
            ("ring the bell twice", "arguments.input.note"),
            ("en-GB,en;q=0.9,de;q=0.7", "header accept-language"),
        ],
    ),
    (
        "cloudwatch-logs",
        EventSource::CloudWatchLogs,
        &[
            ("ring the bell twice", "awslogs.data.logEvents[1].message.note"),
            ("INIT_START Runtime", "awslogs.data.logEvents[0].message"),
        ],
    ),
];

#[test]
fn a_benign_event_of_each_source_has_no_finding() {
    for (file, source, _) in PAYLOADS {
        let inspection = Inspector::default().inspect(read(file).to_string().as_bytes());
        assert_eq!(inspection.source, *source, "{file}");
        assert!(inspection.findings.is_empty(), "{file}: {:?}", inspection.findings);
        assert_eq!(inspection.uninspected_bytes, 0, "{file}");
    }
}

#[test]
fn an_attack_in_a_place_that_users_write_is_found_there() {
    for (file, source, places) in PAYLOADS {
        for (benign, field) in *places {
            let mut event = read(file);
            assert!(put(&mut event, benign), "{file} has no `{benign}`");
            let inspection = Inspector::default().inspect(event.to_string().as_bytes());
            assert_eq!(inspection.source, *source, "{file}");
            let fields: Vec<_> = inspection.findings.iter().map(|finding| finding.field.as_str()).collect();
            assert!(fields.contains(field), "{file}: {field} is not in {fields:?}");
        }
    }
}

#[test]
fn every_file_is_in_the_table() {
    let folder = format!("{}/../../tests/payloads", env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(folder).expect("the folder of payloads") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        let name = name.trim_end_matches(".json");
        assert!(PAYLOADS.iter().any(|(file, ..)| *file == name), "{name} is not tested");
    }
}

#[test]
fn a_batch_of_logs_that_unzips_to_too_much_is_cut_and_reported() {
    let bomb = vec![b' '; 64 << 20];
    let event = serde_json::json!({ "awslogs": { "data": STANDARD.encode(gzip(&bomb)) } });
    let inspection = Inspector::default().inspect(event.to_string().as_bytes());
    assert!(inspection.uninspected_bytes >= 60 << 20, "{}", inspection.uninspected_bytes);
}

fn read(file: &str) -> Value {
    let path = format!("{}/../../tests/payloads/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Puts the attack where `benign` stands: in a string, in what a string encodes, or in an array of bytes.
fn put(value: &mut Value, benign: &str) -> bool {
    match value {
        Value::String(text) => {
            if text.contains(benign) {
                *text = text.replace(benign, ATTACK);
                return true;
            }
            let Ok(bytes) = STANDARD.decode(text.as_bytes()) else { return false };
            let zipped = bytes.starts_with(&[0x1F, 0x8B]);
            let bytes = if zipped { gunzip(&bytes) } else { bytes };
            let Ok(inner) = String::from_utf8(bytes) else { return false };
            let changed = inner.replace(benign, ATTACK);
            let found = changed != inner;
            if found {
                *text = STANDARD.encode(if zipped { gzip(changed.as_bytes()) } else { changed.into_bytes() });
            }
            found
        }
        Value::Array(values) if values.iter().all(Value::is_number) => {
            let found = values.iter().filter_map(Value::as_u64).eq(benign.bytes().map(u64::from));
            if found {
                *values = ATTACK.bytes().map(Value::from).collect();
            }
            found
        }
        // Each place, as a query has it twice and a header may, too.
        Value::Array(values) => values.iter_mut().fold(false, |found, value| put(value, benign) | found),
        Value::Object(members) => members.values_mut().fold(false, |found, value| put(value, benign) | found),
        _ => false,
    }
}

fn gunzip(file: &[u8]) -> Vec<u8> {
    miniz_oxide::inflate::decompress_to_vec(&file[10..file.len() - 8]).expect("a file of gzip without a name")
}

/// A file of gzip; nobody here checks the sum.
fn gzip(content: &[u8]) -> Vec<u8> {
    let mut file = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3];
    file.extend(miniz_oxide::deflate::compress_to_vec(content, 6));
    file.extend([0; 4]);
    file.extend((content.len() as u32).to_le_bytes());
    file
}
