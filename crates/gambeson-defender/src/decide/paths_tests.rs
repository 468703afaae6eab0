//! What changes to the tree of files are answered with, and what they do.

use std::ffi::CString;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use serde_json::json;

use super::*;
use crate::decide::tests::{EACCES, make, snapshot};

struct Tree {
    _directory: tempfile::TempDir,
    root: PathBuf,
    snapshot: Snapshot,
}

impl Tree {
    /// A directory with `in/` that is allowed, `in/denied/` that is denied, and `out/` that is not allowed.
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        for name in ["in", "in/denied", "out"] {
            fs::create_dir(root.join(name)).unwrap();
            fs::write(root.join(name).join("file"), "content").unwrap();
        }
        let path = |name: &str| format!("{}/{name}", root.display());
        let rule = json!({
            "filesystem": { "effect": "prevent", "whitelist": [path("in")], "blacklist": [path("in/denied")] },
        });
        Self { snapshot: snapshot(rule), root, _directory: directory }
    }

    fn path(&self, name: &str) -> CString {
        CString::new(self.root.join(name).to_str().unwrap()).unwrap()
    }

    fn one(&self, number: libc::c_long, name: &str, rest: u64) -> i64 {
        make(&self.snapshot, number, [HERE, self.path(name).as_ptr() as u64, rest])
    }

    fn two(&self, number: libc::c_long, old: &str, new: &str, flags: u64) -> i64 {
        let (old, new) = (self.path(old), self.path(new));
        make(&self.snapshot, number, [HERE, old.as_ptr() as u64, HERE, new.as_ptr() as u64, flags])
    }
}

#[test]
fn names_are_made_and_removed_where_the_rule_allows_it() {
    let tree = Tree::new();
    assert_eq!(tree.one(libc::SYS_mkdirat, "in/made/", 0o755), 0);
    assert_eq!(tree.one(libc::SYS_mkdirat, "out/made", 0o755), EACCES);
    assert_eq!(tree.one(libc::SYS_mkdirat, "in/../out/made", 0o755), EACCES);
    assert_eq!(tree.one(libc::SYS_mkdirat, "in/denied/made", 0o755), EACCES);
    assert_eq!(tree.one(libc::SYS_mknodat, "in/pipe", u64::from(libc::S_IFIFO | 0o600)), 0);
    assert_eq!(tree.one(libc::SYS_mknodat, "out/pipe", u64::from(libc::S_IFIFO | 0o600)), EACCES);
    assert_eq!(tree.one(libc::SYS_unlinkat, "out/file", 0), EACCES);
    assert_eq!(tree.one(libc::SYS_unlinkat, "in/file/", 0), -i64::from(libc::ENOTDIR));
    assert_eq!(tree.one(libc::SYS_unlinkat, "in/file", 0), 0);
    assert_eq!(tree.one(libc::SYS_unlinkat, "in/made", libc::AT_REMOVEDIR as u64), 0);
    assert_eq!(tree.one(libc::SYS_unlinkat, "in/none", 0), -i64::from(libc::ENOENT));
    // Nothing would come of it: no violation, and the answer of the kernel.
    assert_eq!(tree.one(libc::SYS_unlinkat, "out/none", 0), -i64::from(libc::ENOENT));
    assert_eq!(tree.one(libc::SYS_mkdirat, "out", 0), -i64::from(libc::EEXIST));
    assert_eq!(tree.one(libc::SYS_unlinkat, "in/..", libc::AT_REMOVEDIR as u64), -i64::from(libc::ENOTEMPTY));
    assert_eq!(make(&tree.snapshot, libc::SYS_mkdirat, [HERE, 4096, 0]), -i64::from(libc::EFAULT));
    assert!(tree.root.join("out/file").exists() && !tree.root.join("out/made").exists());
}

#[test]
fn renaming_is_about_both_names_and_all_that_lies_below() {
    let tree = Tree::new();
    assert_eq!(tree.two(libc::SYS_renameat, "in/file", "out/x", 0), EACCES);
    assert_eq!(tree.two(libc::SYS_renameat, "out/file", "in/x", 0), EACCES);
    assert_eq!(tree.two(libc::SYS_renameat2, "in/file", "out/file", 2), EACCES);
    // What is denied would be reached by another path.
    assert_eq!(tree.two(libc::SYS_renameat, "in/denied", "in/free", 0), EACCES);
    assert_eq!(tree.two(libc::SYS_renameat, "in", "in2", 0), EACCES);
    assert_eq!(tree.two(libc::SYS_renameat, "in/file", "in/y", 0), 0);
    assert_eq!(tree.two(libc::SYS_renameat2, "in/y", "in/file", 1), 0);
}

