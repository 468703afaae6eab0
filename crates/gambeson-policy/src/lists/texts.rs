//! A set of texts, found by hash; and a pattern with `*`.

/// FNV-1a: short texts, a table that the policy's author fills, and no state to set up.
#[derive(Clone, Copy)]
pub(super) struct Hash(u64);

impl Hash {
    pub(super) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(super) fn with(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    }

    fn of(direction: Direction, bytes: &[u8]) -> Self {
        match direction {
            Direction::Forward => bytes.iter().copied().fold(Self::new(), Self::with),
            Direction::Backward => bytes.iter().rev().copied().fold(Self::new(), Self::with),
        }
    }

    /// The high bits are the well-mixed ones.
    fn place(self, mask: usize) -> usize {
        (self.0 ^ (self.0 >> 32)) as usize & mask
    }
}

/// In which direction texts are hashed: a path grows from its start, a domain name from its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Direction {
    Forward,
    Backward,
}

/// Texts, each with a value.
#[derive(Clone, Debug)]
pub(super) struct Texts<V> {
    entries: Box<[(Box<[u8]>, V)]>,
    /// Index of an entry plus one; a power of two of them, at least half of them free.
    slots: Box<[u32]>,
}

impl<V> Texts<V> {
    /// `entries` must be of different texts.
    pub(super) fn new(direction: Direction, entries: Vec<(Vec<u8>, V)>) -> Self {
        let entries: Box<[(Box<[u8]>, V)]> =
            entries.into_iter().map(|(text, value)| (text.into_boxed_slice(), value)).collect();
        let mut slots = vec![0u32; (entries.len() * 2).next_power_of_two()].into_boxed_slice();
        let mask = slots.len() - 1;
        for (index, (text, _)) in entries.iter().enumerate() {
            let hash = Hash::of(direction, text);
            let mut place = hash.place(mask);
            while slots[place] != 0 {
                place = (place + 1) & mask;
            }
            slots[place] = index as u32 + 1;
        }
        Self { entries, slots }
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = (&[u8], &V)> {
        self.entries.iter().map(|(text, value)| (&**text, value))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of `text`, whose hash in this set's direction is `hash`.
    pub(super) fn get(&self, hash: Hash, text: &[u8]) -> Option<&V> {
        if self.entries.is_empty() {
            return None;
        }
        let mask = self.slots.len().wrapping_sub(1);
        let mut place = hash.place(mask);
        loop {
            let entry = self.entries.get((*self.slots.get(place)? as usize).checked_sub(1)?)?;
            if *entry.0 == *text {
                return Some(&entry.1);
            }
            place = place.wrapping_add(1) & mask;
        }
    }
}

/// Whether `text` matches `pattern`, where `*` stands for any text of bytes other than `stop`. After a `*` the earliest
/// match of what follows is the best one, so the cost is at most the product of both lengths.
pub(super) fn glob(pattern: &[u8], text: &[u8], stop: Option<u8>) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(p), text.get(t)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                p = p.wrapping_add(1);
                retry = Some((p, t));
                continue;
            }
            (Some(wanted), Some(byte)) if wanted == byte => {
                (p, t) = (p.wrapping_add(1), t.wrapping_add(1));
                continue;
            }
            _ => {}
        }
        let Some((after, from)) = retry else { return false };
        match text.get(from) {
            None => return false,
            Some(byte) if Some(*byte) == stop => return false,
            Some(_) => {
                (p, t) = (after, from.wrapping_add(1));
                retry = Some((after, t));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_found_and_no_other() {
        for direction in [Direction::Forward, Direction::Backward] {
            let texts: Vec<(Vec<u8>, usize)> =
                (0..500).map(|n| (format!("/a/{n}").into_bytes(), n)).collect();
            let set = Texts::new(direction, texts.clone());
            let value = |text: &[u8]| set.get(Hash::of(direction, text), text).copied();
            for (text, expected) in &texts {
                assert_eq!(value(text), Some(*expected));
            }
            assert_eq!(value(b"/a/500"), None);
            assert_eq!(value(b""), None);
        }
        assert!(Texts::<()>::new(Direction::Forward, Vec::new()).get(Hash::new(), b"").is_none());
    }

    #[test]
    fn a_star_is_any_text_up_to_where_it_has_to_stop() {
        for (pattern, text, stop, expected) in [
            ("*", "", None, true),
            ("*", "abc", None, true),
            ("a*c", "abc", None, true),
            ("a*c", "ab", None, false),
            ("a*b*c", "axxbyybzc", None, true),
            ("*.s3.*.amazonaws.com", "b.s3.eu-west-1.amazonaws.com", None, true),
            ("*.s3.*.amazonaws.com", "b.s3.amazonaws.com", None, false),
            ("/tmp/*.log", "/tmp/a.log", Some(b'/'), true),
            ("/tmp/*.log", "/tmp/a/b.log", Some(b'/'), false),
            ("/tmp/*/x", "/tmp/a/x", Some(b'/'), true),
            ("/tmp/a*", "/tmp/a", Some(b'/'), true),
            ("abc", "abd", None, false),
            ("", "", None, true),
            ("", "a", None, false),
        ] {
            assert_eq!(glob(pattern.as_bytes(), text.as_bytes(), stop), expected, "{pattern} {text}");
        }
    }
}
