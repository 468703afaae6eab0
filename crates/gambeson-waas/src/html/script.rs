//! What runs when the value stands in a script.

use crate::text::{Hit, Needles, find, find_any, hit, needles, skip_space};

const SINKS: &[&str] = &[
    "alert",
    "confirm",
    "prompt",
    "eval",
    "settimeout",
    "setinterval",
    "print",
    "execscript",
    "msgbox",
    "document.write",
    "document.writeln",
];
const OBJECTS: &[&str] =
    &["self", "top", "window", "this", "parent", "frames", "globalthis", "document", "content"];

/// All of them, and what else is handed on: most values have none.
static NAMED: Needles = Needles::new(NAMES);
const NAMES: &[&str] = &{
    let mut names = ["unescape"; SINKS.len() + OBJECTS.len() + 1];
    let mut at = 0;
    while at < SINKS.len() + OBJECTS.len() {
        names[at] = if at < SINKS.len() { SINKS[at] } else { OBJECTS[at - SINKS.len()] };
        at += 1;
    }
    names
};

/// What runs when the value stands in a script.
pub(super) fn script(raw: &[u8]) -> Option<Hit> {
    let text = without_comments(raw);
    let text = text.as_slice();
    let words = text
        .split(|b| b.is_ascii_whitespace())
        .filter(|w| w.len() > 2 && w.iter().all(u8::is_ascii_alphabetic))
        .count();
    let spoken = if words > 5 { 25 } else { 0 };
    let span = |at: usize, len: usize| (at.min(raw.len()), (at + len).min(raw.len()));
    let named = find_any(text, &NAMED).is_some();
    if let Some(found) =
        pieced(text, raw.len()).or_else(|| if named { passed(text, words, raw.len()) } else { None })
    {
        return Some(found);
    }
    let set: &[&[u8]] = &[b"location=name", b"location=location", b"location=document", b"location=window"];
    if text.len() < 80 && set.iter().any(|start| text.starts_with(start)) {
        return hit(60, 0, raw.len(), "reads or sets what belongs to the page");
    }
    for sink in SINKS.iter().filter(|_| named) {
        let mut at = 0;
        while let Some(offset) = find(&text[at..], sink.as_bytes()) {
            let from = at + offset;
            at = from + sink.len();
            let before = from.checked_sub(1).map(|b| text[b]);
            if before.is_some_and(crate::text::is_word) {
                continue;
            }
            let mut next = skip_space(text, at);
            // (alert)(1), [alert][0](1), alert.call(null,1), alert?.(1)
            let mut indirect = false;
            while text.get(next) == Some(&b'\\') {
                next += 1;
            }
            while let Some(b')' | b']' | b',' | b'?' | b'.' | b'\'' | b'"' | b'+' | b'1' | b'0' | b'[') =
                text.get(next)
            {
                indirect = true;
                next += 1;
            }
            if text[next.min(text.len())..].starts_with(b"call")
                || text[next.min(text.len())..].starts_with(b"apply")
            {
                return hit(70, span(from, 1).0, span(from, 20).1, "calls a function of the browser");
            }
            let Some(open @ (b'(' | b'`')) = text.get(next) else { continue };
            let argument = text.get(skip_space(text, next + 1)).copied();
            let plausible = match argument {
                None => true,
                Some(b) => {
                    b.is_ascii_digit()
                        || matches!(
                            b,
                            b'\''
                                | b'"'
                                | b'`'
                                | b'/'
                                | b')'
                                | b'['
                                | b'&'
                                | b'\\'
                                | b'('
                                | b'-'
                                | b'~'
                                | b'+'
                        )
                        || find_any(
                            &text[next + 1..text.len().min(next + 30)],
                            needles![
                                "document",
                                "location",
                                "xss",
                                "name",
                                "string.from",
                                "this",
                                "self",
                                "window",
                                "origin",
                                "atob",
                                "cookie",
                            ],
                        )
                        .is_some_and(|(at, _)| at < 4)
                }
            };
            let optional = text[at..].starts_with(b"?.(");
            if indirect
                && !optional
                && !matches!(before, Some(b'(' | b'[' | b',' | b'\'' | b'"' | b'.' | b'='))
            {
                continue;
            }
            if plausible || *open == b'`' {
                let generic =
                    matches!(*sink, "print" | "eval" | "settimeout" | "setinterval" | "confirm" | "prompt");
                let breaks =
                    text[..from].iter().any(|b| matches!(b, b'\'' | b'"' | b'<' | b'>' | b';' | b'{' | b'`'));
                let score: u8 = match (generic, breaks) {
                    (false, _) => 65,
                    (true, true) => 60,
                    (true, false) if matches!(*sink, "confirm" | "prompt") => 60,
                    (true, false) => 35,
                };
                return hit(
                    score.saturating_sub(spoken),
                    span(from, 1).0,
                    span(from, 24).1,
                    "calls a function of the browser",
                );
            }
        }
    }
    for object in OBJECTS.iter().filter(|_| named) {
        let mut at = 0;
        while let Some(offset) = find(&text[at..], object.as_bytes()) {
            let from = at + offset;
            at = from + object.len();
            if from > 0 && crate::text::is_word(text[from - 1]) {
                continue;
            }
            let next = skip_space(text, at);
            if text.get(next) == Some(&b'[') {
                let first = text.get(skip_space(text, next + 1));
                let called = text[next..].iter().any(|b| matches!(b, b'(' | b'`' | b'='));
                if called
                    && matches!(
                        first,
                        Some(b'\'' | b'"' | b'/' | b'`' | b'(' | b'8' | b'!' | b'[' | b'\\' | b'o')
                    )
                {
                    return hit(
                        70 - spoken,
                        span(from, 1).0,
                        span(from, 30).1,
                        "looks up a function of the browser by name",
                    );
                }
            }
        }
    }
    static MARKS: Needles = Needles::new(&[
        "document.cookie",
        "document.domain",
        "string.fromcharcode",
        "window.location=",
        "document.location=",
        "location.href=",
        "location='",
        "location=\"",
        "location=name",
        "innerhtml=",
        "outerhtml=",
        "constructor.constructor",
        ".constructor(",
        "onerror=eval",
        "throw onerror",
        "set.constructor",
        "{onerror=",
        "location.hash",
        "document.body.",
        "window.name",
        "window.open(",
        ".onerror=",
        ".onload=",
        "new function",
        "document.getelement",
        "document.createelement",
        "document.forms",
        "document.url",
        "document.location",
        "document.referrer",
        "document.documentelement",
        "document.title",
        "document.all",
        "import('",
        "import(\"",
        "import(`",
        "new image",
        "new xmlhttprequest",
        "activexobject(",
        "sendbeacon(",
        "postmessage(",
        "addeventlistener(",
        "localstorage.",
        "sessionstorage.",
        "navigator.",
        "unescape(",
        "decodeuricomponent(",
        "atob(",
        "with(document",
        "with(window",
        "with(location",
        "with(0)",
        "lookupmethod(",
        "__parent__",
        "location.replace(",
        "location.assign(",
        "location.pathname",
        "location.search",
        "location(",
        "location=location",
        "location=document",
        "location=url",
        "location=atob",
        "setattribute(",
        "insertadjacenthtml",
        "execcommand(",
        "object.defineproperty(",
        "reflect.",
        "fetch('",
        "fetch(\"",
        "fetch(`",
        "fetch(/",
        "$.getscript(",
        "(function(",
        "(()=>",
        ".source)",
    ]);
    if let Some((from, to)) = find_any(text, &MARKS) {
        let code = text
            .iter()
            .filter(|b| matches!(b, b'(' | b')' | b';' | b'=' | b'\'' | b'"' | b'`' | b'{' | b'<' | b'+'))
            .count();
        if code >= 2 {
            return hit(
                60u8.saturating_sub(spoken),
                span(from, 1).0,
                span(from, to - from).1,
                "reads or sets what belongs to the page",
            );
        }
    }
    let symbols = text.iter().filter(|b| matches!(b, b'[' | b']' | b'(' | b')' | b'!' | b'+')).count();
    if text.len() > 30 && symbols * 100 / text.len() > 90 {
        return hit(70, 0, raw.len().min(60), "script written without letters");
    }
    None
}

