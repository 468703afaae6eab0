//! What an audit says of the HTTP request behind a finding.

use crate::event::EventSource;
use crate::json::{Kind, Tape};

/// The HTTP request that an event carries, by its source; what the source does not say is `None`.
///
/// Everything but `client_address` was written by the client. A query may hold secrets: pass it through
/// [`mask_fragment`](crate::mask_fragment) before it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Such as `POST`.
    pub method: Option<String>,
    /// The path without the query.
    pub path: Option<String>,
    /// As on the wire, without `?`. REST APIs give parameters decoded; those are encoded again.
    pub query: Option<String>,
    /// The domain that was asked.
    pub host: Option<String>,
    /// The address that AWS saw, never one that a client may claim.
    pub client_address: Option<String>,
    /// The client's name for itself.
    pub user_agent: Option<String>,
}

/// Longer values are cut: an audit is read by people.
const LENGTH: usize = 2048;

impl Request {
    /// Reads it from the event; `None` for sources that are not HTTP.
    pub(crate) fn read(event: &[u8], source: EventSource) -> Option<Self> {
        if !source.is_http() {
            return None;
        }
        let tape = &Tape::read(event);
        Some(match source {
            EventSource::ApiGatewayHttp | EventSource::FunctionUrl => Self {
                method: at(tape, &["requestContext", "http", "method"]),
                path: at(tape, &["rawPath"]),
                query: at(tape, &["rawQueryString"]).filter(|query| !query.is_empty()),
                host: at(tape, &["requestContext", "domainName"]).or_else(|| header(tape, "host")),
                client_address: at(tape, &["requestContext", "http", "sourceIp"]),
                user_agent: at(tape, &["requestContext", "http", "userAgent"])
                    .or_else(|| header(tape, "user-agent")),
            },
            EventSource::Alb => Self {
                method: at(tape, &["httpMethod"]),
                path: at(tape, &["path"]),
                // A load balancer gives names and values as they came.
                query: query(tape, |part| part.to_owned()),
                host: header(tape, "host"),
                // It appends the address that it saw; what stands before was in the request.
                client_address: header(tape, "x-forwarded-for")
                    .and_then(|list| list.rsplit(',').next().map(|last| last.trim().to_owned())),
                user_agent: header(tape, "user-agent"),
            },
            _ => {
                let identity = |name| at(tape, &["requestContext", "identity", name]);
                Self {
                    method: at(tape, &["httpMethod"]),
                    path: at(tape, &["path"]),
                    query: query(tape, encode),
                    host: at(tape, &["requestContext", "domainName"]).or_else(|| header(tape, "host")),
                    client_address: identity("sourceIp"),
                    user_agent: header(tape, "user-agent").or_else(|| identity("userAgent")),
                }
            }
        })
    }
}

fn at(tape: &Tape<'_>, steps: &[&str]) -> Option<String> {
    steps.iter().try_fold(0, |id, step| tape.member(id, step)).and_then(|id| text(tape, id))
}

fn text(tape: &Tape<'_>, id: u32) -> Option<String> {
    (tape.nodes[id as usize].kind == Kind::String).then(|| cut(&String::from_utf8_lossy(&tape.value(id))))
}

fn cut(text: &str) -> String {
    let mut end = text.len().min(LENGTH);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// The last value of a header, whatever the case of its name.
fn header(tape: &Tape<'_>, name: &str) -> Option<String> {
    ["multiValueHeaders", "headers"].iter().find_map(|member| {
        let headers = tape.member(0, member)?;
        let id = tape.children(headers).find(|&id| tape.raw_key(id).eq_ignore_ascii_case(name.as_bytes()))?;
        let id = if tape.nodes[id as usize].kind == Kind::Array { tape.children(id).last()? } else { id };
        text(tape, id)
    })
}

/// The query from its parameters, each part written by `write`.
fn query(tape: &Tape<'_>, write: impl Fn(&str) -> String) -> Option<String> {
    ["multiValueQueryStringParameters", "queryStringParameters"].iter().find_map(|member| {
        let parameters = tape.member(0, member)?;
        let mut query = String::new();
        for id in tape.children(parameters) {
            let key = tape.key(id);
            let values: Vec<u32> = if tape.nodes[id as usize].kind == Kind::Array {
                tape.children(id).collect()
            } else {
                vec![id]
            };
            for id in values {
                if !query.is_empty() {
                    query.push('&');
                }
                query.push_str(&write(&String::from_utf8_lossy(&key)));
                query.push('=');
                query.push_str(&write(&String::from_utf8_lossy(&tape.value(id))));
            }
            if query.len() > LENGTH {
                break;
            }
        }
        (!query.is_empty()).then(|| cut(&query))
    })
}

/// Percent-encodes what would end a parameter or change its meaning.
fn encode(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    for char in part.chars() {
        if char.is_ascii_alphanumeric() || "-_.~!$'()*,/:;@?".contains(char) {
            out.push(char);
        } else {
            for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}
