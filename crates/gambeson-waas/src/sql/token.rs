//! A tokeniser for what MySQL, PostgreSQL, SQL Server, Oracle and SQLite have in common, and where they differ for
//! what an attacker likes best: the reading that is worst.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Text,
    Word,
    /// A word before an opening parenthesis.
    Function,
    /// `@@version`, `@x`.
    Variable,
    /// `and`, `or`, `xor`, `||`, `&&`.
    Logic,
    /// `=`, `<`, `like`, `between`, …
    Compare,
    Operator,
    Open,
    Close,
    Comma,
    Semicolon,
    Comment,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Tokens of `text` (lower case) from `at` on. With `quote`, reading starts inside a string with that quote.
pub(super) fn tokens(text: &[u8], quote: Option<u8>, limit: usize) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    let mut at = 0;
    if let Some(quote) = quote {
        let end = string_end(text, 0, quote);
        out.push(Token { kind: Kind::Text, from: 0, to: end });
        at = end;
    }
    let mut executed = false;
    while at < text.len() && out.len() < limit {
        let byte = text[at];
        let from = at;
        let next = text.get(at + 1).copied();
        let kind = match byte {
            b if b.is_ascii_whitespace() || matches!(b, 0 | 0x0b | 0xa0) => {
                at += 1;
                continue;
            }
            b'\'' | b'"' => {
                at = string_end(text, at + 1, byte);
                Kind::Text
            }
            b'`' => {
                at = string_end(text, at + 1, b'`');
                Kind::Word
            }
            b'[' if next.is_some_and(|b| b.is_ascii_alphabetic()) => {
                at = text[at..].iter().position(|&b| b == b']').map_or(text.len(), |end| at + end + 1);
                Kind::Word
            }
            b'/' if next == Some(b'*') => {
                if text.get(at + 2) == Some(&b'!') {
                    // MySQL runs what is in such a comment.
                    at += 3;
                    while text.get(at).is_some_and(u8::is_ascii_digit) {
                        at += 1;
                    }
                    executed = true;
                    continue;
                }
                let end = crate::text::find(&text[at + 2..], b"*/");
                at = end.map_or(text.len(), |end| at + end + 4);
                if end.is_some() {
                    continue;
                }
                Kind::Comment
            }
            b'*' if executed && next == Some(b'/') => {
                at += 2;
                executed = false;
                continue;
            }
            // Operators of JSON, and casts, which change nothing.
            b'-' if next == Some(b'>') => {
                at += if text.get(at + 2) == Some(&b'>') { 3 } else { 2 };
                Kind::Operator
            }
            b'@' if next == Some(b'>') => two(&mut at, Kind::Compare),
            b'<' if next == Some(b'@') && !text.get(at + 2).is_some_and(u8::is_ascii_alphabetic) => {
                two(&mut at, Kind::Compare)
            }
            b':' if next == Some(b':') && text.get(at + 2).is_some_and(u8::is_ascii_alphabetic) => {
                at = word_end(text, at + 2);
                continue;
            }
            b'-' if next == Some(b'-') => {
                at = line_end(text, at);
                Kind::Comment
            }
            b'#' => {
                at = line_end(text, at);
                Kind::Comment
            }
            b';' if next == Some(b'%') && text.get(at + 2) == Some(&b'0') => {
                at = text.len();
                Kind::Comment
            }
            b'(' => one(&mut at, Kind::Open),
            b')' => one(&mut at, Kind::Close),
            b',' => one(&mut at, Kind::Comma),
            b';' => one(&mut at, Kind::Semicolon),
            b'&' if next == Some(b'&') => two(&mut at, Kind::Logic),
            b'|' if next == Some(b'|') => two(&mut at, Kind::Logic),
            b'=' | b'<' | b'>' => {
                while text.get(at).is_some_and(|b| matches!(b, b'=' | b'<' | b'>')) {
                    at += 1;
                }
                Kind::Compare
            }
            b'!' if matches!(next, Some(b'=' | b'<' | b'>')) => two(&mut at, Kind::Compare),
            b':' if next == Some(b'=') => two(&mut at, Kind::Compare),
            b'@' => {
                while text.get(at) == Some(&b'@') {
                    at += 1;
                }
                at = word_end(text, at);
                Kind::Variable
            }
            b'0'..=b'9' => {
                at = number_end(text, at);
                Kind::Number
            }
            b'.' if next.is_some_and(|b| b.is_ascii_digit()) => {
                at = number_end(text, at);
                Kind::Number
            }
            b if b.is_ascii_alphabetic() || b == b'_' || b == b'$' || b >= 0x80 => {
                at = word_end(text, at);
                let word = &text[from..at];
                // N'…', x'…', b'…', e'…', q'[…]', _utf8'…'
                if matches!(text.get(at), Some(b'\''))
                    && (matches!(word, b"n" | b"x" | b"b" | b"e" | b"q" | b"nq") || word[0] == b'_')
                {
                    at = string_end(text, at + 1, b'\'');
                    Kind::Text
                } else {
                    word_kind(text, word, at)
                }
            }
            _ => one(&mut at, Kind::Operator),
        };
        out.push(Token { kind, from, to: at });
    }
    out
}

