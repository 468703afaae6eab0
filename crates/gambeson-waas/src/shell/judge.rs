//! Whether what stands in command position is a command with arguments of its shape.

use super::lexer::Kind::{Backtick, Newline, Pipe, Redirect, Semicolon, Start, Substitution};
use super::lexer::{Command, Separator};
use super::names::{COMMANDS, FETCHING, INTERPRETERS, NET, NETSH, PATHS, RECONNAISSANCE, REG, WORDS};
use crate::text::{Hit, find, find_any, hit, needles, words_of_prose};

impl Command {
    pub(super) fn judge(&self, text: &[u8], separator: Separator, prose: usize) -> Option<Hit> {
        let first = self.words.first()?;
        let arguments = &self.words[1..];
        let by_path = first.contains(&b'/');
        let name = first.rsplit(|&b| b == b'/').next().unwrap_or(first);
        let name = name.strip_suffix(b".exe").unwrap_or(name);
        let globbed = first.first() == Some(&b'/')
            && first.iter().any(|b| matches!(b, b'?' | b'*'))
            && PATHS.iter().any(|path| glob(first, path.as_bytes()));
        let known = globbed || COMMANDS.has(name) || name.starts_with(b"python3.");
        let word = !known && WORDS.has(name);
        if !known && !word {
            return None;
        }
        let shaped = match name {
            // "sleep 8 hours" is said by people.
            b"sleep" | b"timeout" => {
                arguments.len() == 1 && is_duration(&arguments[0])
                    || arguments.first().is_some_and(|a| a.starts_with(b"-"))
                    || arguments.get(1).is_some_and(|a| COMMANDS.has(a))
            }
            b"reg" => arguments.first().is_some_and(|a| REG.contains(&a.as_slice())),
            b"start" | b"command" | b"builtin" | b"eval"
                if arguments.first().is_some_and(|a| COMMANDS.has(a)) =>
            {
                true
            }
            b"git" | b"npm" | b"yarn" => {
                arguments.len() > 1 && arguments.first().is_some_and(|a| FETCHING.contains(&a.as_slice()))
            }
            b"net" => arguments.first().is_some_and(|a| NET.contains(&a.as_slice())),
            b"exec" | b"time" | b"env" | b"nohup"
                if arguments.iter().any(|a| INTERPRETERS.contains(&a.as_slice())) =>
            {
                true
            }
            _ => arguments.iter().take(4).any(|a| is_argument(a)),
        };
        let system = arguments.iter().take(4).any(|a| is_system_path(a));
        let sensitive = system
            || (name == b"sleep" || name == b"timeout") && arguments.first().is_some_and(|a| is_number(a));
        let terse = arguments.is_empty();
        let mut score: u8 = match (separator.kind, known, shaped, arguments.is_empty()) {
            (Redirect, ..) => 0,
            (Start, ..) if globbed => 75,
            (Start, true, ..) if terse && RECONNAISSANCE.contains(&name) && self.to == text.len() => 50,
            (Start, ..) if self.whole(text, name, arguments) => 55,
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
        if terse
            && separator.kind == Pipe
            && !alone(&text[..separator.at], text.get(self.to + 1..).unwrap_or_default())
            && after == Some(b'|')
            && text.get(self.to + 1) != Some(&b'|')
            && text.get(separator.at + 1) != Some(&b'|')
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

impl Command {
    /// A command line that is the whole value, with nothing in it that is not the command's own.
    fn whole(&self, text: &[u8], name: &[u8], arguments: &[Vec<u8>]) -> bool {
        let Some(first) = arguments.first().filter(|_| self.to == text.len()).map(Vec::as_slice) else {
            return false;
        };
        let only = arguments.len() == 1;
        match name {
            b"sleep" => only && is_number(first),
            b"which" | b"whereis" => only && COMMANDS.has(first),
            b"net" => only && NET.contains(&first) && first != b"start",
            b"netsh" => arguments.len() > 1 && NETSH.contains(&first),
            b"reg" => REG.contains(&first) && arguments.get(1).is_some_and(|key| key.starts_with(b"hk")),
            _ => {
                COMMANDS.has(name)
                    && first.starts_with(b"-")
                    && first.len() > 1
                    && arguments.len() <= 5
                    && words_of_prose(text) <= 2
            }
        }
    }
}

/// `5`, `0.5`, `15s`
fn is_duration(word: &[u8]) -> bool {
    match word.split_last() {
        Some((b's' | b'm' | b'h', number)) => is_number(number),
        _ => is_number(word),
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
