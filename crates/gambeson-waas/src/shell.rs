//! Command injection: the value is split where a shell would start another command, each command's words are unquoted
//! and expanded as a shell would, and what stands in command position must be a command with arguments of its shape.

use crate::text::{Hit, find, find_any, hit, lower, needles, skip_space, words_of_prose};

/// Commands that are no words of English: in command position they need little else.
const COMMANDS: &[&str] = &[
    "ls",
    "id",
    "whoami",
    "uname",
    "wget",
    "curl",
    "nc",
    "ncat",
    "netcat",
    "bash",
    "sh",
    "zsh",
    "ksh",
    "dash",
    "csh",
    "python",
    "python2",
    "python3",
    "perl",
    "ruby",
    "php",
    "node",
    "powershell",
    "pwsh",
    "cmd",
    "nslookup",
    "dig",
    "rm",
    "chmod",
    "chown",
    "chgrp",
    "ifconfig",
    "ipconfig",
    "netstat",
    "ps",
    "mkdir",
    "rmdir",
    "cp",
    "mv",
    "tar",
    "grep",
    "egrep",
    "awk",
    "gawk",
    "sed",
    "dir",
    "systeminfo",
    "sysinfo",
    "tasklist",
    "taskkill",
    "pwd",
    "telnet",
    "ssh",
    "scp",
    "ftp",
    "tftp",
    "certutil",
    "bitsadmin",
    "wmic",
    "mshta",
    "rundll32",
    "regsvr32",
    "cscript",
    "wscript",
    "base64",
    "xxd",
    "od",
    "tee",
    "nohup",
    "printenv",
    "crontab",
    "useradd",
    "adduser",
    "passwd",
    "sudo",
    "su",
    "reboot",
    "dd",
    "iptables",
    "systemctl",
    "docker",
    "apt",
    "yum",
    "openssl",
    "socat",
    "busybox",
    "tac",
    "xargs",
    "printf",
    "lsof",
    "traceroute",
    "tracert",
    "route",
    "arp",
    "ifup",
    "hostname",
    "icacls",
    "attrib",
    "schtasks",
    "netsh",
    "gcc",
    "cc",
    "tcpdump",
    "nmap",
    "vi",
    "env",
    "ip",
    "df",
    "du",
    "lsb_release",
    "dmesg",
    "sqlite3",
    "mysql",
    "psql",
    "rsync",
    "sendmail",
    "calc",
    "ping",
    "ping6",
    "cat",
    "echo",
    "usermod",
    "groupadd",
    "getent",
    "invoke-expression",
    "iex",
    "invoke-webrequest",
    "ss",
    "nl",
    "aws",
    "kubectl",
];

/// Commands that are also words: only with arguments that no sentence has.
const WORDS: &[&str] = &[
    "more", "less", "find", "time", "who", "last", "sort", "cut", "set", "type", "start", "mail", "head",
    "tail", "date", "watch", "service", "net", "at", "kill", "sleep", "touch", "test", "host", "source",
    "copy", "move", "del", "which", "history", "export", "exec", "eval", "w", "reg", "mount", "shutdown",
    "halt", "init", "timeout", "strings", "rev", "tr", "uniq", "join", "split", "finger", "whereis",
    "locate", "file", "stat", "free", "top", "ver", "cd", "alias", "jobs", "read", "if", "while", "for",
    "ed", "expr", "unset", "uptime", "groups", "users", "tree", "man", "make", "yes", "true", "false",
    "screen", "install", "gunzip", "unzip", "zip", "notepad", "ln",
];

/// Programs by path, for globs such as `/???/c?t`.
const PATHS: &[&str] = &[
    "/bin/cat",
    "/bin/ls",
    "/bin/sh",
    "/bin/bash",
    "/bin/nc",
    "/usr/bin/id",
    "/usr/bin/cat",
    "/usr/bin/whoami",
    "/usr/bin/wget",
    "/usr/bin/curl",
    "/usr/bin/nc",
    "/usr/bin/perl",
    "/usr/bin/python",
    "/usr/bin/head",
    "/usr/bin/tail",
    "/etc/passwd",
    "/etc/shadow",
    "/etc/hosts",
    "/bin/ping",
    "/bin/sleep",
    "/usr/bin/env",
    "/bin/echo",
    "/usr/bin/python3",
    "/usr/bin/php",
    "/bin/ps",
    "/bin/uname",
    "/usr/bin/sleep",
    "/bin/id",
    "/bin/who",
    "/usr/bin/who",
    "/usr/bin/nslookup",
];

