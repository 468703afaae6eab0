//! Small things about bytes that every recogniser needs.

/// Lower-case ASCII copy: recognisers look at this one, spans stay those of the value.
pub(crate) fn lower(value: &[u8]) -> Vec<u8> {
    value.to_ascii_lowercase()
}

pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() || haystack.len() < needle.len() {
        return None;
    }
    let first = needle[0];
    let last = haystack.len() - needle.len();
    let mut at = 0;
    while at <= last {
        match haystack[at..=last].iter().position(|&b| b == first) {
            None => return None,
            Some(offset) => {
                at += offset;
                if &haystack[at..at + needle.len()] == needle {
                    return Some(at);
                }
                at += 1;
            }
        }
    }
    None
}

pub(crate) fn find_any(haystack: &[u8], needles: &[&str]) -> Option<(usize, usize)> {
    needles.iter().find_map(|needle| find(haystack, needle.as_bytes()).map(|at| (at, at + needle.len())))
}

pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

pub(crate) fn skip_space(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(|b| b.is_ascii_whitespace() || *b == 0x0b || *b == 0) {
        at += 1;
    }
    at
}

/// Long text with code in it is documentation about scripts more often than a script.
pub(crate) fn documentation(text: &[u8]) -> u8 {
    let words = text
        .split(|b| b.is_ascii_whitespace())
        .filter(|w| w.len() > 1 && w.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b',' | b'.')))
        .count();
    let fenced = find(text, b"```").is_some() || find(text, b"\n    ").is_some();
    match words {
        60.. if fenced => 50,
        200.. => 35,
        40.. => 20,
        _ => 0,
    }
}

/// The words of a text that are nothing but letters, as sentences have them.
pub(crate) fn words_of_prose(text: &[u8]) -> usize {
    text.split(|b| b.is_ascii_whitespace())
        .filter(|word| {
            let word = word.strip_suffix(b",").or(word.strip_suffix(b".")).unwrap_or(word);
            word.len() > 1 && word.iter().all(u8::is_ascii_alphabetic)
        })
        .count()
}

/// What a recogniser saw in a value.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub(crate) score: u8,
    pub(crate) span: (usize, usize),
    pub(crate) reason: &'static str,
}

pub(crate) fn hit(score: u8, from: usize, to: usize, reason: &'static str) -> Option<Hit> {
    Some(Hit { score, span: (from, to), reason })
}
