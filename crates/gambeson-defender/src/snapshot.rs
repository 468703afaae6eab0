//! The policy as the decision path reads it: immutable, compiled once, reached through one atomic pointer.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use gambeson_policy::{Document, Effect, ProcessesRule};

use crate::inspect::Rule;

/// One revision of the policy, in force until the next is published.
pub(crate) struct Snapshot {
    /// Counts the snapshots of this environment; an audit carries it, so that it is reported under the rule that
    /// judged, not under the one that came later.
    pub(crate) generation: u32,
    pub(crate) processes: Processes,
    /// The WAAS rule in force, if it has a protection on.
    pub(crate) waas: Option<Rule>,
    /// What of the policy could not be understood, each with its consequence.
    pub(crate) problems: Vec<String>,
    /// The whole document, for everything off the decision path.
    pub(crate) document: Document,
}

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

static CURRENT: AtomicPtr<Snapshot> = AtomicPtr::new(ptr::null_mut());

impl Snapshot {
    /// Compiles what `document` says.
    pub(crate) fn new(document: Document, generation: u32) -> Self {
        let processes =
            document.policy.runtime.as_ref().map(|rule| Processes::new(&rule.processes)).unwrap_or_default();
        let (waas, problems) = document.policy.waas.as_ref().map(Rule::new).unwrap_or_default();
        Self { generation, processes, waas, problems, document }
    }

    /// The snapshot in force, if the Defender has started.
    pub(crate) fn current() -> Option<&'static Self> {
        // SAFETY: the pointer is null or came from `publish`, whose snapshots live for ever.
        unsafe { CURRENT.load(Ordering::Acquire).as_ref() }
    }

    /// Puts this snapshot in force. It and its predecessors are never freed: a thread may be reading one of them,
    /// for as long as the sandbox is frozen. They are small and change when a person changes the policy.
    pub(crate) fn publish(self) -> &'static Self {
        let snapshot = Box::leak(Box::new(self));
        CURRENT.store(snapshot, Ordering::Release);
        snapshot
    }

    /// The name of the runtime rule in force.
    pub(crate) fn runtime_rule(&self) -> &str {
        self.document.policy.runtime.as_ref().map_or("", |rule| &rule.name)
    }
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
    fn new(rule: &ProcessesRule) -> Self {
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
    use super::*;

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
        Snapshot { processes, ..Snapshot::new(Document::default(), 1) }.publish();
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
