//! Command injection: the value is split where a shell would start another command, each command's words are unquoted
//! and expanded as a shell would, and what stands in command position must be a command with arguments of its shape.

mod judge;
mod lexer;
mod names;

use lexer::Kind::Start;
use lexer::{Command, Separator, next_separator};

use crate::text::{Hit, find, find_any, hit, lower, needles, skip_space, words_of_prose};

/// Reads a value as part of a shell's command line.
pub(crate) fn recognise(value: &[u8]) -> Option<Hit> {
    let text = lower(value);
    if let Some(found) = marks(&text) {
        return Some(found);
    }
    let prose = words_of_prose(&text);
    let mut best: Option<Hit> = None;
    let mut at = 0;
    let mut separator = Separator { kind: Start, at: 0 };
    loop {
        let command = Command::read(&text, at);
        if let Some(found) = command.judge(&text, separator, prose)
            && best.as_ref().is_none_or(|best| best.score < found.score)
        {
            best = Some(found);
            if best.as_ref().is_some_and(|best| best.score >= 80) {
                return best;
            }
        }
        match next_separator(&text, at) {
            Some((next, end)) => {
                separator = next;
                at = end;
            }
            None => return best,
        }
    }
}

/// What no other text has.
fn marks(text: &[u8]) -> Option<Hit> {
    if find(text, b"/dev/tcp/").is_some() || find(text, b"/dev/udp/").is_some() {
        return hit(85, 0, text.len().min(200), "opens a connection from a shell");
    }
    if let Some(at) =
        find(text, b"()").filter(|&at| text[skip_space(text, at + 2)..].starts_with(b"{") && at < 20)
        && find(&text[at..], b"};").is_some()
        && find_any(&text[at..], needles![":;", ":; ", "_;", ">_["]).is_some()
    {
        return hit(90, at, text.len().min(at + 60), "a function in an environment variable (Shellshock)");
    }
    if let Some(at) = assigned(text) {
        return hit(70, at, text.len(), "runs what was put into a variable");
    }
    if let Some((from, to)) = find_any(text, needles!["${ifs", "$ifs"]) {
        return hit(85, from, to, "separates words by the shell's own variable");
    }
    if let Some((from, to)) = find_any(
        text,
        needles![
            "cmd.exe /c",
            "cmd /c",
            "cmd.exe+/c",
            "powershell -e",
            "powershell -c",
            "powershell.exe -",
            "/bin/sh -c",
            "/bin/bash -c",
            "/bin/bash -i",
            "bash -i >",
            "sh -i >",
            "%comspec%",
            "%programfiles:~",
            "nc -e /bin",
            "nc -lvp",
            "-e /bin/sh",
            "-e /bin/bash",
            "<!--#exec",
            "sh -c '",
            "bash -c '",
            "bash -c \"",
            "-new-object net.webclient",
            "downloadstring(",
        ],
    ) {
        return hit(if words_of_prose(text) > 14 { 40 } else { 75 }, from, to, "starts a shell");
    }
    None
}

/// `CMD=$'id';$CMD`
fn assigned(text: &[u8]) -> Option<usize> {
    let sign = find(text, b"=$").or_else(|| find(text, b"='")).or_else(|| find(text, b"=\""))?;
    let from = text[..sign].iter().rposition(|b| !crate::text::is_word(*b)).map_or(0, |at| at + 1);
    let mut used = b"$".to_vec();
    used.extend_from_slice(&text[from..sign]);
    let separated = text[sign..].iter().any(|b| matches!(b, b';' | b'\n' | b'&'));
    (used.len() > 1 && separated && text.len() < 200 && text.ends_with(&used)).then_some(from)
}