/// What `net` does on Windows.
const NET: &[&[u8]] = &[
    b"view",
    b"user",
    b"users",
    b"localgroup",
    b"group",
    b"share",
    b"start",
    b"stop",
    b"use",
    b"accounts",
    b"session",
];

const INTERPRETERS: &[&[u8]] = &[b"perl", b"python", b"python3", b"ruby", b"php", b"bash", b"sh", b"node"];

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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Start,
    Semicolon,
    Pipe,
    And,
    Newline,
    Substitution,
    Backtick,
    Redirect,
}
use Kind::{And, Backtick, Newline, Pipe, Redirect, Semicolon, Start, Substitution};

#[derive(Clone, Copy)]
struct Separator {
    kind: Kind,
    at: usize,
}

fn next_separator(text: &[u8], mut at: usize) -> Option<(Separator, usize)> {
    while let Some(&byte) = text.get(at) {
        let next = text.get(at + 1).copied();
        let (kind, length) = match byte {
            b';' => (Semicolon, 1),
            b'|' if next == Some(b'|') => (Pipe, 2),
            b'|' => (Pipe, 1),
            b'&' if next == Some(b'&') => (And, 2),
            b'&' => (And, 1),
            b'\n' | b'\r' => (Newline, 1),
            b'$' if next == Some(b'(') => (Substitution, 2),
            b'`' => (Backtick, 1),
            b'<' | b'>' if next == Some(b'(') => (Substitution, 2),
            b'(' if at == 0 => (Substitution, 1),
            b'>' | b'<' => (Redirect, 1),
            _ => {
                at += 1;
                continue;
            }
        };
        return Some((Separator { kind, at }, at + length));
    }
    None
}

/// The words from a place on, as the shell would see them.
struct Command {
    from: usize,
    to: usize,
    words: Vec<Vec<u8>>,
    /// Something was quoted or expanded in the middle of a word, as nobody writes who has nothing to hide.
    disguised: bool,
    ended: bool,
}

