//! What streams and logs carry: base64, bytes as numbers, gzip.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

use super::{Walker, join};
use crate::decode;
use crate::json::{Kind, Tape};
use crate::settings::Location;

/// CloudWatch Logs sends batches of at most 1 MiB before compression; what claims to be more is cut.
const UNZIPPED: usize = 4 << 20;

impl Walker<'_, '_> {
    /// `{"awslogs":{"data":"…"}}`: the batch in gzip, in base64. Only messages are written by somebody.
    pub(super) fn logs(&mut self, tape: &Tape<'_>) {
        let Some(data) = tape.member(0, "awslogs").and_then(|logs| tape.member(logs, "data")) else { return };
        let text = tape.value(data);
        let Some((batch, left_out)) = decode::base64_bytes(&text).and_then(|bytes| unzip(&bytes)) else {
            return self.field(Location::JsonPath, b"data", &text, &|| "awslogs.data".to_owned());
        };
        self.left_out += left_out;
        let batch = Tape::read(&batch);
        self.left_out += batch.len() - batch.read;
        let Some(events) = batch.member(0, "logEvents") else { return };
        for (index, event) in batch.children(events).enumerate() {
            for member in ["message", "extractedFields"] {
                if let Some(id) = batch.member(event, member) {
                    let prefix = format!("awslogs.data.logEvents[{index}].{member}");
                    self.below(&batch, id, &prefix);
                }
            }
        }
    }

    /// Records of a Kafka topic: keys and values in base64, headers as numbers.
    pub(super) fn kafka(&mut self, tape: &Tape<'_>) {
        let Some(records) = tape.member(0, "records") else { return };
        for topic in tape.children(records) {
            for record in tape.children(topic) {
                for member in ["key", "value"] {
                    let Some(id) = tape.member(record, member) else { continue };
                    let text = tape.value(id);
                    let decoded = decode::base64_bytes(&text).unwrap_or_else(|| text.into_owned());
                    self.text(b"", &decoded, &|| tape.path(u32::MAX, id), Location::JsonPath, 1);
                }
                let Some(headers) = tape.member(record, "headers") else { continue };
                for header in tape.children(headers).flat_map(|header| tape.children(header)) {
                    let bytes: Vec<u8> = tape
                        .children(header)
                        .filter_map(|byte| std::str::from_utf8(&tape.value(byte)).ok()?.parse::<i16>().ok())
                        .map(|byte| byte as u8)
                        .collect();
                    let key = tape.key(header);
                    self.field(Location::JsonPath, &key, &bytes, &|| tape.path(u32::MAX, header));
                }
            }
        }
    }

    /// The headers of a GraphQL request, which AppSync gives beside its arguments.
    pub(super) fn graphql_headers(&mut self, tape: &Tape<'_>) {
        let Some(headers) = tape.member(0, "request").and_then(|request| tape.member(request, "headers"))
        else {
            return;
        };
        for id in tape.children(headers).filter(|&id| tape.nodes[id as usize].kind == Kind::String) {
            let name = String::from_utf8_lossy(&tape.key(id)).to_ascii_lowercase();
            self.header(&name, &tape.value(id));
        }
    }

    /// Every string from `id` down, named by `prefix` and not by the document that it stands in.
    fn below(&mut self, tape: &Tape<'_>, id: u32, prefix: &str) {
        if tape.nodes[id as usize].kind == Kind::String {
            return self.text(b"", &tape.value(id), &|| prefix.to_owned(), Location::JsonPath, 0);
        }
        for child in tape.children(id).filter(|&child| tape.nodes[child as usize].kind == Kind::String) {
            let name = || join(prefix, &String::from_utf8_lossy(&tape.key(child)));
            self.text(&tape.key(child), &tape.value(child), &name, Location::JsonPath, 0);
        }
    }
}

/// The content of a gzip file as far as the limit, and how many bytes of it are left out.
fn unzip(file: &[u8]) -> Option<(Vec<u8>, usize)> {
    let [0x1F, 0x8B, 8, flags, _, _, _, _, _, _, rest @ ..] = file else { return None };
    let mut rest = rest;
    if flags & 4 != 0 {
        let length = usize::from(u16::from_le_bytes([*rest.first()?, *rest.get(1)?]));
        rest = rest.get(2 + length..)?;
    }
    // A name and a remark, each ended by a NUL.
    for flag in [8, 16] {
        if flags & flag != 0 {
            rest = &rest[memchr::memchr(0, rest)? + 1..];
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..)?;
    }
    match decompress_to_vec_with_limit(rest, UNZIPPED) {
        Ok(content) => Some((content, 0)),
        Err(error) if error.output.is_empty() => None,
        Err(error) => {
            // The file's last four bytes say how long its content is.
            let claimed = file.last_chunk().map_or(0, |&length| u32::from_le_bytes(length) as usize);
            let left_out = claimed.saturating_sub(error.output.len()).max(1);
            Some((error.output, left_out))
        }
    }
}
