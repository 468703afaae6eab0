//! The File System tab as the decision path reads it.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use gambeson_policy::{Effect, FilesystemRule, Paths};

use super::network::Verdict;
use crate::attack::Attack;

/// Paths of the rule in force.
#[derive(Default)]
pub(crate) struct Files {
    effect: Effect,
    allowed: Paths,
    denied: Paths,
    /// Whether reading is judged, too.
    reads: bool,
    /// What a runtime must be able to read, whatever a list of allowed paths says.
    readable: Paths,
    /// What may always be written to: it keeps nothing.
    sinks: Paths,
}

/// What is done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Change,
}

impl Files {
    pub(super) fn new(rule: &FilesystemRule) -> Self {
        let readable = if rule.reads { own_files() } else { Vec::new() };
        let sinks = [
            "/dev/null",
            "/dev/zero",
            "/dev/full",
            "/dev/random",
            "/dev/urandom",
            "/dev/tty",
            "/dev/ptmx",
            "/dev/pts",
        ];
        Self {
            effect: rule.effect,
            allowed: resolved(&rule.allow),
            denied: resolved(&rule.deny),
            reads: rule.reads,
            readable: Paths::new(readable.iter().map(|path| path.as_os_str().as_bytes())),
            sinks: Paths::new(sinks.iter().map(|path| path.as_bytes())),
        }
    }

    /// Whether changes are judged.
    pub(crate) fn judges(&self) -> bool {
        self.effect != Effect::Disable && !(self.allowed.is_empty() && self.denied.is_empty())
    }

    /// Whether reading is.
    pub(crate) fn judges_reads(&self) -> bool {
        self.reads && self.judges()
    }

    /// What is wrong with `access` to the resolved `path`, which need not exist.
    pub(crate) fn access(&self, path: &[u8], access: Access) -> Verdict {
        if !self.judges() || (access == Access::Read && !self.reads) || !is_in_a_file_system(path) {
            return None;
        }
        if self.denied.covers(path) {
            return Some((Attack::DeniedFile, self.effect));
        }
        let listed = self.allowed.is_empty() || self.allowed.covers(path) || self.sinks.covers(path);
        let listed = listed || (access == Access::Read && self.readable.covers(path));
        (!listed).then_some((Attack::UnexpectedFile, self.effect))
    }

    /// What is wrong with giving the resolved `path` another name, or another file its name.
    pub(crate) fn rename(&self, path: &[u8]) -> Verdict {
        let takes_denied_along = || self.judges() && self.denied.has_below(path);
        self.access(path, Access::Change)
            .or_else(|| takes_denied_along().then_some((Attack::DeniedFile, self.effect)))
    }
}

/// Pipes, sockets (`pipe:[1]`) and memory files have no place there; they are reached through `/proc/self/fd`. What begins
/// with a parenthesis is a file that the kernel finds no path for.
fn is_in_a_file_system(path: &[u8]) -> bool {
    matches!(path.first(), Some(b'/' | b'('))
        && !(path.starts_with(b"/memfd:") && path.ends_with(b" (deleted)"))
}

/// The list, and where its entries lead to: a path is judged after resolution, and an entry may go through a link.
fn resolved(entries: &[String]) -> Paths {
    let mut paths: Vec<Vec<u8>> = Vec::new();
    for entry in entries {
        paths.push(entry.as_bytes().to_vec());
        // Only the part that holds no `*` can be looked up; of it, only what exists.
        let literal = entry.split('*').next().unwrap_or_default();
        let folder = if literal.len() == entry.len() {
            literal
        } else {
            literal.rsplit_once('/').map_or("", |split| split.0)
        };
        let existing = Path::new(folder).ancestors().find_map(|path| Some((path, path.canonicalize().ok()?)));
        if let Some((given, real)) = existing.filter(|(given, real)| given != real)
            && let Some(rest) = entry.strip_prefix(given.to_str().unwrap_or_default())
        {
            let mut path = real.into_os_string().into_encoded_bytes();
            path.extend_from_slice(rest.as_bytes());
            paths.push(path);
        }
    }
    Paths::new(paths.iter().map(Vec::as_slice))
}

