//! Small things about bytes that every recogniser needs.

/// Lower-case ASCII copy: recognisers look at this one, spans stay those of the value.
pub(crate) fn lower(value: &[u8]) -> Vec<u8> {
    value.to_ascii_lowercase()
}

pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}

/// Up to 255 strings that are looked for in one pass. Built at compile time: a function's start pays nothing for them.
pub(crate) struct Needles {
    words: &'static [&'static str],
    /// Bytes of a word that are hashed: as many as the shortest has, three at most.
    prefix: usize,
    /// By hash of the prefix, the first word with it.
    heads: [u8; HEADS],
    /// By word, the next one with the same hash.
    next: [u8; 256],
}

const HEADS: usize = 512;
const NONE: u8 = u8::MAX;

impl Needles {
    pub(crate) const fn new(words: &'static [&'static str]) -> Self {
        assert!(words.len() < NONE as usize);
        let mut prefix = 3;
        let mut at = 0;
        while at < words.len() {
            assert!(!words[at].is_empty());
            if words[at].len() < prefix {
                prefix = words[at].len();
            }
            at += 1;
        }
        let (mut heads, mut next) = ([NONE; HEADS], [NONE; 256]);
        // From the last to the first, so that a chain runs through the words in their order.
        while at > 0 {
            at -= 1;
            let head = hash(words[at].as_bytes(), 0, prefix);
            next[at] = heads[head];
            heads[head] = at as u8;
        }
        Self { words, prefix, heads, next }
    }
}

const fn hash(text: &[u8], at: usize, prefix: usize) -> usize {
    let key = match prefix {
        1 => [text[at], 0, 0],
        2 => [text[at], text[at + 1], 0],
        _ => [text[at], text[at + 1], text[at + 2]],
    };
    slot(key)
}

#[inline(always)]
const fn slot([a, b, c]: [u8; 3]) -> usize {
    // Of letters, the case does not count.
    let key = (a as u32 | (b as u32) << 8 | (c as u32) << 16) | 0x20_2020;
    (key.wrapping_mul(0x9E37_79B1) >> 23) as usize
}

impl Needles {
    /// Whether this is one of the words.
    pub(crate) fn has(&self, word: &[u8]) -> bool {
        if word.len() < self.prefix {
            return false;
        }
        let mut at = self.heads[hash(word, 0, self.prefix)];
        while at != NONE {
            if self.words[at as usize].as_bytes() == word {
                return true;
            }
            at = self.next[at as usize];
        }
        false
    }

    /// The first word whose hash is that of these bytes.
    #[inline(always)]
    fn head(&self, key: [u8; 3]) -> u8 {
        self.heads[slot(key)]
    }
}

/// `needles!["a", "b"]`: a set for [`find_any`].
macro_rules! needles {
    ($($word:literal),* $(,)?) => {{
        static SET: $crate::text::Needles = $crate::text::Needles::new(&[$($word),*]);
        &SET
    }};
}
pub(crate) use needles;

/// Where the first of the words that are there (in the order of the set) stands for the first time.
pub(crate) fn find_any(haystack: &[u8], needles: &Needles) -> Option<(usize, usize)> {
    let mut found = Found { haystack, needles, word: NONE, at: 0 };
    match needles.prefix {
        1 => haystack.iter().enumerate().for_each(|(at, &a)| found.take(at, [a, 0, 0])),
        2 => haystack.windows(2).enumerate().for_each(|(at, w)| found.take(at, [w[0], w[1], 0])),
        _ => haystack.windows(3).enumerate().for_each(|(at, w)| found.take(at, [w[0], w[1], w[2]])),
    }
    (found.word != NONE).then(|| (found.at, found.at + needles.words[found.word as usize].len()))
}

struct Found<'a> {
    haystack: &'a [u8],
    needles: &'a Needles,
    word: u8,
    at: usize,
}

impl Found<'_> {
    #[inline(always)]
    fn take(&mut self, at: usize, key: [u8; 3]) {
        let word = self.needles.head(key);
        if word < self.word {
            self.compare(at, word);
        }
    }

    #[inline(never)]
    fn compare(&mut self, at: usize, mut word: u8) {
        while word < self.word {
            if self.haystack[at..].starts_with(self.needles.words[word as usize].as_bytes()) {
                (self.word, self.at) = (word, at);
                return;
            }
            word = self.needles.next[word as usize];
        }
    }
}

/// Whether one of the words (of three letters or more) stands at the start of a word of the text, whatever its case.
pub(crate) fn has_word(text: &[u8], needles: &Needles) -> bool {
    let mut inside = false;
    for (at, w) in text.windows(3).enumerate() {
        let starts = !inside;
        inside = w[0].is_ascii_alphabetic();
        let word = needles.head([w[0], w[1], w[2]]);
        // One branch that is hardly ever taken, where two would be guessed wrong at every other word.
        if starts & (word != NONE) && needles.chained(text, at, word) {
            return true;
        }
    }
    false
}

/// Whether the text starts with one of the words (of three letters or more), whatever its case.
pub(crate) fn starts_with_word(text: &[u8], needles: &Needles) -> bool {
    let Some(&[a, b, c]) = text.first_chunk() else { return false };
    needles.chained(text, 0, needles.head([a, b, c]))
}

impl Needles {
    #[inline(never)]
    fn chained(&self, text: &[u8], at: usize, mut word: u8) -> bool {
        while word != NONE {
            let needle = self.words[word as usize].as_bytes();
            if text.get(at..at + needle.len()).is_some_and(|part| part.eq_ignore_ascii_case(needle)) {
                return true;
            }
            word = self.next[word as usize];
        }
        false
    }
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