fn without_comments(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(b"/*")
            && let Some(end) = find(&text[at + 2..], b"*/")
        {
            at += end + 4;
            continue;
        }
        out.push(text[at]);
        at += 1;
    }
    out
}

/// Names that reach the page or run text as script.
static REACHING: Needles = Needles::new(REACHING_WORDS);

const REACHING_WORDS: &[&str] = &[
    "alert",
    "eval",
    "confirm",
    "prompt",
    "location",
    "cookie",
    "constructor",
    "settimeout",
    "fromcharcode",
    "innerhtml",
    "javascript",
    "document",
    "script",
    "unescape",
    "function",
    "onerror",
    "window",
];

/// `'al'+'ert'`: nobody puts a name together from pieces who does not hide it.
fn pieced(text: &[u8], length: usize) -> Option<Hit> {
    if !text.contains(&b'+') || text.len() > 2000 {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut first = None;
    let mut at = 0;
    while at < text.len() {
        let plus = skip_space(text, at + 1);
        if matches!(text[at], b'\'' | b'"' | b'`') && text.get(plus) == Some(&b'+') {
            let next = skip_space(text, plus + 1);
            if matches!(text.get(next), Some(b'\'' | b'"' | b'`')) {
                first.get_or_insert((at, next));
                at = next + 1;
                continue;
            }
        }
        out.push(text[at]);
        at += 1;
    }
    let (from, to) = first?;
    let count = |text: &[u8]| REACHING_WORDS.iter().filter(|w| find(text, w.as_bytes()).is_some()).count();
    if find_any(&out, &REACHING).is_some() && count(&out) > count(text) {
        return hit(
            75,
            from.min(length),
            (to + 1).min(length),
            "puts the name of a function together from pieces",
        );
    }
    None
}

/// `a=alert;a(1)`, `[1].find(alert)`: a function of the browser that is handed on instead of called.
fn passed(text: &[u8], words: usize, length: usize) -> Option<Hit> {
    if words > 3 {
        return None;
    }
    for sink in ["alert", "confirm", "prompt", "eval", "unescape", "settimeout", "execscript"] {
        let Some(from) = find(text, sink.as_bytes()) else { continue };
        let end = from + sink.len();
        let before = text[..from].trim_ascii_end();
        let ends =
            text.get(skip_space(text, end)).is_none_or(|b| matches!(b, b',' | b';' | b')' | b']' | b'}'));
        let handed = match before.last() {
            Some(b'=') => !before.ends_with(b"=="),
            // An argument of a call, not a remark in parentheses.
            Some(b'(') => {
                before.len() > 1
                    && (crate::text::is_word(before[before.len() - 2])
                        || matches!(before[before.len() - 2], b')' | b']'))
            }
            _ => false,
        };
        let called =
            text.iter().enumerate().any(|(at, b)| matches!(b, b'(' | b'`') && !(from..end).contains(&at));
        if ends && handed && called {
            return hit(65, from.min(length), end.min(length), "hands on a function of the browser");
        }
    }
    None
}
