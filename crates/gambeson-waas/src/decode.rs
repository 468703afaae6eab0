//! The ways in which a value may be encoded, undone within bounds.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Rounds of decoding: enough for what is encoded three times.
const ROUNDS: usize = 4;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The variants of a value that differ from it, each one round of decoding further.
pub(crate) fn variants(value: &[u8]) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    let mut current: Option<Vec<u8>> = base64(value);
    if let Some(text) = &current {
        found.push(text.clone());
    }
    for _ in 0..ROUNDS {
        let text = current.as_deref().unwrap_or(value);
        let Some(next) = once(text) else { break };
        found.push(next.clone());
        current = Some(next);
    }
    // A plus is a space where somebody decodes a form once more.
    let last = found.last().map_or(value, Vec::as_slice);
    let separated = last.len() < 200 && last.iter().any(|b| matches!(b, b'|' | b'&' | b';'));
    if last.contains(&b'+') && (separated || !last.contains(&b' ')) {
        let spaced = last.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect();
        found.push(spaced);
    }
    found
}

/// One round: percent signs first, then entities, then escapes; `None` if nothing changed.
fn once(text: &[u8]) -> Option<Vec<u8>> {
    percent(text)
        .or_else(|| hexadecimal(text))
        .or_else(|| entities(text))
        .or_else(|| escapes(text))
        .or_else(|| folded(text))
}

/// `%41`, `%u0041`.
pub(crate) fn percent(text: &[u8]) -> Option<Vec<u8>> {
    if !text.contains(&b'%') {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut changed = false;
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'%' {
            if let Some(byte) = hex(text, at + 1, 2) {
                out.push(byte as u8);
                at += 3;
                changed = true;
                continue;
            }
            if matches!(text.get(at + 1), Some(b'u' | b'U'))
                && let Some(code) = hex(text, at + 2, 4)
            {
                push(&mut out, code);
                at += 6;
                changed = true;
                continue;
            }
        }
        out.push(text[at]);
        at += 1;
    }
    changed.then_some(out)
}

/// A value of a form or a query: `+` is a space.
pub(crate) fn form(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect();
    percent(&spaced).unwrap_or(spaced)
}

/// `0x2e0x2e0x2f`: dots and slashes as some path filters spell them.
fn hexadecimal(text: &[u8]) -> Option<Vec<u8>> {
    crate::text::find_any(text, crate::text::needles!["0x2f", "0x5c"])?;
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let code = if text[at..].starts_with(b"0x") { hex(text, at + 2, 2) } else { None };
        match code {
            Some(code @ (0x2e | 0x2f | 0x5c)) => {
                out.push(code as u8);
                at += 4;
            }
            _ => {
                out.push(text[at]);
                at += 1;
            }
        }
    }
    Some(out)
}

