//! Cross-site scripting: the value is read by the states of an HTML tokeniser, in text, within a tag and within an
//! attribute, and as JavaScript where a script context may have put it. Only what would run script counts.

mod attributes;
mod context;
mod script;
mod tags;

use attributes::{handlers, script_url};
use context::context;
use script::script;
use tags::tags;

use crate::text::{Hit, documentation, find, hit, lower};

/// Reads a value as HTML or script.
pub(crate) fn recognise(value: &[u8]) -> Option<Hit> {
    let text = lower(value);
    let mut best: Option<Hit> = None;
    let mut take = |found: Option<Hit>| {
        if let Some(found) = found
            && best.as_ref().is_none_or(|best| best.score < found.score)
        {
            best = Some(found);
        }
    };
    if text.contains(&b'<') {
        take(tags(&text));
    }
    if text.iter().any(|b| matches!(b, b'<' | b'>')) {
        take(context(&text));
    }
    if text.contains(&b'&') {
        take(padded(&text));
    }
    if text.len() <= 12 && probes(&text) {
        take(hit(50, 0, text.len(), "asks whether an encoded `<` is decoded"));
    }
    if let Some(at) = find(&text, b"+adw-") {
        take(hit(70, at, at + 5, "markup in UTF-7"));
    }
    if text.contains(&b'=') {
        take(handlers(&text));
    }
    if text.contains(&b':') {
        take(script_url(&text));
    }
    if text.iter().any(|b| matches!(b, b'(' | b'`' | b'[' | b'=')) {
        take(script(&text));
    }
    let best = best?;
    let discount = documentation(&text);
    hit(best.score.saturating_sub(discount), best.span.0, best.span.1, best.reason)
}

/// `&#60`, `\x3c`, `\u003c` and nothing else.
fn probes(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let reference = text.strip_prefix(b"&#").map(|digits| digits.strip_suffix(b";").unwrap_or(digits));
    let zeros = |digits: &[u8]| digits.iter().take_while(|&&b| b == b'0').count();
    match (text, reference) {
        (b"\\x3c" | b"\\u003c" | b"\\u{3c}", _) => true,
        (_, Some([b'x', digits @ ..])) => &digits[zeros(digits)..] == b"3c",
        (_, Some(digits)) => &digits[zeros(digits)..] == b"60",
        _ => false,
    }
}

/// `&#0000060`: zeros before a reference's digits only keep a filter from knowing it.
fn padded(text: &[u8]) -> Option<Hit> {
    let mut at = 0;
    while let Some(offset) = find(&text[at..], b"&#") {
        let from = at + offset;
        at = from + 2;
        let digits = &text[at..];
        let digits = digits.strip_prefix(b"x").unwrap_or(digits);
        let zeros = digits.iter().take_while(|&&b| b == b'0').count();
        if zeros >= 2 && digits.get(zeros).is_some_and(u8::is_ascii_hexdigit) {
            return hit(55, from, text.len().min(at + zeros + 4), "pads a character reference");
        }
    }
    None
}