impl Command {
    fn read(text: &[u8], at: usize) -> Self {
        let from = text[at..]
            .iter()
            .position(|b| !b.is_ascii_whitespace() && !matches!(b, b'(' | b'{' | b'@' | b'\'' | b'"' | b'!'))
            .map_or(text.len(), |o| at + o);
        let brace = from > 0 && text.get(from - 1) == Some(&b'{');
        let mut words: Vec<Vec<u8>> = vec![Vec::new()];
        let mut disguised = false;
        let mut ended = true;
        let mut at = from;
        let limit = text.len().min(from + 300);
        while at < limit && words.len() < 8 {
            let next = text.get(at + 1).copied();
            let inside = words.last().is_some_and(|word| !word.is_empty());
            match text[at] {
                b';' | b'|' | b'&' | b'\n' | b'\r' | b'`' | b')' | b'#' | b'<' | b'>' => {
                    ended = true;
                    break;
                }
                b' ' | b'\t' | 0x0b => {
                    if inside {
                        words.push(Vec::new());
                    }
                }
                b'+' if inside && words.len() == 1 && next.is_some_and(|b| matches!(b, b'/' | b'-')) => {
                    words.push(Vec::new())
                }
                b',' if brace => words.push(Vec::new()),
                b'}' if brace => {
                    ended = true;
                    break;
                }
                b'\'' | b'"' => {
                    disguised |=
                        inside && next.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'\'' || b == b'"')
                }
                b'\\' | b'^' => {
                    disguised |= next.is_some_and(|b| b.is_ascii_alphabetic())
                        && !words.last().is_some_and(|w| w.iter().any(|b| matches!(b, b':' | b'%' | b'/')));
                    let path = |word: &&mut Vec<u8>| word.iter().any(|b| matches!(b, b':' | b'%'));
                    if text[at] == b'\\'
                        && let Some(word) = words.last_mut().filter(path)
                    {
                        word.push(b'/');
                    }
                }
                b'$' => match next {
                    Some(b'{') => {
                        let end = text[at..].iter().position(|&b| b == b'}').map_or(limit, |e| at + e);
                        disguised |= inside;
                        at = end;
                    }
                    Some(b'@' | b'*' | b'0'..=b'9') => {
                        disguised |= inside;
                        at += 1;
                    }
                    Some(b) if b.is_ascii_alphabetic() => {
                        let end = text[at + 1..]
                            .iter()
                            .position(|b| !crate::text::is_word(*b))
                            .map_or(text.len(), |e| at + 1 + e);
                        disguised |= text.get(end) == Some(&b'/') || inside;
                        at = end - 1;
                    }
                    _ => {}
                },
                byte => {
                    if let Some(word) = words.last_mut() {
                        word.push(byte);
                    }
                }
            }
            at += 1;
        }
        if words.last().is_some_and(Vec::is_empty) {
            words.pop();
        }
        Self {
            from,
            to: at.min(text.len()),
            words,
            disguised,
            ended: ended && at < text.len() || at == text.len(),
        }
    }

    fn judge(&self, text: &[u8], separator: Separator, prose: usize) -> Option<Hit> {
        let first = self.words.first()?;
        let arguments = &self.words[1..];
        let by_path = first.contains(&b'/');
        let name = first.rsplit(|&b| b == b'/').next().unwrap_or(first);
        let name = name.strip_suffix(b".exe").unwrap_or(name);
        let globbed = first.first() == Some(&b'/')
            && first.iter().any(|b| matches!(b, b'?' | b'*'))
            && PATHS.iter().any(|path| glob(first, path.as_bytes()));
        let known = globbed || COMMANDS.iter().any(|c| c.as_bytes() == name) || name.starts_with(b"python3.");
        let word = !known && WORDS.iter().any(|c| c.as_bytes() == name);
        if !known && !word {
            return None;
        }
        let shaped = match name {
            // "sleep 8 hours" is said by people.
            b"sleep" | b"timeout" => {
                arguments.len() == 1 && is_number(&arguments[0])
                    || arguments.first().is_some_and(|a| a.starts_with(b"-"))
            }
            b"net" => arguments.first().is_some_and(|a| NET.contains(&a.as_slice())),
            _ => arguments.iter().take(4).any(|a| is_argument(a)),
        };
        let system = arguments.iter().take(4).any(|a| is_system_path(a));
        let sensitive = system
            || (name == b"sleep" || name == b"timeout") && arguments.first().is_some_and(|a| is_number(a));
        let mut score: u8 = match (separator.kind, known, shaped, arguments.is_empty()) {
            (Redirect, ..) => 0,
            (Start, ..) if globbed => 75,
            (Start, true, ..) if self.disguised && system => 75,
            (Start, true, ..) if system && arguments.len() <= 3 => 65,
            (Start, true, ..)
                if by_path
                    && first.starts_with(b"/")
                    && arguments.len() <= 4
                    && (is_bin(first) || system) =>
            {
                60
            }
            (Start, true, ..)
                if matches!(
                    name,
                    b"wget"
                        | b"curl"
                        | b"ping"
                        | b"nc"
                        | b"rm"
                        | b"nslookup"
                        | b"uname"
                        | b"ipconfig"
                        | b"netstat"
                        | b"ls"
                        | b"ifconfig"
                        | b"cat"
                ) && shaped
                    && arguments.len() <= 3
                    && arguments.iter().all(|a| is_argument(a)) =>
            {
                50
            }
            (Start, true, ..)
                if INTERPRETERS.contains(&name)
                    && arguments.first().is_some_and(|a| matches!(a.as_slice(), b"-e" | b"-c" | b"-r")) =>
            {
                60
            }
            (Start, false, true, _)
                if name == b"type"
                    && arguments[0].iter().any(|b| matches!(b, b':' | b'%'))
                    && arguments.len() == 1 =>
            {
                60
            }
            (Start, false, true, _) if name == b"net" && arguments.last().is_some_and(|a| a == b"/add") => 60,
            (Start, ..) => 0,
            (Substitution, true, ..) => 80,
            (Substitution, false, true, _) => 70,
            (Backtick, true, ..) => 70,
            (Backtick, false, true, _) => 60,
            (Newline, true, true, _) => 60,
            (Newline, true, _, true) if prose <= 2 => 60,
            (Newline, ..) if sensitive => 60,
            (Newline, ..) => 0,
            (_, true, true, _) => 80,
            (_, true, _, true) => 70,
            (_, false, true, _) => 65,
            (_, false, _, true) if prose <= 1 => 50,
            (_, true, false, false) if arguments.len() <= 2 && prose <= 4 || name == b"netsh" => 60,
            _ => 0,
        };
        if self.disguised && score > 0 {
            score = score.max(75);
        }
        // `| id | name |` is a table; `a; b; c` with words between is a sentence; `&id=1` is a parameter.
        let after = text.get(self.to).copied();
        let terse = arguments.is_empty();
        if terse
            && separator.kind == Pipe
            && !alone(&text[..separator.at], text.get(self.to + 1..).unwrap_or_default())
            && after == Some(b'|')
            && text.get(self.to + 1) != Some(&b'|')
            && !by_path
        {
            return None;
        }
        if first.contains(&b'=') || after == Some(b'(') || terse && after == Some(b':') {
            return None;
        }
        // A browser's name has lists in parentheses: (X11; U; id; rv:1.8).
        if terse
            && separator.kind == Semicolon
            && in_parentheses(&text[separator.at.saturating_sub(200)..separator.at])
        {
            return None;
        }
        if !self.ended && terse {
            score = score.saturating_sub(20);
        }
        if separator.kind == Backtick && prose > 8 && text.contains(&b'\n') {
            return None;
        }
        if separator.kind == Backtick
            && (prose > 3 || text.iter().take(1000).filter(|&&b| b == b'`').count() > 2)
            && !system
        {
            score = score.saturating_sub(40);
        }
        let outside = prose.saturating_sub(arguments.len());
        let discount = match outside {
            0..=6 => 0,
            7..=12 if sensitive || shaped && known => 0,
            7..=12 => 25,
            13..=40 if sensitive && separator.kind != Newline => 10,
            _ => 45,
        };
        let from = if separator.kind == Start { self.from } else { separator.at };
        hit(score.saturating_sub(discount), from, self.to, "a shell would run a command here")
    }
}

