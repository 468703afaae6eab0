//! What leaves the place that the value stands in, or rebuilds the page around it. Only short values count: a document may
//! well have all of this.

use crate::text::{Hit, find, find_any, hit, needles, words_of_prose};

/// Longer ones are documents.
const SHORT: usize = 300;

/// Elements that decide how the rest of a page is read, or stand in for a part of it.
const STRUCTURE: &[&[u8]] = &[
    b"html",
    b"head",
    b"body",
    b"form",
    b"input",
    b"textarea",
    b"meta",
    b"base",
    b"style",
    b"title",
    b"xmp",
    b"plaintext",
    b"noscript",
    b"noembed",
    b"svg",
    b"math",
    b"iframe",
    b"object",
    b"embed",
    b"frameset",
    b"keygen",
    b"isindex",
    b"template",
    b"image",
    b"portal",
    b"link",
];

/// Elements of ordinary text, of which a cut-off may leave only the end.
const TEXT: &[&[u8]] = &[
    b"p",
    b"div",
    b"span",
    b"b",
    b"i",
    b"u",
    b"em",
    b"strong",
    b"small",
    b"br",
    b"li",
    b"ul",
    b"ol",
    b"table",
    b"tbody",
    b"tr",
    b"td",
    b"th",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"a",
    b"pre",
    b"code",
    b"blockquote",
    b"figure",
    b"section",
    b"article",
    b"font",
    b"center",
];

pub(super) fn context(text: &[u8]) -> Option<Hit> {
    if text.len() > SHORT {
        return None;
    }
    let lead = text.len() - text.trim_ascii_start().len();
    let start = &text[lead..];
    let prose = words_of_prose(text);
    if prose > 8 {
        return None;
    }
    let all = |score, reason| hit(score, lead, text.len(), reason);
    if find(text, b"]]>").is_some() && find(text, b"<![cdata[").is_none() {
        return all(55, "closes a section of XML that it did not open");
    }
    if start.starts_with(b"-->") && start.get(3).is_some_and(|b| !b.is_ascii_whitespace() && *b != b'-') {
        return all(55, "closes a comment that it did not open");
    }
    if start.starts_with(b"<!--") && find(start, b"-->").is_none() {
        return all(50, "a comment that may swallow the rest of the page");
    }
    if let Some(rest) = start.strip_prefix(b"</") {
        let name = &rest[..rest.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len())];
        if rest.first().is_some_and(u8::is_ascii_alphabetic) && !TEXT.contains(&name) {
            return all(50, "closes an element that it did not open");
        }
    }
    for (at, _) in text.iter().enumerate().filter(|&(_, &b)| b == b'<') {
        let rest = &text[at + 1..];
        if rest.starts_with(b"![endif") || rest.starts_with(b"!doctype") {
            return all(50, "a document within the document");
        }
        let name = &rest[..rest.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len())];
        let delimited =
            rest.get(name.len()).is_none_or(|b| matches!(b, b'>' | b'/') || b.is_ascii_whitespace());
        if delimited && STRUCTURE.contains(&name) && (at == lead || prose <= 2 || name == b"style") {
            return all(50, "an element that changes the page around it");
        }
    }
    if !matches!(start.first(), Some(b'"' | b'\'')) {
        return None;
    }
    // `"x"><b>`: what starts within a tag ends it and goes on with another.
    let first = text.iter().position(|&b| b == b'<')?;
    let tag = text.get(first + 1).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'/');
    let closed = find_any(&text[..first], needles!["\">", "'>", "\"/>", "'/>", "\" />", "' />"]);
    if let Some((from, _)) = closed.filter(|_| tag) {
        return hit(60, from, text.len(), "closes the attribute and the tag that it stands in");
    }
    None
}
