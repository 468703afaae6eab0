//! The Processes tab as the decision path reads it.

use gambeson_policy::{Effect, ProcessesRule};

/// The Processes tab of the rule in force.
pub(crate) struct Processes {
    pub(crate) effect: Effect,
    /// Whatever no list names is a violation.
    pub(crate) only_listed: bool,
    pub(crate) crypto_miners: bool,
    pub(crate) allowed: Programs,
    pub(crate) denied: Programs,
}

/// Programs by absolute path or by name.
#[derive(Default)]
pub(crate) struct Programs {
    entries: Box<[Box<[u8]>]>,
}

impl Default for Processes {
    fn default() -> Self {
        Self {
            effect: Effect::Disable,
            only_listed: false,
            crypto_miners: false,
            allowed: Programs::default(),
            denied: Programs::default(),
        }
    }
}

impl Processes {
    pub(super) fn new(rule: &ProcessesRule) -> Self {
        Self {
            effect: rule.effect,
            // As in the system we follow, an allow list denies the rest.
            only_listed: rule.block_all_binaries || !rule.allow.is_empty(),
            crypto_miners: rule.check_crypto_miners,
            allowed: Programs::new(&rule.allow),
            denied: Programs::new(&rule.deny),
        }
    }
}

impl Programs {
    /// Whether there is nothing in the list.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn new(entries: &[String]) -> Self {
        let mut compiled: Vec<Box<[u8]>> = Vec::new();
        for entry in entries {
            compiled.push(entry.as_bytes().into());
            // `/bin/sh` is often a link in a linked folder, and a program is judged by the file that it leads to.
            if entry.starts_with('/')
                && let Ok(file) = std::fs::canonicalize(entry)
            {
                compiled.push(file.into_os_string().into_encoded_bytes().into());
            }
        }
        Self { entries: compiled.into() }
    }

    /// Whether an entry is exactly this path.
    pub(crate) fn has_path(&self, path: &[u8]) -> bool {
        path.first() == Some(&b'/') && self.has(path)
    }

    /// Whether an entry is a bare name and equal to the last component of `path`.
    pub(crate) fn has_name_of(&self, path: &[u8]) -> bool {
        self.has(name_of(path))
    }

    fn has(&self, text: &[u8]) -> bool {
        self.entries.iter().any(|entry| **entry == *text)
    }
}

/// The last component of a path.
pub(crate) fn name_of(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// The directory part of a path, or nothing.
pub(crate) fn directory_of(path: &[u8]) -> &[u8] {
    let end = path.len() - name_of(path).len();
    path.get(..end).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use gambeson_policy::Document;

    use super::*;
    use crate::snapshot::{Snapshot, Surroundings};

    /// Puts a rule in force that lets only `allowed` run, and never `denied`.
    pub(crate) fn publish_with(effect: Effect, allowed: &[&str], denied: &[&str]) {
        let programs =
            |entries: &[&str]| Programs::new(&entries.iter().map(|e| (*e).to_owned()).collect::<Vec<_>>());
        let processes = Processes {
            effect,
            only_listed: true,
            crypto_miners: true,
            allowed: programs(allowed),
            denied: programs(denied),
        };
        let snapshot = Snapshot::new(Document::default(), &Surroundings::default(), 1);
        Snapshot { processes, enforces: true, ..snapshot }.publish();
    }

    #[test]
    fn programs_are_matched_by_path_or_by_name() {
        let programs = Programs::new(&["/usr/bin/convert".to_owned(), "ffmpeg".to_owned()]);
        assert!(programs.has_path(b"/usr/bin/convert"));
        assert!(!programs.has_path(b"/tmp/convert"));
        assert!(!programs.has_path(b"ffmpeg"));
        assert!(programs.has_name_of(b"/opt/bin/ffmpeg"));
        assert!(!programs.has_name_of(b"/opt/bin/convert"));
    }

    #[test]
    fn paths_are_split_at_the_last_slash() {
        assert_eq!(
            (directory_of(b"/usr/bin/id"), name_of(b"/usr/bin/id")),
            (b"/usr/bin/".as_slice(), b"id".as_slice())
        );
        assert_eq!((directory_of(b"id"), name_of(b"id")), (b"".as_slice(), b"id".as_slice()));
    }
}
