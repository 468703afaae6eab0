//! JSON as a tape: nodes in document order over the text itself. No recursion, so that no depth can exhaust the stack;
//! duplicate keys are all there; text that is no JSON from some point on is kept up to that point.

use std::borrow::Cow;

/// The nodes of a document.
pub(crate) struct Tape<'a> {
    text: &'a [u8],
    pub(crate) nodes: Vec<Node>,
    /// Where reading stopped: `text.len()` for a whole document.
    pub(crate) read: usize,
}

/// One value, with the key or the index that leads to it.
#[derive(Clone, Copy)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    key: (u32, u32),
    span: (u32, u32),
    pub(crate) parent: u32,
    pub(crate) index: u32,
    /// The first node after this one's descendants.
    pub(crate) next: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Other,
}

/// Containers deeper than this are not entered: reading stops and the rest counts as uninspected.
const DEPTH: usize = 512;
const NODES: usize = 400_000;

impl<'a> Tape<'a> {
    pub(crate) fn read(text: &'a [u8]) -> Self {
        let mut tape = Self { text, nodes: Vec::new(), read: 0 };
        if u32::try_from(text.len()).is_ok() {
            tape.fill();
        }
        tape
    }

    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    pub(crate) fn is_document(&self) -> bool {
        self.read == self.text.len() && !self.nodes.is_empty()
    }

    fn fill(&mut self) {
        let text = self.text;
        let mut at = 0;
        let mut open: Vec<u32> = Vec::new();
        let mut key = (0u32, 0u32);
        let mut index = 0u32;
        loop {
            at = skip_space(text, at);
            let Some(&byte) = text.get(at) else { break };
            let parent = open.last().copied().unwrap_or(u32::MAX);
            let in_object = open.last().is_some_and(|&i| self.nodes[i as usize].kind == Kind::Object);
            match byte {
                b'}' | b']' if !open.is_empty() => {
                    let closed = open.pop().unwrap_or(0) as usize;
                    self.nodes[closed].next = self.nodes.len() as u32;
                    self.nodes[closed].span.1 = at as u32 + 1;
                    at += 1;
                    index = self.nodes[closed].index + 1;
                    self.read = at;
                    continue;
                }
                b',' => {
                    at += 1;
                    continue;
                }
                _ => {}
            }
            if open.is_empty() && !self.nodes.is_empty() || self.nodes.len() >= NODES {
                self.read = at.min(text.len().saturating_sub(1));
                return;
            }
            if in_object {
                let Some(end) = (byte == b'"').then(|| string_end(text, at)).flatten() else { break };
                key = (at as u32 + 1, end as u32);
                at = skip_space(text, end + 1);
                if text.get(at) != Some(&b':') {
                    break;
                }
                at = skip_space(text, at + 1);
            }
            let Some(&byte) = text.get(at) else { break };
            let (kind, span, end) = match byte {
                b'{' => (Kind::Object, (at, at + 1), at + 1),
                b'[' => (Kind::Array, (at, at + 1), at + 1),
                b'"' => match string_end(text, at) {
                    Some(end) => (Kind::String, (at + 1, end), end + 1),
                    None => break,
                },
                b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b'N' | b'I' => {
                    let mut end = at;
                    while text
                        .get(end)
                        .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.'))
                    {
                        end += 1;
                    }
                    (Kind::Other, (at, end), end)
                }
                _ => break,
            };
            let id = self.nodes.len() as u32;
            let node_key = if in_object { key } else { (0, 0) };
            self.nodes.push(Node {
                kind,
                key: node_key,
                span: (span.0 as u32, span.1 as u32),
                parent,
                index,
                next: id + 1,
            });
            index += 1;
            at = end;
            self.read = at;
            if matches!(kind, Kind::Object | Kind::Array) {
                if open.len() >= DEPTH {
                    break;
                }
                open.push(id);
                index = 0;
            }
        }
        let all = skip_space(text, self.read) == text.len() && open.is_empty();
        for id in open {
            self.nodes[id as usize].next = self.nodes.len() as u32;
        }
        self.read = if all { text.len() } else { self.read.min(text.len().saturating_sub(1)) };
    }

