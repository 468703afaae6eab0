//! The parts of an HTTP request: path, headers, cookies, query, and the body by its content type.

use std::borrow::Cow;

use super::Walker;
use crate::decode;
use crate::json::{Kind, Tape};
use crate::settings::Location;

impl Walker<'_, '_> {
    pub(super) fn http(&mut self, tape: &Tape<'_>) {
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
            let encoded = tape.member(0, "isBase64Encoded").is_some_and(|id| &*tape.value(id) == b"true");
            // Nearly all bodies: JSON that no limit cuts.
            if !self.limits.skip_body
                && !encoded
                && !content_type.to_ascii_lowercase().contains("boundary=")
                && let Some(document) = tape.document_in(body).filter(|all| all.len() <= self.limits.body)
            {
                return self.strings(&document, 0, "body", Location::JsonPath, 0);
            }
            let text = tape.value(body);
            if self.limits.skip_body {
                self.left_out += text.len();
                return;
            }
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

    pub(super) fn header(&mut self, name: &str, value: &[u8]) {
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
