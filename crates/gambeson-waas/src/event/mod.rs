//! An event is recognised by its shape and split into the fields that somebody outside may have written.

mod http;
mod source;
mod stream;

pub use source::EventSource;

use crate::decode;
use crate::gate::suspicious;
use crate::inspector::WINDOW;
use crate::json::{Kind, Tape};
use crate::settings::Location;

/// One value that somebody outside may have written.
pub(crate) struct Field<'f> {
    pub(crate) value: &'f [u8],
    pub(crate) location: Location,
    pub(crate) key: &'f [u8],
    pub(crate) record: Option<usize>,
    /// Its name for a person; built only for findings.
    pub(crate) name: &'f dyn Fn() -> String,
}

pub(crate) struct Limits {
    pub(crate) body: usize,
    pub(crate) skip_body: bool,
}

/// Hands every field of an event to `sink`; gives the source and the number of bytes that were left out.
pub(crate) fn walk(event: &[u8], limits: &Limits, sink: &mut dyn FnMut(&Field<'_>)) -> (EventSource, usize) {
    let tape = Tape::read(event);
    if tape.nodes.is_empty() {
        let name = || "event".to_owned();
        sink(&Field { value: event, location: Location::RawBody, key: b"", record: None, name: &name });
        return (EventSource::Unknown, 0);
    }
    let source = EventSource::of(&tape);
    let mut walker = Walker { sink, limits, left_out: event.len() - tape.read, record: None };
    match source {
        source if source.is_http() => walker.http(&tape),
        EventSource::S3 => walker.records(&tape, &["s3"]),
        EventSource::Sqs => walker.records(&tape, &["body", "messageAttributes"]),
        EventSource::Sns => walker.records(&tape, &["Sns"]),
        EventSource::DynamoDb => walker.records(&tape, &["dynamodb"]),
        EventSource::Kinesis => walker.records(&tape, &["kinesis"]),
        EventSource::EventBridge => walker.member(&tape, &["detail"]),
        EventSource::Cognito => walker.member(&tape, &["request", "userName"]),
        EventSource::AppSync => {
            walker.member(&tape, &["arguments", "source"]);
            walker.graphql_headers(&tape);
        }
        EventSource::Kafka => walker.kafka(&tape),
        EventSource::CloudWatchLogs => walker.logs(&tape),
        EventSource::Iot => walker.member(&tape, &["token", "protocolData"]),
        _ => walker.strings(&tape, 0, "", Location::JsonPath, 0),
    }
    let left_out = walker.left_out;
    (source, left_out)
}

struct Walker<'s, 'f> {
    sink: &'s mut dyn FnMut(&Field<'_>),
    limits: &'f Limits,
    left_out: usize,
    record: Option<usize>,
}

/// JSON in a string in JSON in a string …: as far as this.
const NESTED: usize = 4;

impl Walker<'_, '_> {
    fn field(&mut self, location: Location, key: &[u8], value: &[u8], name: &dyn Fn() -> String) {
        if !value.is_empty() {
            (self.sink)(&Field { value, location, key, record: self.record, name });
        }
    }

    fn records(&mut self, tape: &Tape<'_>, members: &[&str]) {
        let Some(records) = tape.member(0, "Records") else { return };
        for (index, record) in tape.children(records).enumerate() {
            self.record = Some(index);
            for member in members {
                if let Some(id) = tape.member(record, member) {
                    self.strings(tape, id, "", Location::JsonPath, 0);
                }
            }
        }
        self.record = None;
    }

    fn member(&mut self, tape: &Tape<'_>, members: &[&str]) {
        for member in members {
            if let Some(id) = tape.member(0, member) {
                self.strings(tape, id, "", Location::JsonPath, 0);
            }
        }
    }

    /// Every string and key from `root` down.
    fn strings(&mut self, tape: &Tape<'_>, root: u32, prefix: &str, location: Location, depth: usize) {
        let end = tape.nodes.get(root as usize).map_or(0, |node| node.next);
        for id in root..end {
            let node = tape.nodes[id as usize];
            let name = || join(prefix, &tape.path(u32::MAX, id));
            // Keys that are names cost nothing; others are input like any value.
            if id != root && !tape.has_plain_key(id) {
                let key = tape.key(id);
                let name = || format!("key {}", name());
                self.field(location, &key, &key, &name);
            }
            if node.kind != Kind::String {
                continue;
            }
            if depth < NESTED
                && let Some(document) = tape.document_in(id)
            {
                self.strings(&document, 0, &name(), location, depth + 1);
                continue;
            }
            let value = tape.value(id);
            // So does a value that nobody needs to see, as nearly all are: not even its name is made.
            let base64 = matches!(tape.raw_key(id), b"data" | b"value");
            if !base64 && value.len() <= WINDOW && !suspicious(&value, tape.classes(id)) {
                continue;
            }
            self.text(&tape.key(id), &value, &name, location, depth);
        }
    }

    /// A string of JSON: JSON itself, or base64 of a record, or text.
    fn text(
        &mut self,
        key: &[u8],
        value: &[u8],
        name: &dyn Fn() -> String,
        location: Location,
        depth: usize,
    ) {
        if depth < NESTED && matches!(value.first(), Some(b'{' | b'[')) {
            let nested = Tape::read(value);
            if nested.is_document() {
                return self.strings(&nested, 0, &name(), location, depth + 1);
            }
        }
        if depth < NESTED
            && matches!(key, b"data" | b"value")
            && let Some(text) = decode::base64_bytes(value).filter(|text| std::str::from_utf8(text).is_ok())
        {
            return self.text(b"", &text, name, location, depth + 1);
        }
        if key == b"key" && value.contains(&b'+') {
            return self.field(location, key, &decode::form(value), name);
        }
        self.field(location, key, value, name);
    }
}

fn join(prefix: &str, path: &str) -> String {
    match (prefix, path) {
        ("", path) => path.to_owned(),
        (prefix, "") => prefix.to_owned(),
        (prefix, path) if path.starts_with('[') => format!("{prefix}{path}"),
        (prefix, path) => format!("{prefix}.{path}"),
    }
}
