//! Cross-site scripting: the value is read by the states of an HTML tokeniser, in text, within a tag and within an
//! attribute, and as JavaScript where a script context may have put it. Only what would run script counts.

mod attributes;
mod script;
mod tags;

use attributes::{handlers, script_url};
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
