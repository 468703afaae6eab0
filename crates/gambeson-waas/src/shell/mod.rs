//! Command injection: the value is split where a shell would start another command, each command's words are unquoted
//! and expanded as a shell would, and what stands in command position must be a command with arguments of its shape.

mod judge;
mod lexer;
mod names;

use lexer::Kind::Start;
use lexer::{Command, Separator, next_separator};
use names::COMMANDS;

use crate::text::{Hit, find, find_any, hit, lower, needles, skip_space, words_of_prose};

/// Reads a value as part of a shell's command line.
pub(crate) fn recognise(value: &[u8]) -> Option<Hit> {
    let text = lower(value);
    if let Some(found) = marks(&text) {
        return Some(found);
    }
    let prose = words_of_prose(&text);
    if let Some(found) = script(&text, prose) {
        return Some(found);
    }
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
    if let Some(at) = find(text, b">_[$(") {
        return hit(90, at, text.len(), "a function in an environment variable (Shellshock)");
    }
    if let Some(at) = assigned(text) {
        return hit(70, at, text.len(), "runs what was put into a variable");
    }
    if let Some(at) = used(text) {
        return hit(70, at, text.len().min(at + 60), "runs what was put into a variable");
    }
    if words_of_prose(text) <= 3
        && !text.contains(&b'<')
        && let Some((from, to)) = find_any(
            text,
            needles![">/var/", "> /var/", ">/tmp/", "> /tmp/", ">/etc/", "> /etc/", ">/home/", "> /home/"],
        )
    {
        return hit(60, from, to, "writes what a command prints into a file of the system");
    }
    if let Some((from, to)) = find_any(text, needles!["${path:", "${home:", "${shell:", "${pwd:"]) {
        return hit(80, from, to, "cuts characters out of the shell's own variables");
    }
    if let Some((from, _)) = find_any(text, needles!["; do ", ";do ", "; then ", ";then "])
        && let Some((_, to)) =
            find_any(text, needles!["; done", ";done", "; fi", ";fi"]).filter(|end| end.0 > from)
        && words_of_prose(text) <= 8
    {
        return hit(70, from, to, "a loop or a condition of a shell");
    }
    if let Some((from, to)) = find_any(
        text,
        needles![
            "--checkpoint-action=",
            "--to-command=",
            "--use-compress-program=",
            "--upload-pack=",
            "--receive-pack=",
            "-oproxycommand=",
            "-o proxycommand=",
            "ext::sh ",
            "--pre-invoke=",
            "--rsh=",
        ],
    ) {
        return hit(
            if words_of_prose(text) > 6 { 40 } else { 75 },
            from,
            to,
            "an option that has a program run another",
        );
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
            "2>&1",
            "&>/dev/null",
            ">/dev/null",
            "> /dev/null",
            "<<<",
            "%username%",
            "%userprofile%",
            "%systemroot%",
            "rundll32 javascript",
            "certutil -urlcache",
            "bitsadmin /transfer",
            "mkfifo /tmp",
            "0<&196",
            "base64 -d|",
            "base64 -d |",
            "base64 --decode",
        ],
    ) {
        return hit(if words_of_prose(text) > 14 { 40 } else { 75 }, from, to, "starts a shell");
    }
    None
}

/// `a=id;$a`: a variable in command position that the value itself has set.
fn used(text: &[u8]) -> Option<usize> {
    for (at, _) in text.iter().enumerate().filter(|&(_, b)| matches!(b, b';' | b'&' | b'|' | b'\n')) {
        let from = skip_space(text, at + 1);
        let Some(rest) = text.get(from..).and_then(|rest| rest.strip_prefix(b"$")) else { continue };
        let length = rest.iter().take_while(|&&b| b.is_ascii_alphanumeric() || b == b'_').count();
        let mut set = rest[..length].to_vec();
        set.push(b'=');
        if length > 0
            && find(&text[..at], &set).is_some_and(|at| at == 0 || !crate::text::is_word(text[at - 1]))
        {
            return Some(at);
        }
    }
    None
}

/// Lines that are commands, most of them.
fn script(text: &[u8], prose: usize) -> Option<Hit> {
    if !text.contains(&b'\n') || text.len() > 400 || prose > 6 {
        return None;
    }
    let mut lines = 0;
    let mut commands = 0;
    for line in text.split(|&b| b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
        lines += 1;
        let name = line.split(|b| b.is_ascii_whitespace()).next().unwrap_or_default();
        commands += usize::from(COMMANDS.has(name) || line.len() == name.len() && name == b"exit");
    }
    (commands >= 2 && commands * 3 >= lines * 2)
        .then(|| hit(60, 0, text.len(), "lines that a shell would run"))
        .flatten()
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
