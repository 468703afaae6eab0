//! Cross-site scripting: the value is read by the states of an HTML tokeniser, in text, within a tag and within an
//! attribute, and as JavaScript where a script context may have put it. Only what would run script counts.

use crate::text::{Hit, Needles, documentation, find, find_any, hit, lower, needles, skip_space};

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

fn tags(text: &[u8]) -> Option<Hit> {
    let mut best: Option<Hit> = None;
    let mut at = 0;
    while let Some(offset) = text[at..].iter().position(|&b| b == b'<') {
        let from = at + offset;
        at = from + 1;
        if let Some((found, end)) = tag(text, from) {
            at = end.max(at);
            if let Some(found) = found
                && best.as_ref().is_none_or(|best| best.score < found.score)
            {
                best = Some(found);
            }
        }
        if best.as_ref().is_some_and(|best| best.score >= 85) {
            break;
        }
    }
    best
}

/// One tag: what it would do, and where it ends.
fn tag(text: &[u8], from: usize) -> Option<(Option<Hit>, usize)> {
    let mut at = from + 1;
    let closing = text.get(at) == Some(&b'/');
    at += usize::from(closing);
    match text.get(at)? {
        b'!' if text[at..].starts_with(b"!--#") => {
            return Some((hit(75, from, text.len().min(from + 40), "a server-side include"), at));
        }
        b'!' if text[at..].starts_with(b"!entity")
            || find(&text[at..text.len().min(at + 200)], b"<!entity").is_some() =>
        {
            return Some((hit(65, from, text.len().min(from + 60), "declares an XML entity"), at));
        }
        b'!' if text[at..].starts_with(b"!--[if") => {
            return Some((hit(55, from, from + 7, "a conditional comment that is run as markup"), at));
        }
        b'?' if text[at..].starts_with(b"?import") || text[at..].starts_with(b"?xml:namespace") => {
            return Some((hit(65, from, at + 7, "imports behaviour into the page"), at));
        }
        b if b.is_ascii_alphabetic() => {}
        _ => return None,
    }
    let start = at;
    while text.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_')) {
        at += 1;
    }
    let name = &text[start..at];
    if closing {
        // </script> closes a script block from within a string of it.
        let rest = skip_space(text, at);
        let next = text.get(rest) == Some(&b'>') && text[rest..].iter().skip(1).any(|&b| b == b'<');
        if next && matches!(name, b"script" | b"textarea" | b"title" | b"style" | b"noscript") && from < 12 {
            return Some((hit(60, from, rest + 1, "closes the element that the value stands in"), at));
        }
        return None;
    }
    let mut found: Option<Hit> = None;
    let mut better = |candidate: Option<Hit>| {
        if let Some(candidate) = candidate
            && found.as_ref().is_none_or(|f| f.score < candidate.score)
        {
            found = Some(candidate);
        }
    };
    let delimited =
        text.get(at).is_none_or(|b| matches!(b, b'>' | b'/' | b'<') || b.is_ascii_whitespace() || *b < 0x20);
    match name {
        b"script" if delimited => better(hit(80, from, at, "a script element")),
        b"xss" | b"isindex" | b"applet" | b"vmlframe" | b"bgsound" | b"layer" | b"ilayer" | b"frameset"
            if delimited =>
        {
            better(hit(60, from, at, "an element that runs script"))
        }
        b"xml" if delimited && find(&text[at..], b"src=").is_some() => {
            better(hit(60, from, at, "an element that loads a foreign document"))
        }
        b"math" if find(&text[at..], b"xlink:").is_some() => {
            better(hit(60, from, at, "foreign markup with a link"))
        }
        b"svg" | b"math" if delimited && text.len() < 60 => better(hit(45, from, at, "foreign markup")),
        _ => {}
    }
    let mut refresh = false;
    let mut stylesheet = false;
    while let Some((attribute, value, end)) = attribute(text, at) {
        if end <= at {
            break;
        }
        at = end;
        let attr = &text[attribute.0..attribute.1];
        let val = &text[value.0..value.1];
        if is_handler(attr) && value.1 > value.0 {
            better(hit(85, attribute.0, value.1, "an attribute that runs script on an event"));
            break;
        }
        let squeezed: Vec<u8> =
            val.iter().copied().filter(|b| !b.is_ascii_whitespace() && *b >= 0x20).collect();
        let scripted = [
            &b"javascript:"[..],
            b"vbscript:",
            b"livescript:",
            b"data:text/html",
            b"data:image/svg",
            b"data:;base64",
            b"data:text/xml",
            b"mocha:",
            b"data:application/x",
        ]
        .iter()
        .any(|s| squeezed.starts_with(s) && (!s.starts_with(b"data:image") || name != b"img"));
        if scripted && !matches!(attr, b"alt" | b"title" | b"class" | b"name" | b"id") {
            better(hit(85, attribute.0, value.1, "a link that runs script"));
            break;
        }
        match attr {
            b"datasrc" if value.1 > value.0 => {
                better(hit(60, attribute.0, value.1, "binds the element to foreign data"))
            }
            b"srcdoc" => better(hit(75, attribute.0, value.1, "a document within the document")),
            b"style"
                if find_any(
                    &squeezed,
                    needles![
                        "expression(",
                        "url(xx:",
                        "behavior:",
                        "behaviour:",
                        "-moz-binding",
                        "url(javascript",
                        "@import",
                    ],
                )
                .is_some() =>
            {
                better(hit(80, attribute.0, value.1, "a style that runs script"))
            }
            b"http-equiv"
                if val.starts_with(b"refresh")
                    || val.starts_with(b"set-cookie")
                    || val.starts_with(b"link") =>
            {
                refresh = true
            }
            b"rel" if find_any(val, needles!["stylesheet", "import"]).is_some() => stylesheet = true,
            b"src" | b"data" | b"href" | b"code"
                if matches!(name, b"iframe" | b"frame" | b"object" | b"embed" | b"base" | b"portal")
                    && text.len() < 400 =>
            {
                better(hit(60, from, value.1, "an element that loads a foreign document"));
            }
            b"attributename" | b"from" | b"values" | b"to"
                if find_any(&squeezed, needles!["javascript:", "href", "onmouse"]).is_some() =>
            {
                better(hit(70, attribute.0, value.1, "an animation that sets a script"))
            }
            _ => {}
        }
    }
    if refresh {
        better(hit(70, from, at, "a refresh that leads away"));
    }
    if stylesheet && name == b"link" && text.len() < 400 {
        better(hit(60, from, at, "a foreign style sheet"));
    }
    if name == b"style" {
        let body = &text[at..text.len().min(at + 400)];
        if find_any(
            body,
            needles!["@import", "expression(", "javascript:", "behavior:", "-moz-binding", "onload"],
        )
        .is_some()
        {
            better(hit(75, from, at + body.len(), "a style that loads or runs something"));
        }
    }
    Some((found, at))
}

