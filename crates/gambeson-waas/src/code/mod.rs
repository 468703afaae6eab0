//! Code injection: what Node, Python, PHP, Ruby, Java, template engines and log4j would run.

mod calls;
mod marks;
mod template;

use calls::calls;
use marks::marks;
use template::{lookup, template};

use crate::text::{Hit, documentation, find, hit, is_word, lower, skip_space, words_of_prose};

/// Reads a value as code.
pub(crate) fn recognise(value: &[u8]) -> Option<Hit> {
    let text = lower(value);
    let squeezed = squeeze(&text);
    let mut best: Option<Hit> = None;
    for found in [
        lookup(&text),
        template(&text),
        marks(&squeezed, &text),
        calls(&text),
        statement(&text),
        serialised(value),
    ]
    .into_iter()
    .flatten()
    {
        if best.as_ref().is_none_or(|best| best.score < found.score) {
            best = Some(found);
        }
    }
    let best = best?;
    hit(best.score.saturating_sub(documentation(&text)), best.span.0, best.span.1, best.reason)
}

/// Without white space and comments, with strings joined: `'ev'+'al'` becomes `eval`.
fn squeeze(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(b"/*")
            && let Some(end) = find(&rest[2..], b"*/")
        {
            at += end + 4;
        } else if rest.len() >= 3
            && matches!(rest[0], b'\'' | b'"')
            && matches!(rest[1], b'+' | b'.')
            && rest[2] == rest[0]
        {
            at += 3;
        } else if rest[0].is_ascii_whitespace() {
            at += 1;
        } else {
            out.push(rest[0]);
            at += 1;
        }
    }
    out
}

/// As a name in JSON or in a query, they make a comparison of what was a value.
const OPERATORS: &[&[u8]] =
    &[b"ne", b"gt", b"gte", b"lt", b"lte", b"nin", b"regex", b"where", b"exists", b"expr", b"function"];

/// What ends a string of a script and goes on with a statement, prints a result, or asks the document that a database's
/// script stands in.
fn statement(text: &[u8]) -> Option<Hit> {
    if text.starts_with(b"$") && text.len() < 12 && OPERATORS.contains(&&text[1..]) {
        return hit(60, 0, text.len(), "an operator of a document database");
    }
    if text.len() > 400 || words_of_prose(text) > 6 {
        return None;
    }
    let starts = |rest: &[u8], words: &[&[u8]]| words.iter().any(|word| rest.starts_with(word));
    for (at, pair) in text.windows(2).enumerate() {
        let rest = &text[skip_space(text, at + 2)..];
        let keywords: &[&[u8]] = &[
            b"return ",
            b"return(",
            b"var ",
            b"let ",
            b"const ",
            b"while(",
            b"while (",
            b"throw ",
            b"function",
        ];
        if matches!(pair[0], b'\'' | b'"' | b')') && pair[1] == b';' && starts(rest, keywords) {
            return hit(60, at, text.len(), "ends a string and goes on with a statement");
        }
        let shell: &[&[u8]] = &[b"(", b"{", b"["];
        if pair == b"%x"
            && starts(&text[at + 2..], shell)
            && !at.checked_sub(1).is_some_and(|b| is_word(text[b]))
        {
            return hit(60, at, text.len(), "runs a command from Ruby");
        }
        if pair == b"th" && text[at..].starts_with(b"this.") {
            let name = text[at + 5..].iter().position(|&b| !is_word(b)).unwrap_or(0);
            let rest = &text[at + 5 + name..];
            if name > 0 && starts(rest, &[b"==", b" ==", b".match(", b"!=", b" !="]) {
                return hit(55, at, text.len(), "asks for a field from within a database's script");
            }
        }
    }
    let prints: &[&[u8]] = &[b"echo ", b"print ", b"die(", b"die ", b"exit(", b"print(", b"return "];
    let rest = text.trim_ascii();
    let rest = rest.strip_prefix(b";").unwrap_or(rest).trim_ascii_start();
    if starts(rest, prints) && rest.ends_with(b");") && find(&rest[..rest.len() - 2], b"(").is_some() {
        return hit(60, 0, text.len(), "a statement that a server would run");
    }
    None
}

/// Objects of PHP, Java, .NET, Python and Ruby that are code once they are read back.
pub(crate) fn serialised(value: &[u8]) -> Option<Hit> {
    for mark in [&b"O:"[..], b"C:", b"a:"] {
        if !value.contains(&b':') {
            break;
        }
        if let Some(at) = find(value, mark) {
            let rest = &value[at + 2..];
            let digits = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'+').count();
            let next = &rest[digits..];
            if digits > 0
                && (mark != b"a:" && next.starts_with(b":\"") && find(next, b":{").is_some()
                    || mark == b"a:" && next.starts_with(b":{") && find(next, b"O:").is_some())
            {
                return hit(75, at, value.len().min(at + 60), "a serialised object of PHP");
            }
        }
    }
    let start = value.trim_ascii_start();
    if start.starts_with(b"rO0AB") || start.starts_with(&[0xAC, 0xED, 0, 5]) {
        return hit(80, 0, value.len().min(40), "a serialised object of Java");
    }
    if start.starts_with(b"AAEAAAD/////") || start.starts_with(b"gASV") {
        return hit(70, 0, value.len().min(40), "a serialised object");
    }
    None
}
