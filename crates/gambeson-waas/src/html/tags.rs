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
        b'!' if text[at..].starts_with(b"!attlist")
            || text[at..].starts_with(b"!doctype")
                && text[at..text.len().min(at + 80)]
                    .iter()
                    .take_while(|&&b| b != b'>')
                    .any(|&b| b == b'[') =>
        {
            return Some((hit(65, from, text.len().min(from + 60), "declares what other markup means"), at));
        }
        b'?' if text[at..].starts_with(b"?xml-stylesheet") => {
            return Some((hit(70, from, at + 15, "a foreign style sheet"), at));
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
        b"svg" | b"math" if delimited && text.len() < 60 => better(hit(50, from, at, "foreign markup")),
        _ if name.starts_with(b"xsl:") || name.starts_with(b"svg:") || name == b"xml:namespace" => {
            better(hit(60, from, at, "foreign markup that can run script"))
        }
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
        let linked = matches!(attr, b"href" | b"src" | b"action");
        if linked && (disguised_host(&squeezed) || scheme_is_split(val)) {
            better(hit(60, attribute.0, value.1, "a link that hides where it leads"));
        }
        match attr {
            b"datasrc" if value.1 > value.0 => {
                better(hit(60, attribute.0, value.1, "binds the element to foreign data"))
            }
            b"srcdoc" => better(hit(75, attribute.0, value.1, "a document within the document")),
            b"style" if hides(val) && text.len() < 600 => {
                better(hit(60, attribute.0, value.1, "a style that hides what it says"))
            }
            b"style"
                if find_any(
                    &squeezed,
                    needles![
                        "expression(",
                        "expression\\28",
                        "binding:url",
                        "content:url",
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
            b"charset" | b"content" if find_any(&squeezed, needles!["utf-7", "utf7"]).is_some() => {
                better(hit(75, from, value.1, "has the page read in UTF-7"))
            }
            b"classid" | b"datafld" | b"dataformatas" | b"ev:event" | b"ev:handler" | b"implementation"
                if value.1 > value.0 =>
            {
                better(hit(60, attribute.0, value.1, "binds the element to script or foreign data"))
            }
            b"handler" if name == b"listener" => {
                better(hit(60, attribute.0, value.1, "binds the element to script or foreign data"))
            }
            b"dirname" | b"formaction" if value.1 > value.0 && text.len() < 400 => {
                better(hit(55, attribute.0, value.1, "sends a form elsewhere"))
            }
            _ if attr.starts_with(b"xmlns") && text.len() < 400 && find(val, b"w3.org/").is_some() => {
                better(hit(55, attribute.0, value.1, "foreign markup that can run script"))
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

/// Whether a style's text is written so that a filter does not see what a browser reads: escapes of letters, braces and
/// brackets that no declaration has, comments within a value.
fn hides(style: &[u8]) -> bool {
    let escaped = style.windows(2).filter(|pair| pair[0] == b'\\' && pair[1].is_ascii_hexdigit()).count();
    escaped >= 2
        || style.iter().any(|b| matches!(b, b'{' | b'}' | b'['))
        || find(style, b"/*").is_some_and(|at| style[..at].contains(&b'('))
}

/// `http://1113982867/`, `http://0x42.0x66.7/`: an address in a form that only a filter would not know.
fn disguised_host(url: &[u8]) -> bool {
    let Some(at) = find(url, b"//") else { return false };
    let host = &url[at + 2..];
    let host =
        &host[..host.iter().position(|b| matches!(b, b'/' | b':' | b'?' | b'#')).unwrap_or(host.len())];
    let parts = || host.split(|&b| b == b'.');
    let hexadecimal = |part: &[u8]| part.starts_with(b"0x") && part.len() > 2;
    let octal = |part: &[u8]| part.len() > 2 && part[0] == b'0' && part.iter().all(u8::is_ascii_digit);
    let number = host.len() >= 8 && host.iter().all(u8::is_ascii_digit);
    number
        || parts().all(|p| hexadecimal(p) || octal(p) || p.iter().all(u8::is_ascii_digit))
            && parts().any(|p| hexadecimal(p) || octal(p))
}

/// `htt\tp://`: browsers leave the white space out.
fn scheme_is_split(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let colon = value.iter().position(|&b| b == b':').unwrap_or(0);
    value[..colon].iter().any(|b| matches!(b, b'\t' | b'\n' | b'\r'))
}

fn is_handler(name: &[u8]) -> bool {
    name.len() >= 5 && name.starts_with(b"on") && name[2..].iter().all(|b| b.is_ascii_alphabetic())
        || name.starts_with(b"fscommand")
        || name.starts_with(b"seeksegmenttime")
}