fn one(at: &mut usize, kind: Kind) -> Kind {
    *at += 1;
    kind
}

fn two(at: &mut usize, kind: Kind) -> Kind {
    *at += 2;
    kind
}

fn word_kind(text: &[u8], word: &[u8], at: usize) -> Kind {
    match word {
        b"and" | b"or" | b"xor" => Kind::Logic,
        b"like" | b"rlike" | b"regexp" | b"between" | b"is" | b"in" | b"ilike" | b"glob" | b"sounds" => {
            Kind::Compare
        }
        b"div" | b"mod" => Kind::Operator,
        b"not" | b"binary" if text.get(at) != Some(&b'(') => Kind::Operator,
        _ => {
            let mut next = crate::text::skip_space(text, at);
            if text[next.min(text.len())..].starts_with(b"/*")
                && let Some(end) = crate::text::find(&text[next + 2..text.len().min(next + 200)], b"*/")
            {
                next = crate::text::skip_space(text, next + end + 4);
            }
            if text[next.min(text.len())..].starts_with(b"*/") {
                next = crate::text::skip_space(text, next + 2);
            }
            if text.get(next) == Some(&b'(') { Kind::Function } else { Kind::Word }
        }
    }
}

fn word_end(text: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = text.get(at) {
        // MySQL takes it for a space; in UTF-8 it never stands behind a letter of ASCII.
        let space = byte == 0xA0 && at > 0 && text[at - 1] < 0x80;
        if space || !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.') || byte >= 0x80) {
            break;
        }
        at += 1;
    }
    at
}

fn number_end(text: &[u8], mut at: usize) -> usize {
    if text[at] == b'0' && text.get(at + 1) == Some(&b'x') {
        at += 2;
        while text.get(at).is_some_and(u8::is_ascii_hexdigit) {
            at += 1;
        }
        return at;
    }
    while text.get(at).is_some_and(|b| b.is_ascii_digit() || *b == b'.') {
        at += 1;
    }
    // 1e0union: an exponent ends a number, and a keyword may follow at once.
    if text.get(at) == Some(&b'e')
        && text.get(at + 1).is_some_and(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'('))
    {
        at += 2;
        while text.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
    }
    at
}

fn line_end(text: &[u8], at: usize) -> usize {
    text[at..].iter().position(|&b| b == b'\n').map_or(text.len(), |end| at + end)
}

/// After the closing quote; backslashes escape, doubled quotes do not end.
fn string_end(text: &[u8], mut at: usize, quote: u8) -> usize {
    while let Some(&byte) = text.get(at) {
        if byte == b'\\' && text.get(at + 1).is_some() && text.get(at + 1) != Some(&quote) {
            at += 2;
        } else if byte == quote {
            if text.get(at + 1) == Some(&quote)
                && text.get(at + 2).is_some_and(|&b| crate::text::is_word(b))
                && at > 0
                && crate::text::is_word(text[at - 1])
            {
                at += 2;
                continue;
            }
            return at + 1;
        } else {
            at += 1;
        }
    }
    text.len()
}