/// Whether a word is what commands take and sentences do not have.
fn is_argument(word: &[u8]) -> bool {
    word.first().is_some_and(|b| matches!(b, b'-' | b'/' | b'~' | b'.' | b'*')) && word.len() > 1
        || is_number(word)
        || word.contains(&b'/')
        || find(word, b"://").is_some()
        || word.iter().filter(|&&b| b == b'.').count() >= 1
            && word.last() != Some(&b'.')
            && word.iter().any(u8::is_ascii_alphanumeric)
        || word.contains(&b'*')
        || word.contains(&b'@')
        || word.contains(&b'\\')
        || word.contains(&b'%')
}

/// `|id|`, and not a row of a table.
fn alone(before: &[u8], after: &[u8]) -> bool {
    after.len() <= 1 && (before.contains(&b'/') || !before.iter().any(u8::is_ascii_alphabetic))
}

fn in_parentheses(before: &[u8]) -> bool {
    let count = |byte| before.iter().filter(|&&b| b == byte).count();
    count(b'(') > count(b')') && find(before, b"$(").is_none()
}

fn is_number(word: &[u8]) -> bool {
    !word.is_empty() && word.iter().all(|b| b.is_ascii_digit() || *b == b'.')
}

fn is_bin(path: &[u8]) -> bool {
    [&b"/bin/"[..], b"/usr/bin/", b"/sbin/", b"/usr/sbin/", b"/usr/local/bin/"]
        .iter()
        .any(|dir| path.starts_with(dir))
}

fn is_system_path(word: &[u8]) -> bool {
    find_any(
        word,
        needles![
            "/etc/",
            "etc/passwd",
            "/bin/",
            "/proc/",
            "/var/",
            "/tmp/",
            "/root",
            "/dev/",
            "win.ini",
            "boot.ini",
            "system32",
            "/home/",
            "c:/",
            "c:\\",
            "../",
        ],
    )
    .is_some()
        || word.first() == Some(&b'/')
            && word.iter().any(|b| matches!(b, b'?' | b'*'))
            && PATHS.iter().any(|path| glob(word, path.as_bytes()))
}

/// Whether a glob with `?`, `*` and `[…]` matches a path; `?` and `*` do not cross a slash.
fn glob(pattern: &[u8], path: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < path.len() {
        match pattern.get(p) {
            Some(b'?') if path[t] != b'/' => (p, t) = (p + 1, t + 1),
            Some(b'*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(b'[') if pattern[p..].contains(&b']') && path[t] != b'/' => {
                p += pattern[p..].iter().position(|&b| b == b']').unwrap_or(0) + 1;
                t += 1;
            }
            Some(&b) if b == path[t] => (p, t) = (p + 1, t + 1),
            _ => match star {
                Some((after, from)) if path[from] != b'/' => {
                    star = Some((after, from + 1));
                    (p, t) = (after, from + 1);
                }
                _ => return false,
            },
        }
    }
    pattern[p..].iter().all(|&b| b == b'*')
}
