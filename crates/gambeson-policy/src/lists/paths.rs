//! Lists of paths.

use std::collections::BTreeMap;

use super::texts::{Direction, Hash, Texts, glob};

/// Absolute paths, each of which covers itself and everything below it. `*` stands for any text within one component;
/// at the very start of an entry it stands for any text at all.
#[derive(Clone, Debug)]
pub struct Paths {
    /// By the directory that holds no `*`, without a slash at the end.
    directories: Texts<Directory>,
    /// Entries that begin with `*`.
    open: Box<[Box<[u8]>]>,
}

/// What the list says of one directory.
#[derive(Clone, Debug, Default)]
struct Directory {
    /// It is covered, and so is everything below.
    whole: bool,
    /// Below it, what matches these; each is the pattern after the directory and its slash.
    patterns: Vec<Box<[u8]>>,
}

impl Paths {
    /// Compiles a list. A slash at the end of an entry does not matter.
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut directories: BTreeMap<Vec<u8>, Directory> = BTreeMap::new();
        let mut open = Vec::new();
        for mut entry in entries {
            while let [rest @ .., b'/'] = entry {
                entry = rest;
            }
            match entry.iter().position(|byte| *byte == b'*') {
                None => directories.entry(entry.to_vec()).or_default().whole = true,
                Some(0) => open.push(entry.into()),
                Some(star) => {
                    let slash = entry[..star].iter().rposition(|byte| *byte == b'/').unwrap_or(0);
                    let pattern = entry.get(slash + 1..).unwrap_or_default();
                    directories.entry(entry[..slash].to_vec()).or_default().patterns.push(pattern.into());
                }
            }
        }
        let directories = directories.into_iter().collect();
        Self { directories: Texts::new(Direction::Forward, directories), open: open.into() }
    }

    /// Whether there is nothing in the list.
    pub fn is_empty(&self) -> bool {
        self.directories.is_empty() && self.open.is_empty()
    }

    /// Whether an entry covers `path`, which must be absolute and resolved.
    pub fn covers(&self, path: &[u8]) -> bool {
        let path = path.strip_suffix(b"/").unwrap_or(path);
        let mut hash = Hash::new();
        for at in 0..=path.len() {
            let end_of_component = path.get(at).is_none_or(|byte| *byte == b'/');
            if end_of_component && self.covers_below(hash, path, at) {
                return true;
            }
            if let Some(byte) = path.get(at) {
                hash = hash.with(*byte);
            }
        }
        false
    }

    /// Whether an entry is for something below `path`. For rare questions: it looks at every entry.
    pub fn has_below(&self, path: &[u8]) -> bool {
        let path = path.strip_suffix(b"/").unwrap_or(path);
        !self.open.is_empty()
            || self.directories.texts().any(|(directory, known)| {
                let below = directory.strip_prefix(path);
                match below {
                    // The directory itself is of interest for what its patterns match.
                    Some([]) => !known.patterns.is_empty(),
                    Some([b'/', ..]) => true,
                    // A pattern may match something on the way there.
                    _ => !known.patterns.is_empty() && path.starts_with(directory),
                }
            })
    }

    /// Whether an entry for the directory of the first `at` bytes, or one that begins with `*`, covers `path`.
    fn covers_below(&self, hash: Hash, path: &[u8], at: usize) -> bool {
        let (directory, below) = (path.get(..at).unwrap_or_default(), path.get(at..).unwrap_or_default());
        if self.open.iter().any(|pattern| glob(pattern, directory, None)) {
            return true;
        }
        let Some(known) = self.directories.get(hash, directory) else { return false };
        let Some((_, below)) = below.split_first() else { return known.whole };
        known.whole || known.patterns.iter().any(|pattern| covers(pattern, below))
    }
}

/// Whether `pattern` matches the first components of `path`, as many as it has itself.
fn covers(pattern: &[u8], path: &[u8]) -> bool {
    let components = pattern.iter().filter(|byte| **byte == b'/').count();
    let end = path
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'/')
        .nth(components)
        .map_or(path.len(), |(index, _)| index);
    glob(pattern, path.get(..end).unwrap_or_default(), Some(b'/'))
}

impl Default for Paths {
    fn default() -> Self {
        Self::new([])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(entries: &[&str]) -> Paths {
        Paths::new(entries.iter().map(|entry| entry.as_bytes()))
    }

    #[test]
    fn an_entry_covers_whole_components() {
        let list = paths(&["/tmp/out", "/var/task/", "/etc/passwd"]);
        for covered in ["/tmp/out", "/tmp/out/", "/tmp/out/a/b", "/var/task", "/var/task/x.py", "/etc/passwd"]
        {
            assert!(list.covers(covered.as_bytes()), "{covered}");
        }
        for other in ["/tmp", "/tmp/output", "/tmp/ou", "/", "/etc/passwd-", "/var/tas", "/x/tmp/out"] {
            assert!(!list.covers(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_star_stays_within_its_component() {
        let list = paths(&["/tmp/*.log", "/srv/*/.ssh", "/data/a*/b*", "/opt/*"]);
        for covered in [
            "/tmp/a.log",
            "/tmp/.log",
            "/tmp/a.log/x",
            "/srv/me/.ssh/id",
            "/data/a/b",
            "/data/a1/b2/c",
            "/opt/x",
        ] {
            assert!(list.covers(covered.as_bytes()), "{covered}");
        }
        for other in [
            "/tmp/a.txt",
            "/tmp/d/a.log",
            "/srv/.ssh",
            "/srv/a/b/.ssh",
            "/data/a1",
            "/data/a/c",
            "/tmp",
            "/opt",
        ] {
            assert!(!list.covers(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn what_lies_below_is_known() {
        let list = paths(&["/tmp/a/secret", "/data/x/*.pem"]);
        for path in ["/tmp/a", "/tmp", "/", "/data/x", "/data", "/data/x/y"] {
            assert!(list.has_below(path.as_bytes()), "{path}");
        }
        for path in ["/tmp/a/secret", "/tmp/b", "/tmp/a/s", "/var"] {
            assert!(!list.has_below(path.as_bytes()), "{path}");
        }
    }

    #[test]
    fn a_star_at_the_start_is_any_text() {
        let list = paths(&["*/secrets", "*.pem"]);
        for covered in ["/a/secrets", "/a/b/secrets/x", "/tmp/key.pem"] {
            assert!(list.covers(covered.as_bytes()), "{covered}");
        }
        assert!(!list.covers(b"/a/secret"));
        assert!(paths(&["*"]).covers(b"/x") && paths(&["/"]).covers(b"/x/y") && paths(&["/"]).covers(b"/"));
        assert!(!paths(&[]).covers(b"/") && paths(&[]).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn the_compiled_list_says_what_each_entry_says(
            entries in proptest::collection::vec("(/[ab]{1,2}){1,4}", 0..12),
            paths_asked in proptest::collection::vec("(/[ab]{1,2}){1,4}", 1..12),
        ) {
            let list = Paths::new(entries.iter().map(|entry| entry.as_bytes()));
            for path in &paths_asked {
                let expected = entries.iter().any(|entry| path == entry || path.starts_with(&format!("{entry}/")));
                proptest::prop_assert_eq!(list.covers(path.as_bytes()), expected, "{} in {:?}", path, entries);
            }
        }
    }
}