    pub(crate) fn key(&self, id: u32) -> Cow<'a, [u8]> {
        let (from, to) = self.nodes[id as usize].key;
        unescape(&self.text[from as usize..to as usize])
    }

    pub(crate) fn raw_key(&self, id: u32) -> &'a [u8] {
        let (from, to) = self.nodes[id as usize].key;
        &self.text[from as usize..to as usize]
    }

    /// The text of a string, or of a number, as it is after JSON's own escapes.
    pub(crate) fn value(&self, id: u32) -> Cow<'a, [u8]> {
        let node = &self.nodes[id as usize];
        let raw = &self.text[node.span.0 as usize..node.span.1 as usize];
        if node.kind == Kind::String { unescape(raw) } else { Cow::Borrowed(raw) }
    }

    /// The bytes of a value in the document, without the quotes of a string.
    pub(crate) fn span(&self, id: u32) -> (usize, usize) {
        let node = &self.nodes[id as usize];
        (node.span.0 as usize, node.span.1 as usize)
    }

    /// The bytes of a value in the document, a string with its quotes.
    pub(crate) fn span_with_quotes(&self, id: u32) -> (usize, usize) {
        let (from, to) = self.span(id);
        if self.nodes[id as usize].kind == Kind::String { (from - 1, to + 1) } else { (from, to) }
    }

    pub(crate) fn is_array(&self, id: u32) -> bool {
        self.nodes[id as usize].kind == Kind::Array
    }

    pub(crate) fn children(&self, id: u32) -> impl Iterator<Item = u32> + '_ {
        let end = self.nodes.get(id as usize).map_or(0, |node| node.next);
        let mut at = id + 1;
        std::iter::from_fn(move || {
            (at < end).then(|| {
                let child = at;
                at = self.nodes[child as usize].next;
                child
            })
        })
    }

    /// A member of an object; the last one of that name, as most readers of JSON take it.
    pub(crate) fn member(&self, id: u32, name: &str) -> Option<u32> {
        if self.nodes.get(id as usize)?.kind != Kind::Object {
            return None;
        }
        self.children(id).filter(|&child| self.raw_key(child) == name.as_bytes()).last()
    }

    /// A path such as `items[3].name`, from below `root` down to `id`.
    pub(crate) fn path(&self, root: u32, id: u32) -> String {
        let mut steps = Vec::new();
        let mut at = id;
        while at != root && at != u32::MAX {
            steps.push(at);
            at = self.nodes[at as usize].parent;
        }
        let mut path = String::new();
        for id in steps.into_iter().rev() {
            let node = &self.nodes[id as usize];
            let of_array = node.parent != u32::MAX && self.nodes[node.parent as usize].kind == Kind::Array;
            if of_array {
                path.push_str(&format!("[{}]", node.index));
            } else {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&String::from_utf8_lossy(&self.key(id)));
            }
        }
        path
    }
}

fn skip_space(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

fn string_end(text: &[u8], start: usize) -> Option<usize> {
    let rest = text.get(start + 1..)?;
    // Names and numbers end soon, and few have an escape.
    let near = rest.iter().take(24).position(|b| matches!(b, b'"' | b'\\'));
    if let Some(near) = near.filter(|&near| rest[near] == b'"') {
        return Some(start + 1 + near);
    }
    // A quote behind an odd number of backslashes is escaped.
    memchr::memchr_iter(b'"', rest)
        .find(|&at| rest[..at].iter().rev().take_while(|&&b| b == b'\\').count() % 2 == 0)
        .map(|at| start + 1 + at)
}

fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr::memchr(b'\\', raw) else { return Cow::Borrowed(raw) };
    let mut out = Vec::with_capacity(raw.len());
    out.extend_from_slice(&raw[..first]);
    let mut at = first;
    while let Some(&escaped) = raw.get(at + 1) {
        at += 2;
        match escaped {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'u' if hex4(&raw[at..]).is_some() => {
                let (char, digits) = unicode(&raw[at..]);
                at += digits;
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => out.push(other),
        }
        let run = memchr::memchr(b'\\', &raw[at..]).unwrap_or(raw.len() - at);
        out.extend_from_slice(&raw[at..at + run]);
        at += run;
    }
    out.extend_from_slice(&raw[at..]);
    Cow::Owned(out)
}

/// What stands behind `\u`, one code unit or a pair of surrogates, and its length.
fn unicode(text: &[u8]) -> (char, usize) {
    let code = hex4(text).unwrap_or(0xFFFD);
    if let 0xD800..=0xDBFF = code
        && text[4..].starts_with(b"\\u")
        && let Some(low @ 0xDC00..=0xDFFF) = hex4(&text[6..])
    {
        let code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        return (char::from_u32(code).unwrap_or('\u{FFFD}'), 10);
    }
    (char::from_u32(code).unwrap_or('\u{FFFD}'), 4)
}

fn hex4(text: &[u8]) -> Option<u32> {
    let digits = text.get(..4)?;
    digits.iter().try_fold(0, |n, &d| Some(n * 16 + (d as char).to_digit(16)?))
}
