//! JSON as a tape: nodes in document order over the text itself. No recursion, so that no depth can exhaust the stack;
//! duplicate keys are all there; text that is no JSON from some point on is kept up to that point.

mod string;

use std::borrow::Cow;

use crate::gate::Classes;
use string::{Escaped, Plain, Quotes, unescape};

/// The nodes of a document.
pub(crate) struct Tape<'a> {
    text: &'a [u8],
    /// Whether the text still has the escapes of the string that it stands in.
    escaped: bool,
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
    /// Of the key and of a string, as they are read: what they are made of, unless something in them is escaped.
    key_classes: Option<Classes>,
    classes: Option<Classes>,
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
/// Bytes of a document per node, about.
const TYPICAL: usize = 16;

impl<'a> Tape<'a> {
    pub(crate) fn read(text: &'a [u8]) -> Self {
        Self::read_as::<Plain>(text, false)
    }

    /// The document that a string is, read where it stands: without its escapes it would have to be written down first, which
    /// takes as long as to read it. `None` for what is no document, and for one in whose escapes there is anything unusual.
    pub(crate) fn document_in(&self, id: u32) -> Option<Tape<'a>> {
        let (from, to) = self.span(id);
        let text = &self.text[from..to];
        if self.escaped || self.nodes[id as usize].kind != Kind::String || self.classes(id).is_some() {
            return None;
        }
        if !matches!(text.get(Escaped::skip_space(text, 0)), Some(b'{' | b'[')) {
            return None;
        }
        Some(Tape::read_as::<Escaped>(text, true)).filter(Tape::is_document)
    }

    fn read_as<Q: Quotes>(text: &'a [u8], escaped: bool) -> Self {
        let mut tape = Self { text, escaped, nodes: Vec::new(), read: 0 };
        if u32::try_from(text.len()).is_ok() {
            tape.fill::<Q>();
        }
        tape
    }

    /// The length of the text; of one with escapes, the most that it has without them.
    pub(crate) fn len(&self) -> usize {
        if !self.escaped {
            return self.text.len();
        }
        let quoted = |node: &Node| usize::from(node.key.0 > 0) + usize::from(node.kind == Kind::String);
        self.text.len() - 2 * self.nodes.iter().map(quoted).sum::<usize>()
    }

    pub(crate) fn is_document(&self) -> bool {
        self.read == self.text.len() && !self.nodes.is_empty()
    }

    fn fill<Q: Quotes>(&mut self) {
        let text = self.text;
        self.nodes.reserve((text.len() / TYPICAL).min(NODES));
        let mut at = 0;
        let mut open: Vec<u32> = Vec::new();
        let (mut parent, mut in_object) = (u32::MAX, false);
        let mut index = 0u32;
        loop {
            at = Q::skip_space(text, at);
            let Some(&byte) = text.get(at) else { break };
            match byte {
                b'}' | b']' if !open.is_empty() => {
                    let closed = open.pop().unwrap_or(0) as usize;
                    self.nodes[closed].next = self.nodes.len() as u32;
                    self.nodes[closed].span.1 = at as u32 + 1;
                    at += 1;
                    index = self.nodes[closed].index + 1;
                    parent = open.last().copied().unwrap_or(u32::MAX);
                    in_object = self.nodes.get(parent as usize).is_some_and(|node| node.kind == Kind::Object);
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
            let (mut key, mut key_classes) = ((0, 0), Some(Classes::default()));
            if in_object {
                if !text[at..].starts_with(Q::QUOTE) {
                    break;
                }
                let start = at + Q::QUOTE.len();
                let Some((end, classes)) = Q::end(text, start) else { break };
                (key, key_classes) = ((start as u32, end as u32), classes);
                at = Q::skip_space(text, end + Q::QUOTE.len());
                if text.get(at) != Some(&b':') {
                    break;
                }
                at = Q::skip_space(text, at + 1);
            }
            let Some(&byte) = text.get(at) else { break };
            let mut classes = None;
            let (kind, span, end) = match byte {
                b'{' => (Kind::Object, (at, at + 1), at + 1),
                b'[' => (Kind::Array, (at, at + 1), at + 1),
                _ if text[at..].starts_with(Q::QUOTE) => {
                    let start = at + Q::QUOTE.len();
                    let Some((end, of)) = Q::end(text, start) else { break };
                    classes = of;
                    (Kind::String, (start, end), end + Q::QUOTE.len())
                }
                b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b'N' | b'I' => {
                    let length = text[at..]
                        .iter()
                        .position(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'-' | b'+' | b'.'));
                    let end = length.map_or(text.len(), |length| at + length);
                    (Kind::Other, (at, end), end)
                }
                _ => break,
            };
            let id = self.nodes.len() as u32;
            self.nodes.push(Node {
                kind,
                key,
                span: (span.0 as u32, span.1 as u32),
                parent,
                index,
                next: id + 1,
                key_classes,
                classes,
            });
            index += 1;
            at = end;
            self.read = at;
            if matches!(kind, Kind::Object | Kind::Array) {
                if open.len() >= DEPTH {
                    break;
                }
                open.push(id);
                (parent, in_object) = (id, kind == Kind::Object);
                index = 0;
            }
        }
        let all = Q::skip_space(text, self.read) == text.len() && open.is_empty();
        for id in open {
            self.nodes[id as usize].next = self.nodes.len() as u32;
        }
        self.read = if all { text.len() } else { self.read.min(text.len().saturating_sub(1)) };
    }

    /// Whether the node's key is a name as programs have them.
    pub(crate) fn has_plain_key(&self, id: u32) -> bool {
        self.nodes[id as usize].key_classes.is_some_and(Classes::of_a_name)
    }

    /// What a string is made of, if nothing in it is escaped.
    pub(crate) fn classes(&self, id: u32) -> Option<Classes> {
        self.nodes[id as usize].classes
    }

    pub(crate) fn key(&self, id: u32) -> Cow<'a, [u8]> {
        self.unescaped(self.raw_key(id))
    }

    fn unescaped(&self, raw: &'a [u8]) -> Cow<'a, [u8]> {
        match unescape(raw) {
            once if !self.escaped => once,
            Cow::Borrowed(once) => unescape(once),
            Cow::Owned(once) => Cow::Owned(unescape(&once).into_owned()),
        }
    }

    pub(crate) fn raw_key(&self, id: u32) -> &'a [u8] {
        let (from, to) = self.nodes[id as usize].key;
        &self.text[from as usize..to as usize]
    }

    /// The text of a string, or of a number, as it is after JSON's own escapes.
    pub(crate) fn value(&self, id: u32) -> Cow<'a, [u8]> {
        let node = &self.nodes[id as usize];
        let raw = &self.text[node.span.0 as usize..node.span.1 as usize];
        if node.kind != Kind::String || node.classes.is_some() {
            Cow::Borrowed(raw)
        } else {
            self.unescaped(raw)
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn leaves(tape: &Tape<'_>) -> Vec<(String, Kind, Vec<u8>)> {
        (0..tape.nodes.len() as u32)
            .map(|id| (tape.path(u32::MAX, id), tape.nodes[id as usize].kind, tape.value(id).into_owned()))
            .filter(|(_, kind, _)| matches!(kind, Kind::String | Kind::Other))
            .collect()
    }

    /// A document in a string, read where it stands and read once it is written down; whether both were possible.
    fn both_ways(document: &str) -> bool {
        let text = json!([document]).to_string();
        let tape = Tape::read(text.as_bytes());
        assert_eq!(tape.value(1), document.as_bytes());
        let Some(inner) = tape.document_in(1) else { return false };
        let plain = Tape::read(document.as_bytes());
        assert!(plain.is_document(), "{document}");
        assert_eq!(leaves(&inner), leaves(&plain), "{document}");
        assert!(inner.len() >= document.len(), "{document}");
        true
    }

    #[test]
    fn a_document_in_a_string_is_read_where_it_stands() {
        assert!(both_ways(r#"{"a": "b", "c": [1, "", {"d\"e": "f\\g\n\u00e9\\\\"}], "": "\\"}"#));
        assert!(both_ways("\n[\r\n\t\"x\"\n]\n"));
        let tape = Tape::read(br#"["[\"\u00e9\\u00e9\ud83d\ude00\"]"]"#);
        assert_eq!(&*tape.document_in(1).unwrap().value(1), "éé😀".as_bytes());
        // What nobody's JSON writer escapes is left to the longer way.
        let tape = Tape::read(br#"["[\u0022x\u0022]"]"#);
        assert!(tape.document_in(1).is_none());
        assert_eq!(&*tape.value(1), br#"["x"]"#);
        for none in ["", "text", "\"", "[\"a", "[\"a\"", "{\"a\"}", "[\"\\", "[] \"x\""] {
            assert!(!both_ways(none), "{none}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_read_otherwise_for_standing_in_a_string(
            document in r#"[\[{]("[a\\"n/é]{0,3}"|[\[\]{}:,1 \\"\n\t]){0,12}[\]}]"#,
            string in "\\PC{0,80}[\\\\\"\n\u{1}]{0,4}\\PC{0,80}",
        ) {
            both_ways(&document);
            let wrapped = json!({"k": string, string.clone(): [string]}).to_string();
            prop_assert!(both_ways(&wrapped) || string.chars().any(char::is_control));
        }
    }
}