fn entities(text: &[u8]) -> Option<Vec<u8>> {
    if !text.contains(&b'&') {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut changed = false;
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'&'
            && let Some((code, length)) = entity(&text[at + 1..])
        {
            push(&mut out, code);
            at += 1 + length;
            changed = true;
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    changed.then_some(out)
}

fn entity(text: &[u8]) -> Option<(u32, usize)> {
    if text.first() == Some(&b'#') {
        let radix = if matches!(text.get(1), Some(b'x' | b'X')) { 16 } else { 10 };
        let start = if radix == 16 { 2 } else { 1 };
        let mut at = start;
        let mut code = 0u32;
        while let Some(digit) = text.get(at).and_then(|&b| (b as char).to_digit(radix)) {
            code = code.saturating_mul(radix).saturating_add(digit);
            at += 1;
        }
        if at == start {
            return None;
        }
        return Some((code, at + usize::from(text.get(at) == Some(&b';'))));
    }
    const NAMED: [(&[u8], u32); 19] = [
        (b"lt;", 60),
        (b"gt;", 62),
        (b"quot;", 34),
        (b"apos;", 39),
        (b"amp;", 38),
        (b"tab;", 9),
        (b"newline;", 10),
        (b"colon;", 58),
        (b"lpar;", 40),
        (b"rpar;", 41),
        (b"sol;", 47),
        (b"bsol;", 92),
        (b"equals;", 61),
        (b"semi;", 59),
        (b"period;", 46),
        (b"grave;", 96),
        (b"lsqb;", 91),
        (b"rsqb;", 93),
        (b"nbsp;", 32),
    ];
    NAMED
        .iter()
        .find(|(name, _)| text.len() >= name.len() && text[..name.len()].eq_ignore_ascii_case(name))
        .map(|(name, code)| (*code, name.len()))
}

/// `\x41`, `\u0041`, `\u{41}`.
fn escapes(text: &[u8]) -> Option<Vec<u8>> {
    if !text.contains(&b'\\') {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut changed = false;
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'\\' {
            let decoded = match text.get(at + 1) {
                Some(b'x') => hex(text, at + 2, 2).map(|code| (code, 4)),
                Some(b'u') if text.get(at + 2) == Some(&b'{') => text[at + 3..]
                    .iter()
                    .take(7)
                    .position(|&b| b == b'}')
                    .and_then(|digits| hex(text, at + 3, digits).map(|code| (code, digits + 4))),
                Some(b'u') => hex(text, at + 2, 4).map(|code| (code, 6)),
                Some(b'0') if text.get(at + 2) == Some(&b'0') => hex(text, at + 1, 4).map(|code| (code, 5)),
                // \74: octal, of what can be read.
                Some(b'0'..=b'1') | Some(b'4'..=b'7') if octal(&text[at + 1..]).is_some() => {
                    octal(&text[at + 1..])
                }
                // A NUL in the middle of a name.
                Some(b'0') if !text.get(at + 2).is_some_and(u8::is_ascii_digit) => Some((0, 2)),
                Some(b'n') => Some((10, 2)),
                Some(b'r') => Some((13, 2)),
                _ => None,
            };
            if let Some((code, length)) = decoded {
                push(&mut out, code);
                at += length;
                changed = true;
                continue;
            }
        }
        out.push(text[at]);
        at += 1;
    }
    changed.then_some(out)
}

/// `74`, `074`, `141`: two or three octal digits for a character that can be read, and the length with the backslash.
fn octal(text: &[u8]) -> Option<(u32, usize)> {
    let digits = text.iter().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
    // Two digits say no more than 077.
    let digits = if digits == 3 && text[0] > b'1' { 2 } else { digits };
    if digits < 2 || text.get(digits).is_some_and(|b| matches!(b, b'8' | b'9')) {
        return None;
    }
    let code = text[..digits].iter().fold(0, |n, &b| n * 8 + u32::from(b - b'0'));
    (0x20..0x7F).contains(&code).then_some((code, digits + 1))
}

/// Overlong UTF-8, full-width forms, typographic look-alikes and NUL.
fn folded(text: &[u8]) -> Option<Vec<u8>> {
    if !text.contains(&0) && !folds(text) {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut changed = false;
    let mut at = 0;
    while at < text.len() {
        match text[at..] {
            [0, ..] => {
                at += 1;
                changed = true;
            }
            // Two bytes for what one byte says; some decoders take any second byte.
            [lead @ (0xC0 | 0xC1), next, ..] => {
                out.push(((lead & 1) << 6) | (next & 0x3F));
                at += 2;
                changed = true;
            }
            [0xE0, second @ 0x80..=0x9F, third, ..] if second < 0x82 => {
                out.push(((second & 1) << 6) | (third & 0x3F));
                at += 3;
                changed = true;
            }
            // Four and five bytes for what one says.
            [0xF0, 0x80, second @ 0x80..=0x81, third @ 0x80..=0xBF, ..]
            | [0xF8, 0x80, 0x80, second @ 0x80..=0x81, third @ 0x80..=0xBF, ..] => {
                out.push(((second & 1) << 6) | (third & 0x3F));
                at += if text[at] == 0xF0 { 4 } else { 5 };
                changed = true;
            }
            // U+FF01..U+FF5E
            [0xEF, 0xBC, third @ 0x81..=0xBF, ..] => {
                out.push(third - 0x81 + b'!');
                at += 3;
                changed = true;
            }
            [0xEF, 0xBD, third @ 0x80..=0x9E, ..] => {
                out.push(third - 0x80 + b'`');
                at += 3;
                changed = true;
            }
            // Slashes of other alphabets, and code points that some servers take for one.
            [0xE2, 0x88, 0x95 | 0x96, ..]
            | [0xE2, 0x81, 0x84, ..]
            | [0xEF, 0x80, 0xA5, ..]
            | [0xEE, 0xBF, 0x88, ..] => {
                out.push(b'/');
                at += 3;
                changed = true;
            }
            [0xC2, 0xA0, ..] => {
                out.push(b' ');
                at += 2;
                changed = true;
            }
            [byte, ..] => {
                out.push(byte);
                at += 1;
            }
            [] => break,
        }
    }
    changed.then_some(out)
}

/// Whether bytes beyond ASCII may stand for something else than letters of other languages: how what [`folded`] undoes begins.
pub(crate) fn folds(text: &[u8]) -> bool {
    text.windows(2).any(|pair| {
        matches!(
            pair,
            [0xC0 | 0xC1, _]
                | [0xC2, 0xA0]
                | [0xE0, 0x80 | 0x81]
                | [0xE2, 0x81 | 0x88]
                | [0xEE, 0xBF]
                | [0xEF, 0x80 | 0xBC | 0xBD]
                | [0xF0, 0x80]
                | [0xF8..=0xFF, _]
        )
    })
}

/// The text that a whole value in base64 holds, if it holds text.
pub(crate) fn base64(value: &[u8]) -> Option<Vec<u8>> {
    if value.len() < 12
        || value.len() > 1 << 20
        || value.iter().any(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'+' | b'/' | b'=' | b'-' | b'_'))
    {
        return None;
    }
    let standard = |byte: u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    };
    let printable = |text: &[u8]| text.iter().all(|b| (0x20..0x7F).contains(b) || matches!(b, 9 | 10 | 13));
    // Identifiers are of the same letters; what they would hold is hardly ever text from the start.
    let start: [u8; 12] = std::array::from_fn(|at| standard(value[at]));
    let mut text = [0; 9];
    if !BASE64.decode_slice(start, &mut text).is_ok_and(|length| printable(&text[..length])) {
        return None;
    }
    let text = BASE64.decode(value.iter().map(|&byte| standard(byte)).collect::<Vec<u8>>()).ok()?;
    printable(&text).then_some(text)
}

/// The bytes of a base64 body.
pub(crate) fn base64_bytes(value: &[u8]) -> Option<Vec<u8>> {
    BASE64.decode(value).ok()
}

fn hex(text: &[u8], from: usize, digits: usize) -> Option<u32> {
    let digits = text.get(from..from + digits).filter(|d| !d.is_empty())?;
    digits.iter().try_fold(0u32, |n, &d| Some((n << 4) | (d as char).to_digit(16)?))
}

fn push(out: &mut Vec<u8>, code: u32) {
    let char = char::from_u32(code).unwrap_or('\u{FFFD}');
    out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
}
