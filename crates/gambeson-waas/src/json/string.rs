//! Strings of JSON: where they end, and what they are without their escapes.

use std::borrow::Cow;

use crate::gate::Classes;

/// How quotes are written: in a document, and in one that stands in a string of another, where all of them are escaped.
pub(super) trait Quotes {
    const QUOTE: &[u8];

    /// The closing quote of the string that starts here, and what the string is made of unless something is escaped.
    fn end(text: &[u8], start: usize) -> Option<(usize, Option<Classes>)>;

    /// What stands between values.
    fn skip_space(text: &[u8], at: usize) -> usize;
}

pub(super) struct Plain;

impl Quotes for Plain {
    const QUOTE: &[u8] = b"\"";

    #[inline]
    fn end(text: &[u8], start: usize) -> Option<(usize, Option<Classes>)> {
        let (at, classes) = Classes::until_quote_or_backslash(text, start)?;
        if text[at] == b'"' {
            return Some((at, Some(classes)));
        }
        escaped_end(text, at).map(|end| (end, None))
    }

    #[inline]
    fn skip_space(text: &[u8], mut at: usize) -> usize {
        while text.get(at).is_some_and(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')) {
            at += 1;
        }
        at
    }
}

/// As `JSON.stringify` and its like in other languages write it; what is escaped in any other way has no end here.
pub(super) struct Escaped;

impl Quotes for Escaped {
    const QUOTE: &[u8] = b"\\\"";

    #[inline]
    fn end(text: &[u8], start: usize) -> Option<(usize, Option<Classes>)> {
        let (mut at, classes) = Classes::until_quote_or_backslash(text, start)?;
        if text[at..].starts_with(Self::QUOTE) {
            return Some((at, Some(classes)));
        }
        loop {
            // A backslash of the inner string is two here, and what it escapes may have one more.
            at += match text[at..] {
                [b'\\', b'"', ..] => return Some((at, None)),
                [b'\\', b'\\', b'\\', b'"' | b'\\', ..] => 4,
                [b'\\', b'\\', b'\\', ..] => return None,
                [b'\\', b'\\', ..] => 3,
                [b'\\', b'n' | b't' | b'r' | b'/', ..] => 2,
                // Letters of other alphabets, and never what would be a sign of JSON.
                [b'\\', b'u', ..] if hex4(text.get(at + 2..)?)? >= 0x80 => 6,
                _ => return None,
            };
            at += memchr::memchr(b'\\', text.get(at..)?)?;
        }
    }

    #[inline]
    fn skip_space(text: &[u8], mut at: usize) -> usize {
        loop {
            at = Plain::skip_space(text, at);
            match text.get(at..) {
                Some([b'\\', b'n' | b't' | b'r', ..]) => at += 2,
                _ => return at,
            }
        }
    }
}

/// The closing quote, from the first backslash on: a quote behind an odd number of backslashes is escaped.
fn escaped_end(text: &[u8], from: usize) -> Option<usize> {
    let rest = &text[from..];
    memchr::memchr_iter(b'"', rest)
        .find(|&at| rest[..at].iter().rev().take_while(|&&b| b == b'\\').count() % 2 == 0)
        .map(|at| from + at)
}

/// Bytes that are passed over at once where nothing is escaped.
const RUN: usize = 32;

pub(super) fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
    let Some(mut at) = memchr::memchr(b'\\', raw) else { return Cow::Borrowed(raw) };
    // Nothing is longer than its escape.
    let mut out = vec![0; raw.len()];
    out[..at].copy_from_slice(&raw[..at]);
    let mut length = at;
    let mut escaped = false;
    while at < raw.len() {
        if let Some(run) = raw[at..].first_chunk::<RUN>()
            && !escaped
            && !has_backslash(run)
        {
            out[length..length + RUN].copy_from_slice(run);
            at += RUN;
            length += RUN;
            continue;
        }
        let end = raw.len().min(at + RUN);
        while at < end {
            let byte = raw[at];
            at += 1;
            if (byte == b'u') & escaped && hex4(&raw[at..]).is_some() {
                let (char, digits) = unicode(&raw[at..]);
                at += digits;
                length += char.encode_utf8(&mut out[length..]).len();
                escaped = false;
                continue;
            }
            // A backslash is written, too, and what it escapes is written over it.
            out[length] = MEANING[usize::from(escaped)][byte as usize];
            escaped = (byte == b'\\') & !escaped;
            length += usize::from(!escaped);
        }
    }
    // One at the end escapes nothing.
    out.truncate(length + usize::from(escaped));
    Cow::Owned(out)
}

/// What a byte is, and what it is behind a backslash.
static MEANING: [[u8; 256]; 2] = {
    let mut table = [[0; 256]; 2];
    let mut byte = 0;
    while byte < 256 {
        table[0][byte] = byte as u8;
        table[1][byte] = match byte as u8 {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 8,
            b'f' => 12,
            other => other,
        };
        byte += 1;
    }
    table
};

/// All bytes are compared whatever the answer: that is one instruction or two.
#[inline]
fn has_backslash(run: &[u8; RUN]) -> bool {
    run.iter().fold(false, |found, &byte| found | (byte == b'\\'))
}

/// What stands behind `\u`, one code unit or a pair of surrogates, and its length.
fn unicode(text: &[u8]) -> (char, usize) {
    let code = hex4(text).unwrap_or(0xFFFD);
    if let 0xD800..=0xDBFF = code
        && text[4..].starts_with(b"\\u")
        && let Some(low @ 0xDC00..=0xDFFF) = hex4(&text[6..])
    {
        let code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        return (char::from_u32(code).unwrap_or('\u{FFFD}'), 10);
    }
    (char::from_u32(code).unwrap_or('\u{FFFD}'), 4)
}

fn hex4(text: &[u8]) -> Option<u32> {
    let digits = text.get(..4)?;
    digits.iter().try_fold(0, |n, &d| Some(n * 16 + (d as char).to_digit(16)?))
}