#[test]
fn links_are_about_the_file_as_well() {
    let tree = Tree::new();
    assert_eq!(tree.two(libc::SYS_linkat, "out/file", "in/x", 0), EACCES);
    assert_eq!(tree.two(libc::SYS_linkat, "in/denied/file", "in/x", 0), EACCES);
    assert_eq!(tree.two(libc::SYS_linkat, "in/file", "out/x", 0), EACCES);
    assert_eq!(tree.two(libc::SYS_linkat, "in/file", "in/x", 0), 0);
    symlink("../out/file", tree.root.join("in/link")).unwrap();
    assert_eq!(tree.two(libc::SYS_linkat, "in/link", "in/z", libc::AT_SYMLINK_FOLLOW as u64), EACCES);
    assert_eq!(tree.two(libc::SYS_linkat, "in/link", "in/z", 0), 0);
    assert!(tree.root.join("in/z").is_symlink());
    let target = c"/etc/passwd".as_ptr() as u64;
    let symbolic = |name: &str| {
        make(&tree.snapshot, libc::SYS_symlinkat, [target, HERE, tree.path(name).as_ptr() as u64])
    };
    assert_eq!((symbolic("out/s"), symbolic("in/s")), (EACCES, 0));
}

#[test]
fn what_a_file_is_changes_only_where_the_rule_allows_it() {
    let tree = Tree::new();
    symlink("../out/file", tree.root.join("in/link")).unwrap();
    for (name, expected) in [("in/file", 0), ("out/file", EACCES), ("in/link", EACCES), ("in/none", -2)] {
        assert_eq!(tree.one(libc::SYS_fchmodat, name, 0o700), expected, "chmod {name}");
        let truncated = make(&tree.snapshot, libc::SYS_truncate, [tree.path(name).as_ptr() as u64, 3]);
        assert_eq!(truncated, expected, "truncate {name}");
        let path = tree.path(name);
        let owned =
            make(&tree.snapshot, libc::SYS_fchownat, [HERE, path.as_ptr() as u64, u64::MAX, u64::MAX, 0]);
        assert_eq!(owned, expected, "chown {name}");
    }
    assert_eq!(fs::read_to_string(tree.root.join("in/file")).unwrap(), "con");
    assert_eq!(fs::metadata(tree.root.join("in/file")).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::read_to_string(tree.root.join("out/file")).unwrap(), "content");
    // A descriptor that gives no access is good enough for some.
    // SAFETY: a terminated path.
    let seen = unsafe { libc::open(tree.path("out/file").as_ptr(), libc::O_PATH) } as u64;
    let empty = c"".as_ptr() as u64;
    let by_descriptor =
        make(&tree.snapshot, libc::SYS_fchownat, [seen, empty, 0, 0, libc::AT_EMPTY_PATH as u64]);
    assert_eq!(by_descriptor, EACCES);
    let new = tree.path("in/y");
    let linked = [seen, empty, HERE, new.as_ptr() as u64, libc::AT_EMPTY_PATH as u64];
    assert_eq!(make(&tree.snapshot, libc::SYS_linkat, linked), EACCES);
    kernel::close(seen);
}

#[cfg(target_arch = "x86_64")]
#[test]
fn the_older_forms_are_the_same_calls() {
    let tree = Tree::new();
    let path = |name: &str| tree.path(name);
    for (number, name, rest) in [
        (libc::SYS_mkdir, "out/x", 0o755),
        (libc::SYS_rmdir, "out", 0),
        (libc::SYS_unlink, "out/file", 0),
        (libc::SYS_chmod, "out/file", 0o777),
        (libc::SYS_mknod, "out/x", u64::from(libc::S_IFIFO | 0o600)),
        (libc::SYS_chown, "out/file", 0),
        (libc::SYS_lchown, "out/file", 0),
    ] {
        assert_eq!(make(&tree.snapshot, number, [path(name).as_ptr() as u64, rest]), EACCES, "{number}");
    }
    for number in [libc::SYS_rename, libc::SYS_link, libc::SYS_symlink] {
        let (old, new) = (path("in/file"), path("out/x"));
        assert_eq!(
            make(&tree.snapshot, number, [old.as_ptr() as u64, new.as_ptr() as u64]),
            EACCES,
            "{number}"
        );
    }
    assert_eq!(make(&tree.snapshot, libc::SYS_unlink, [path("in/file").as_ptr() as u64]), 0);
}

#[test]
fn a_socket_with_a_path_is_a_file() {
    let tree = Tree::new();
    assert!(!refuses_socket(&tree.snapshot, path_bytes(&tree, "in/s").as_slice()));
    assert!(refuses_socket(&tree.snapshot, path_bytes(&tree, "out/s").as_slice()));
    assert!(!refuses_socket(&tree.snapshot, b"/no/such/folder/s"));
}

fn path_bytes(tree: &Tree, name: &str) -> Vec<u8> {
    tree.path(name).into_bytes()
}