type Span = (usize, usize);

/// The next attribute of a tag, with its value and the end of both.
fn attribute(text: &[u8], mut at: usize) -> Option<(Span, Span, usize)> {
    while text.get(at).is_some_and(|b| {
        b.is_ascii_whitespace() || matches!(b, b'/' | b'"' | b'\'' | b'`' | b'+' | b',') || *b < 0x20
    }) {
        at += 1;
    }
    if matches!(text.get(at), None | Some(b'>')) {
        return None;
    }
    let from = at;
    while text
        .get(at)
        .is_some_and(|b| !b.is_ascii_whitespace() && !matches!(b, b'=' | b'>' | b'/') && *b >= 0x20)
    {
        at += 1;
    }
    let name = (from, at);
    let mut next = at;
    while text.get(next).is_some_and(|b| b.is_ascii_whitespace() || *b < 0x20) {
        next += 1;
    }
    if text.get(next) != Some(&b'=') {
        return Some((name, (at, at), at.max(from + 1)));
    }
    let mut start = next + 1;
    while text.get(start).is_some_and(|b| b.is_ascii_whitespace() || *b < 0x20) {
        start += 1;
    }
    let (value, end) = match text.get(start) {
        Some(&quote @ (b'"' | b'\'' | b'`')) => {
            let end =
                text[start + 1..].iter().position(|&b| b == quote).map_or(text.len(), |e| start + 1 + e);
            ((start + 1, end), (end + 1).min(text.len()))
        }
        _ => {
            let end = text[start.min(text.len())..]
                .iter()
                .position(|b| b.is_ascii_whitespace() || *b == b'>')
                .map_or(text.len(), |e| start + e);
            ((start, end), end)
        }
    };
    Some((name, value, end))
}

fn is_handler(name: &[u8]) -> bool {
    name.len() >= 5 && name.starts_with(b"on") && name[2..].iter().all(|b| b.is_ascii_alphabetic())
        || name.starts_with(b"fscommand")
        || name.starts_with(b"seeksegmenttime")
}

