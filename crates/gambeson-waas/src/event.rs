//! An event is recognised by its shape and split into the fields that somebody outside may have written.

use std::borrow::Cow;

use crate::decode;
use crate::json::{Kind, Tape};
use crate::settings::Location;

/// Where an event comes from, by its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum EventSource {
    ApiGatewayRest,
    /// API Gateway HTTP API, payload version 2.
    ApiGatewayHttp,
    FunctionUrl,
    WebSocket,
    Alb,
    Sqs,
    Sns,
    S3,
    DynamoDb,
    Kinesis,
    Kafka,
    EventBridge,
    CloudWatchLogs,
    Cognito,
    AppSync,
    /// Any other JSON: every string of it is a field.
    Unknown,
}

impl EventSource {
    /// Whether a response with a status can be given.
    pub fn is_http(self) -> bool {
        matches!(self, Self::ApiGatewayRest | Self::ApiGatewayHttp | Self::FunctionUrl | Self::Alb)
    }

    /// Whether the event is a list of `Records`, each of which can be taken out.
    pub fn is_batch(self) -> bool {
        matches!(self, Self::Sqs | Self::Sns | Self::S3 | Self::DynamoDb | Self::Kinesis)
    }

    fn of(tape: &Tape<'_>) -> Self {
        let has = |id, name| tape.member(id, name).is_some();
        if let Some(records) = tape.member(0, "Records") {
            let Some(first) = tape.children(records).next() else { return Self::Unknown };
            return match tape
                .member(first, "eventSource")
                .or_else(|| tape.member(first, "EventSource"))
                .map(|id| tape.value(id))
                .as_deref()
            {
                Some(b"aws:sqs") => Self::Sqs,
                Some(b"aws:sns") => Self::Sns,
                Some(b"aws:s3") => Self::S3,
                Some(b"aws:dynamodb") => Self::DynamoDb,
                Some(b"aws:kinesis") => Self::Kinesis,
                _ => Self::Unknown,
            };
        }
        if let Some(context) = tape.member(0, "requestContext") {
            if has(context, "elb") {
                return Self::Alb;
            }
            if has(context, "http") {
                let url = tape
                    .member(context, "domainName")
                    .is_some_and(|id| crate::text::find(&tape.value(id), b".lambda-url.").is_some());
                return if url { Self::FunctionUrl } else { Self::ApiGatewayHttp };
            }
            if has(context, "connectionId") {
                return Self::WebSocket;
            }
            if has(0, "httpMethod") {
                return Self::ApiGatewayRest;
            }
        }
        if has(0, "httpMethod") && has(0, "path") {
            return Self::ApiGatewayRest;
        }
        if has(0, "version") && has(0, "rawPath") {
            return Self::ApiGatewayHttp;
        }
        if tape.member(0, "awslogs").is_some_and(|id| has(id, "data")) {
            return Self::CloudWatchLogs;
        }
        if has(0, "detail-type") && has(0, "detail") {
            return Self::EventBridge;
        }
        if has(0, "triggerSource") && has(0, "userPoolId") {
            return Self::Cognito;
        }
        if has(0, "bootstrapServers") && has(0, "records") {
            return Self::Kafka;
        }
        if has(0, "arguments") && has(0, "info") {
            return Self::AppSync;
        }
        Self::Unknown
    }
}

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
        source if source.is_http() || source == EventSource::WebSocket => walker.http(&tape),
        EventSource::S3 => walker.records(&tape, &["s3"]),
        EventSource::Sqs => walker.records(&tape, &["body", "messageAttributes"]),
        EventSource::Sns => walker.records(&tape, &["Sns"]),
        EventSource::DynamoDb => walker.records(&tape, &["dynamodb"]),
        EventSource::Kinesis => walker.records(&tape, &["kinesis"]),
        EventSource::EventBridge => walker.member(&tape, &["detail"]),
        EventSource::Cognito => walker.member(&tape, &["request", "userName"]),
        EventSource::AppSync => walker.member(&tape, &["arguments", "source", "request"]),
        EventSource::Kafka => walker.member(&tape, &["records"]),
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
            let raw_key = tape.raw_key(id);
            // Keys that are names cost nothing; others are input like any value.
            if id != root
                && raw_key.iter().any(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'_' | b'-' | b'.'))
            {
                let key = tape.key(id);
                let name = || format!("key {}", name());
                self.field(location, &key, &key, &name);
            }
            if node.kind != Kind::String {
                continue;
            }
            let value = tape.value(id);
            let key = tape.key(id);
            self.text(&key, &value, &name, location, depth);
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

    fn http(&mut self, tape: &Tape<'_>) {
        self.path(tape);
        let content_type = self.headers(tape);
        if let Some(cookies) = tape.member(0, "cookies") {
            for id in tape.children(cookies) {
                self.cookies(&tape.value(id));
            }
        }
        self.query(tape);
        if let Some(body) = tape.member(0, "body")
            && tape.nodes[body as usize].kind == Kind::String
        {
            let text = tape.value(body);
            if self.limits.skip_body {
                self.left_out += text.len();
                return;
            }
            let encoded = tape.member(0, "isBase64Encoded").is_some_and(|id| &*tape.value(id) == b"true");
            let bytes = if encoded { decode::base64_bytes(&text).map_or(text, Cow::Owned) } else { text };
            let (kept, rest) = bytes.split_at(bytes.len().min(self.limits.body));
            self.left_out += rest.len();
            self.body(kept, &content_type);
        }
    }

    fn path(&mut self, tape: &Tape<'_>) {
        let Some(id) = tape.member(0, "rawPath").or_else(|| tape.member(0, "path")) else { return };
        let path = tape.value(id);
        self.field(Location::Path, b"", &path, &|| "path".to_owned());
        for (index, segment) in path.split(|&b| b == b'/').filter(|s| !s.is_empty()).enumerate() {
            if segment.len() < path.len() - 1 {
                self.field(Location::Path, b"", segment, &|| format!("path segment {}", index + 1));
            }
        }
    }

    fn headers(&mut self, tape: &Tape<'_>) -> String {
        let mut content_type = String::new();
        for member in ["headers", "multiValueHeaders"] {
            // The second one repeats the first where both are there, with every value.
            if member == "headers"
                && tape.member(0, "multiValueHeaders").is_some_and(|id| tape.children(id).next().is_some())
            {
                continue;
            }
            let Some(headers) = tape.member(0, member) else { continue };
            for id in tape.children(headers) {
                let name = String::from_utf8_lossy(&tape.key(id)).to_ascii_lowercase();
                let values = if tape.nodes[id as usize].kind == Kind::Array {
                    tape.children(id).collect()
                } else {
                    vec![id]
                };
                for id in values {
                    let value = tape.value(id);
                    if name == "content-type" {
                        content_type = String::from_utf8_lossy(&value).into_owned();
                    }
                    self.header(&name, &value);
                }
            }
        }
        content_type
    }

    fn header(&mut self, name: &str, value: &[u8]) {
        if name == "cookie" {
            self.cookies(value);
        } else if !written_by_platform(name) {
            let location = if name == "user-agent" { Location::UserAgentHeader } else { Location::Header };
            self.field(location, name.as_bytes(), value, &|| format!("header {name}"));
        }
    }

    fn cookies(&mut self, value: &[u8]) {
        for cookie in value.split(|&b| b == b';') {
            let cookie = cookie.trim_ascii_start();
            let (name, value) = split_pair(cookie);
            self.field(Location::Cookie, name, value, &|| {
                format!("cookie {}", String::from_utf8_lossy(name))
            });
        }
    }

    fn query(&mut self, tape: &Tape<'_>) {
        if let Some(raw) =
            tape.member(0, "rawQueryString").map(|id| tape.value(id)).filter(|raw| !raw.is_empty())
        {
            return self.pairs(&raw, Location::Query, "queryStringParameters");
        }
        for member in ["queryStringParameters", "multiValueQueryStringParameters"] {
            if member == "queryStringParameters"
                && tape
                    .member(0, "multiValueQueryStringParameters")
                    .is_some_and(|id| tape.children(id).next().is_some())
            {
                continue;
            }
            let Some(query) = tape.member(0, member) else { continue };
            for id in tape.children(query) {
                let key = tape.key(id);
                let name = || format!("queryStringParameters.{}", String::from_utf8_lossy(&key));
                self.field(Location::Query, &key, &key, &|| format!("name of {}", name()));
                if tape.nodes[id as usize].kind == Kind::Array {
                    let all: Vec<_> = tape.children(id).map(|id| tape.value(id)).collect();
                    for value in &all {
                        self.field(Location::Query, &key, value, &name);
                    }
                    if all.len() > 1 {
                        self.field(Location::Query, &key, &all.join(&b','), &name);
                    }
                } else {
                    self.field(Location::Query, &key, &tape.value(id), &name);
                }
            }
        }
    }

    /// `a=1&b=2` as on the wire.
    fn pairs(&mut self, text: &[u8], location: Location, prefix: &str) {
        for pair in text.split(|&b| b == b'&') {
            let (key, value) = split_pair(pair);
            let (key, value) = (decode::form(key), decode::form(value));
            let name = || format!("{prefix}.{}", String::from_utf8_lossy(&key));
            self.field(location, &key, &key, &|| format!("name of {}", name()));
            self.field(location, &key, &value, &name);
        }
    }

    fn body(&mut self, body: &[u8], content_type: &str) {
        let kind = content_type.to_ascii_lowercase();
        if let Some(at) = kind.find("boundary=") {
            let boundary = content_type[at + 9..].trim_matches('"').split(';').next().unwrap_or("");
            return self.multipart(body, boundary.trim_matches('"').as_bytes());
        }
        let start = body.trim_ascii_start();
        if kind.contains("json") || matches!(start.first(), Some(b'{' | b'[' | b'"')) {
            let tape = Tape::read(body);
            if !tape.nodes.is_empty() {
                self.strings(&tape, 0, "body", Location::JsonPath, 0);
                if !tape.is_document() {
                    let rest = &body[tape.read..];
                    self.field(Location::RawBody, b"", rest, &|| "body".to_owned());
                }
                return;
            }
        }
        if kind.contains("form-urlencoded") {
            return self.pairs(body, Location::Body, "body");
        }
        let location = if kind.contains("xml") { Location::XmlPath } else { Location::RawBody };
        self.field(location, b"", body, &|| "body".to_owned());
    }

    fn multipart(&mut self, body: &[u8], boundary: &[u8]) {
        let mut delimiter = b"--".to_vec();
        delimiter.extend_from_slice(boundary);
        let mut rest = body;
        while let Some(at) = crate::text::find(rest, &delimiter) {
            let part = &rest[at + delimiter.len()..];
            let end = crate::text::find(part, &delimiter).unwrap_or(part.len());
            self.part(&part[..end]);
            rest = part;
        }
    }

    fn part(&mut self, part: &[u8]) {
        let (split, gap) = match crate::text::find(part, b"\r\n\r\n") {
            Some(at) => (at, 4),
            None => match crate::text::find(part, b"\n\n") {
                Some(at) => (at, 2),
                None => return,
            },
        };
        let head = String::from_utf8_lossy(&part[..split]);
        let content = part[split + gap..].trim_ascii_end();
        let parameter = |name: &str| {
            let from = head.find(&format!(" {name}=\""))? + name.len() + 3;
            let rest = &head[from..];
            Some(rest[..rest.find('"').unwrap_or(rest.len())].to_owned())
        };
        let key = parameter("name").unwrap_or_default();
        let name = || format!("body.{key}");
        self.field(Location::Body, key.as_bytes(), key.as_bytes(), &|| format!("name of {}", name()));
        match parameter("filename") {
            // The name of a file is input; what is in it is a document, not a value.
            Some(file) => self.field(Location::Body, key.as_bytes(), file.as_bytes(), &|| {
                format!("file name of {}", name())
            }),
            None => self.field(Location::Body, key.as_bytes(), content, &name),
        }
    }
}

fn split_pair(pair: &[u8]) -> (&[u8], &[u8]) {
    match pair.iter().position(|&b| b == b'=') {
        Some(at) => (&pair[..at], &pair[at + 1..]),
        None => (pair, b""),
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

/// Headers that AWS or a browser writes in forms of their own, never a user.
fn written_by_platform(name: &str) -> bool {
    name.starts_with("sec-ch-")
        || name.starts_with("x-amz")
        || name.starts_with("sec-fetch-")
        || matches!(
            name,
            "via"
                | "accept-encoding"
                | "x-forwarded-proto"
                | "x-forwarded-port"
                | "content-length"
                | "connection"
                | "dnt"
                | "cache-control"
        )
}