/// The function's code, its layers, the runtime and the libraries.
fn own_files() -> Vec<PathBuf> {
    const ALWAYS: [&str; 25] = [
        "/var/task",
        "/opt",
        "/var/runtime",
        "/var/lang",
        "/lib",
        "/lib64",
        "/usr/lib",
        "/usr/lib64",
        "/usr/share",
        "/etc/ld.so.cache",
        "/etc/ld.so.preload",
        "/etc/localtime",
        "/etc/nsswitch.conf",
        "/etc/resolv.conf",
        "/etc/hosts",
        "/etc/host.conf",
        "/etc/gai.conf",
        "/etc/services",
        "/etc/protocols",
        "/etc/mime.types",
        "/etc/ssl",
        "/etc/pki",
        "/etc/system-release",
        "/proc",
        "/sys",
    ];
    let mut paths: Vec<PathBuf> = ALWAYS.iter().map(PathBuf::from).collect();
    // `/var/lang/bin/python3.12` keeps its library in `/var/lang/lib`.
    if let Ok(program) = std::env::current_exe() {
        paths.extend(program.parent().and_then(Path::parent).map(|prefix| prefix.join("lib")));
        paths.push(program);
    }
    for variable in
        ["LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "PYTHONPATH", "NODE_PATH", "PYTHONHOME", "VIRTUAL_ENV"]
    {
        let value = std::env::var_os(variable).unwrap_or_default();
        paths.extend(std::env::split_paths(&value).filter(|path| path.is_absolute()));
    }
    let real: Vec<PathBuf> = paths.iter().filter_map(|path| path.canonicalize().ok()).collect();
    paths.extend(real);
    // `/` would be everything.
    paths.retain(|path| path.parent().is_some());
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(allow: &[&str], deny: &[&str], reads: bool) -> Files {
        let list = |entries: &[&str]| entries.iter().map(|entry| (*entry).to_owned()).collect();
        Files::new(&FilesystemRule {
            effect: Effect::Prevent,
            allow: list(allow),
            deny: list(deny),
            reads,
            ..FilesystemRule::default()
        })
    }

    #[test]
    fn deny_wins_and_an_allow_list_refuses_the_rest() {
        let files = files(&["/tmp/out"], &["/tmp/out/secret"], false);
        let change = |path: &str| files.access(path.as_bytes(), Access::Change).map(|verdict| verdict.0);
        assert_eq!(change("/tmp/out/a"), None);
        assert_eq!(change("/tmp/out/secret/a"), Some(Attack::DeniedFile));
        assert_eq!(change("/tmp/a"), Some(Attack::UnexpectedFile));
        assert_eq!(change("/dev/null"), None);
        assert_eq!(change("pipe:[17]"), None);
        assert_eq!(change("/memfd:x (deleted)"), None);
        assert_eq!(files.access(b"/etc/passwd", Access::Read), None);
        assert_eq!(files.rename(b"/tmp/out").map(|verdict| verdict.0), Some(Attack::DeniedFile));
        assert_eq!(files.rename(b"/tmp/out/other"), None);
    }

    #[test]
    fn reading_is_judged_only_if_the_rule_says_so() {
        let files = files(&["/tmp"], &[], true);
        let read = |path: &str| files.access(path.as_bytes(), Access::Read).map(|verdict| verdict.0);
        assert_eq!(read("/tmp/x"), None);
        assert_eq!(read("/var/task/app.py"), None);
        assert_eq!(read("/etc/passwd"), Some(Attack::UnexpectedFile));
        assert!(files.access(b"/var/task/app.py", Access::Change).is_some());
    }

    #[test]
    fn an_entry_through_a_link_means_where_it_leads() {
        let directory = tempfile::tempdir().unwrap();
        let real = directory.path().canonicalize().unwrap();
        std::fs::create_dir(real.join("data")).unwrap();
        std::os::unix::fs::symlink("data", real.join("link")).unwrap();
        let files = files(&[&format!("{}/link/*.txt", real.display())], &[], false);
        let path = format!("{}/data/a.txt", real.display());
        assert_eq!(files.access(path.as_bytes(), Access::Change), None);
    }
}
