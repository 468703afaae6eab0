//! Lists of domain names.

use std::collections::BTreeMap;

use super::texts::{Direction, Hash, Texts, glob};

/// Domain names, in which `*` stands for any text, dots included: `*.s3.*.amazonaws.com`.
#[derive(Clone, Debug)]
pub struct Domains {
    /// What ends with this name, by its last labels that hold no `*`.
    names: Texts<Ending>,
    /// Patterns whose last label holds a `*`.
    open: Box<[Box<[u8]>]>,
}

/// What the list says of names with one ending.
#[derive(Clone, Debug, Default)]
struct Ending {
    /// The ending itself is listed.
    exact: bool,
    /// So is everything below it (`*.ending`).
    below: bool,
    /// And what matches these.
    patterns: Vec<Box<[u8]>>,
}

impl Domains {
    /// Compiles a list. Case does not matter, nor does a dot at the end.
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a str>) -> Self {
        let mut names: BTreeMap<String, Ending> = BTreeMap::new();
        let mut open = Vec::new();
        for entry in entries {
            let entry = entry.trim().trim_end_matches('.').to_ascii_lowercase();
            let ending = match entry.rfind('*') {
                None => entry.as_str(),
                Some(star) => match entry[star..].split_once('.') {
                    Some((_, ending)) => ending,
                    None => {
                        open.push(entry.into_bytes().into_boxed_slice());
                        continue;
                    }
                },
            };
            let known = names.entry(ending.to_owned()).or_default();
            if ending == entry {
                known.exact = true;
            } else if entry.strip_prefix("*.") == Some(ending) {
                known.below = true;
            } else {
                known.patterns.push(entry.as_bytes().into());
            }
        }
        let names = names.into_iter().map(|(ending, known)| (ending.into_bytes(), known)).collect();
        Self { names: Texts::new(Direction::Backward, names), open: open.into() }
    }

    /// Whether there is nothing in the list.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.open.is_empty()
    }

    /// Whether the list has `name`, which must be in lower case and without a dot at the end.
    pub fn matches(&self, name: &[u8]) -> bool {
        let mut hash = Hash::new();
        for (start, byte) in name.iter().enumerate().rev() {
            hash = hash.with(*byte);
            let whole = start == 0;
            let at_label = whole || name.get(start.wrapping_sub(1)) == Some(&b'.');
            if !at_label {
                continue;
            }
            let ending = name.get(start..).unwrap_or_default();
            let Some(known) = self.names.get(hash, ending) else { continue };
            let found = if whole { known.exact } else { known.below };
            if found || known.patterns.iter().any(|pattern| glob(pattern, name, None)) {
                return true;
            }
        }
        self.open.iter().any(|pattern| glob(pattern, name, None))
    }
}

impl Default for Domains {
    fn default() -> Self {
        Self::new([])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_patterns() {
        let list = Domains::new([
            "example.com",
            "*.example.org",
            "*.s3.*.amazonaws.com",
            "Api.*.Internal.",
            "db-*.local",
            "staging.*",
        ]);
        for listed in [
            "example.com",
            "a.example.org",
            "a.b.example.org",
            "bucket.s3.eu-west-1.amazonaws.com",
            "api.eu.internal",
            "db-7.local",
            "staging.example.net",
        ] {
            assert!(list.matches(listed.as_bytes()), "{listed}");
        }
        for other in [
            "a.example.com",
            "example.org",
            "xexample.com",
            "evil-example.org",
            "s3.eu-west-1.amazonaws.com",
            "bucket.s3.amazonaws.com.evil.example",
            "amazonaws.com",
            "db.local",
            "prod.staging",
            "",
        ] {
            assert!(!list.matches(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_lone_star_is_every_name() {
        assert!(Domains::new(["*"]).matches(b"example.com"));
        assert!(!Domains::new([]).matches(b"example.com"));
        assert!(Domains::default().is_empty());
    }

    proptest::proptest! {
        #[test]
        fn the_compiled_list_says_what_each_pattern_says(
            entries in proptest::collection::vec("[ab*]{1,3}(\\.[ab*]{1,2}){0,3}", 0..12),
            names in proptest::collection::vec("[ab]{1,3}(\\.[ab]{1,2}){0,3}", 1..12),
        ) {
            let list = Domains::new(entries.iter().map(String::as_str));
            for name in &names {
                let expected = entries.iter().any(|entry| glob(entry.as_bytes(), name.as_bytes(), None));
                proptest::prop_assert_eq!(list.matches(name.as_bytes()), expected, "{} in {:?}", name, entries);
            }
        }
    }
}
