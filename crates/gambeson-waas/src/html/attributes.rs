//! What breaks out of an attribute into another, and links that run script.

use crate::text::{Hit, find, find_any, hit, needles, skip_space};

/// `" onmouseover=alert(1)`: what breaks out of an attribute into another.
pub(super) fn handlers(text: &[u8]) -> Option<Hit> {
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

pub(super) fn script_url(text: &[u8]) -> Option<Hit> {
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
