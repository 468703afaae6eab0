//! Tags and their attributes, as an HTML tokeniser would read them.

use crate::text::{Hit, find, find_any, hit, needles, skip_space};

pub(super) fn tags(text: &[u8]) -> Option<Hit> {
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
