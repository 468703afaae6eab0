//! Where another command would start, and its words as a shell would unquote and expand them.

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    Semicolon,
    Pipe,
    And,
    Newline,
    Substitution,
    Backtick,
    Redirect,
}
use Kind::{And, Backtick, Newline, Pipe, Redirect, Semicolon, Substitution};

#[derive(Clone, Copy)]
pub(super) struct Separator {
    pub(super) kind: Kind,
    pub(super) at: usize,
}

pub(super) fn next_separator(text: &[u8], mut at: usize) -> Option<(Separator, usize)> {
    while let Some(&byte) = text.get(at) {
        let next = text.get(at + 1).copied();
        let (kind, length) = match byte {
            b';' => (Semicolon, 1),
            b'|' if next == Some(b'|') => (Pipe, 2),
            b'|' => (Pipe, 1),
            b'&' if next == Some(b'&') => (And, 2),
            // Two signs of HTML are called as commands are.
            b'&' if text[at..].starts_with(b"&copy;") || text[at..].starts_with(b"&reg;") => {
                at += 4;
                continue;
            }
            b'&' => (And, 1),
            b'\n' | b'\r' => (Newline, 1),
            b'$' if next == Some(b'(') && text.get(at + 2) == Some(&b')') => {
                at += 3;
                continue;
            }
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

/// White space and brackets that may stand before a command.
const LEAD: usize = 64;

/// The longest name of a command, with its path.
const NAME: usize = 64;

/// The words from a place on, as the shell would see them.
pub(super) struct Command {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) words: Vec<Vec<u8>>,
    /// Something was quoted or expanded in the middle of a word, as nobody writes who has nothing to hide.
    pub(super) disguised: bool,
    pub(super) ended: bool,
}

impl Command {
    pub(super) fn read(text: &[u8], at: usize) -> Self {
        // Bounded: thousands of line breaks in a row must not each look for the end of all.
        let reach = text.len().min(at + LEAD);
        let from = text[at..reach]
            .iter()
            .position(|b| !b.is_ascii_whitespace() && !matches!(b, b'(' | b'{' | b'@' | b'\'' | b'"' | b'!'))
            .map_or(reach, |o| at + o);
        let brace = from > 0 && text.get(from - 1) == Some(&b'{');
        let mut words: Vec<Vec<u8>> = vec![Vec::new()];
        let mut disguised = false;
        let mut ended = true;
        let mut at = from;
        let limit = text.len().min(from + 300);
        while at < limit && words.len() < 8 {
            // No command has such a name: a value of nothing but separators must not be read again from each of them.
            if words.len() == 1 && words[0].len() > NAME {
                break;
            }
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
                b'$' if text[at..].starts_with(b"$()") => {
                    disguised |= inside;
                    at += 2;
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
}