/// `" onmouseover=alert(1)`: what breaks out of an attribute into another.
fn handlers(text: &[u8]) -> Option<Hit> {
    if let Some(at) = find(text, b"expression(")
        .filter(|&at| find(&text[..at], b"style").is_some() || text[..at].ends_with(b":"))
    {
        return hit(70, at, text.len().min(at + 40), "a style that runs script");
    }
    const EVENTS: &[&str] = &[
        "load",
        "error",
        "click",
        "mouse",
        "focus",
        "blur",
        "key",
        "change",
        "submit",
        "pointer",
        "toggle",
        "animation",
        "transition",
        "wheel",
        "drag",
        "drop",
        "copy",
        "cut",
        "paste",
        "begin",
        "end",
        "repeat",
        "resize",
        "scroll",
        "unload",
        "input",
        "invalid",
        "select",
        "show",
        "play",
        "pause",
        "start",
        "finish",
        "bounce",
        "message",
        "hashchange",
        "page",
        "popstate",
        "storage",
        "touch",
        "dblclick",
        "contextmenu",
        "auxclick",
        "readystatechange",
        "propertychange",
        "search",
        "seek",
        "time",
        "volume",
        "waiting",
        "canplay",
        "duration",
        "before",
        "after",
        "activate",
        "online",
        "offline",
        "activate",
        "abort",
        "help",
        "data",
        "filter",
        "move",
        "row",
        "stop",
        "track",
        "undo",
        "redo",
        "webkit",
        "moz",
        "cancel",
        "close",
        "cuechange",
        "ended",
        "full",
        "progress",
        "ratechange",
        "reset",
        "stalled",
        "suspend",
        "unhandled",
        "content",
        "form",
    ];
    let mut at = 0;
    while let Some(offset) = find(&text[at..], b"on") {
        let from = at + offset;
        at = from + 2;
        let before = from.checked_sub(1).map(|b| text[b]);
        let separated = before.is_none_or(|b| {
            b.is_ascii_whitespace()
                || matches!(b, b'"' | b'\'' | b'/' | b'`' | b';' | b'>' | b'<')
                || b < 0x20
        });
        if !separated || !EVENTS.iter().any(|event| text[at..].starts_with(event.as_bytes())) {
            continue;
        }
        let end = at + text[at..].iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(text.len() - at);
        let sign = skip_space(text, end);
        if text.get(sign) != Some(&b'=') || text.get(sign + 1) == Some(&b'=') {
            continue;
        }
        let value = &text[sign + 1..text.len().min(sign + 120)];
        let script = value.iter().any(|b| matches!(b, b'(' | b'`' | b'[' | b'=' | b'&' | b'\\'))
            || find_any(value, needles!["javascript:", "alert"]).is_some();
        let quote = text[..from].iter().any(|b| matches!(b, b'"' | b'\'' | b'`' | b'<'));
        if script {
            return hit(
                if quote { 80 } else { 60 },
                from,
                (sign + 1 + value.len()).min(text.len()),
                "an attribute that runs script on an event",
            );
        }
    }
    None
}

fn script_url(text: &[u8]) -> Option<Hit> {
    let squeezed: Vec<u8> =
        text.iter().copied().filter(|b| !b.is_ascii_whitespace() && *b >= 0x20).take(4096).collect();
    for scheme in ["javascript:", "vbscript:", "data:text/html", "livescript:"] {
        let Some(at) = find(&squeezed, scheme.as_bytes()) else { continue };
        let rest = &squeezed[at + scheme.len()..];
        let runs = rest.iter().take(200).any(|b| matches!(b, b'(' | b'`' | b'=' | b'[' | b'<'))
            || scheme.starts_with("data");
        let leads = at == 0
            || matches!(
                squeezed[at - 1],
                b'"' | b'\'' | b'=' | b'(' | b'>' | b'`' | b'-' | b':' | b'/' | b',' | b'&' | b'#'
            );
        if runs && leads {
            return hit(if at == 0 { 80 } else { 70 }, 0, text.len().min(120), "a link that runs script");
        }
    }
    None
}

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

/// What runs when the value stands in a script.
fn script(raw: &[u8]) -> Option<Hit> {
    let text = without_comments(raw);
    let text = text.as_slice();
    let words = text
        .split(|b| b.is_ascii_whitespace())
        .filter(|w| w.len() > 2 && w.iter().all(u8::is_ascii_alphabetic))
        .count();
    let spoken = if words > 5 { 25 } else { 0 };
    let span = |at: usize, len: usize| (at.min(raw.len()), (at + len).min(raw.len()));
    for sink in SINKS {
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
            if indirect && !matches!(before, Some(b'(' | b'[' | b',' | b'\'' | b'"' | b'.' | b'=')) {
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
    for object in OBJECTS {
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
        "document.getelement",
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
