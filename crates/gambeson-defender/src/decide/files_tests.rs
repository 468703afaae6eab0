//! What opening is answered with, and what it does.

use std::ffi::CString;
use std::fs;
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::*;
use crate::decide::tests::{EACCES, make, snapshot};

/// A directory with `in/` that is allowed and `out/` that is not.
struct Tree {
    _directory: tempfile::TempDir,
    root: PathBuf,
    snapshot: Snapshot,
}

fn tree(reads: bool) -> Tree {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    for name in ["in", "out"] {
        fs::create_dir(root.join(name)).unwrap();
        fs::write(root.join(name).join("file"), "content").unwrap();
    }
    let allowed = format!("{}/in", root.display());
    let rule = json!({ "filesystem": { "effect": "prevent", "whitelist": [allowed], "reads": reads } });
    Tree { snapshot: snapshot(rule), root, _directory: directory }
}

impl Tree {
    fn open_at(&self, directory: u64, path: &Path, flags: i32) -> i64 {
        let path = CString::new(path.to_str().unwrap()).unwrap();
        let answer =
            make(&self.snapshot, libc::SYS_openat, [directory, path.as_ptr() as u64, flags as u64, 0o640]);
        if answer >= 0 {
            kernel::close(answer as u64);
        }
        answer
    }

    fn open(&self, path: impl AsRef<Path>, flags: i32) -> i64 {
        self.open_at(HERE, &self.root.join(path), flags)
    }

    fn content(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap()
    }
}

#[test]
fn files_are_written_where_the_rule_allows_it_and_nowhere_else() {
    let tree = tree(false);
    assert!(tree.open("in/file", libc::O_WRONLY) >= 0);
    assert!(tree.open("in/new", libc::O_WRONLY | libc::O_CREAT) >= 0);
    let mode = fs::metadata(tree.root.join("in/new")).unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777, 0o640 & !umask());
    for flags in
        [libc::O_WRONLY, libc::O_RDWR, libc::O_RDONLY | libc::O_TRUNC, libc::O_WRONLY | libc::O_APPEND]
    {
        assert_eq!(tree.open("out/file", flags), EACCES, "{flags:o}");
    }
    for flags in [
        libc::O_WRONLY | libc::O_CREAT,
        libc::O_RDONLY | libc::O_CREAT,
        libc::O_RDWR | libc::O_CREAT | libc::O_EXCL,
    ] {
        assert_eq!(tree.open("out/new", flags), EACCES, "{flags:o}");
    }
    assert_eq!(tree.open("out", libc::O_TMPFILE | libc::O_RDWR), EACCES);
    assert!(tree.open("in", libc::O_TMPFILE | libc::O_RDWR) >= 0);
    assert!(!tree.root.join("out/new").exists());
    assert_eq!(tree.content("out/file"), "content");
    assert!(tree.open("out/file", libc::O_RDONLY) >= 0, "reading is free");
}

fn umask() -> u32 {
    // SAFETY: sets the mask and puts it back; no other test of this process makes files by mode.
    unsafe {
        let mask = libc::umask(0o022);
        libc::umask(mask);
        mask
    }
}

#[test]
fn a_judged_descriptor_is_as_the_kernels_own() {
    let tree = tree(false);
    let path = CString::new(tree.root.join("in/file").to_str().unwrap()).unwrap();
    // SAFETY: a terminated path; the flags of open descriptors.
    let flags_of = |descriptor: i64| unsafe {
        let flags = libc::fcntl(descriptor as i32, libc::F_GETFL);
        let kept = libc::fcntl(descriptor as i32, libc::F_GETFD);
        libc::close(descriptor as i32);
        (flags, kept)
    };
    for flags in
        [libc::O_RDWR, libc::O_WRONLY | libc::O_APPEND | libc::O_CLOEXEC, libc::O_RDWR | libc::O_NONBLOCK]
    {
        let arguments = [HERE, path.as_ptr() as u64, flags as u64, 0];
        let judged = make(&tree.snapshot, libc::SYS_openat, arguments);
        // SAFETY: as above.
        let own =
            unsafe { syscall(libc::SYS_openat as u64, [HERE, path.as_ptr() as u64, flags as u64, 0, 0, 0]) };
        assert_eq!(flags_of(judged), flags_of(own), "{flags:o}");
    }
    // Beyond 2 GiB.
    fs::File::create(tree.root.join("in/large")).unwrap().set_len(3 << 30).unwrap();
    assert!(tree.open("in/large", libc::O_RDWR) >= 0);
}

#[test]
fn every_detour_leads_to_the_same_file() {
    let tree = tree(false);
    symlink("../out", tree.root.join("in/folder")).unwrap();
    symlink("../out/file", tree.root.join("in/link")).unwrap();
    symlink("../out/new", tree.root.join("in/dangling")).unwrap();
    let root = tree.root.display();
    for detour in
        ["in/folder/file", "in/link", "in/../out/file", "in//../out/./file", "in/folder/../out/file"]
    {
        assert_eq!(tree.open(detour, libc::O_WRONLY), EACCES, "{detour}");
    }
    for detour in ["in/folder/new", "in/dangling", "in/../out/new"] {
        assert_eq!(tree.open(detour, libc::O_WRONLY | libc::O_CREAT), EACCES, "{detour}");
    }
    for prefix in ["/proc/self/root", "/proc/thread-self/root", "/proc/self/cwd/../../../../../../../../.."] {
        let detour = PathBuf::from(format!("{prefix}{root}/out/file"));
        assert_eq!(tree.open_at(HERE, &detour, libc::O_RDWR), EACCES, "{prefix}");
    }
    // By a descriptor of the directory, and by one of the file that gives no access.
    for (path, given) in [("out", Path::new("file")), ("in", Path::new("../out/file"))] {
        let directory = fs::OpenOptions::new().read(true).open(tree.root.join(path)).unwrap();
        let directory = std::os::fd::AsRawFd::as_raw_fd(&directory) as u64;
        assert_eq!(tree.open_at(directory, given, libc::O_WRONLY), EACCES, "{path}");
    }
    let file = fs::OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_PATH)
        .open(tree.root.join("out/file"))
        .unwrap();
    let again = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file));
    assert_eq!(tree.open_at(HERE, Path::new(&again), libc::O_WRONLY), EACCES);
    assert!(!tree.root.join("out/new").exists());
    // And a link out of what is not allowed into what is.
    symlink("../in/made", tree.root.join("out/inward")).unwrap();
    assert!(tree.open("out/inward", libc::O_WRONLY | libc::O_CREAT) >= 0);
    assert!(tree.root.join("in/made").exists());
}

#[test]
fn errors_are_the_kernels() {
    let tree = tree(false);
    symlink("loop", tree.root.join("in/loop")).unwrap();
    symlink("file", tree.root.join("in/link")).unwrap();
    for (path, flags, errno) in [
        ("in/none", libc::O_WRONLY, libc::ENOENT),
        ("in/none/none", libc::O_WRONLY | libc::O_CREAT, libc::ENOENT),
        ("in/../in/none/none", libc::O_WRONLY | libc::O_CREAT, libc::ENOENT),
        ("in/file/x", libc::O_WRONLY | libc::O_CREAT, libc::ENOTDIR),
        ("in/file", libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL, libc::EEXIST),
        ("in/link", libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL, libc::EEXIST),
        ("in/link", libc::O_WRONLY | libc::O_NOFOLLOW, libc::ELOOP),
        ("in/loop", libc::O_WRONLY, libc::ELOOP),
        ("in", libc::O_WRONLY, libc::EISDIR),
        ("in/file", libc::O_WRONLY | libc::O_DIRECTORY, libc::ENOTDIR),
        ("in/new/", libc::O_WRONLY | libc::O_CREAT, libc::EISDIR),
    ] {
        assert_eq!(tree.open(path, flags), -i64::from(errno), "{path} {flags:o}");
    }
    for bad in [0, 4096] {
        let answer = make(&tree.snapshot, libc::SYS_openat, [HERE, bad, libc::O_WRONLY as u64]);
        assert_eq!(answer, -i64::from(libc::EFAULT));
    }
    assert!(tree.open("in/../in/link", libc::O_WRONLY | libc::O_TRUNC) >= 0);
    assert_eq!(tree.content("in/file"), "");
}

#[test]
fn reading_is_judged_if_the_rule_says_so() {
    let tree = tree(true);
    assert!(tree.open("in/file", libc::O_RDONLY) >= 0);
    assert_eq!(tree.open("out/file", libc::O_RDONLY), EACCES);
    assert_eq!(tree.open("out", libc::O_RDONLY | libc::O_DIRECTORY), EACCES);
    assert_eq!(tree.open_at(HERE, Path::new("/etc/passwd"), libc::O_RDONLY), EACCES);
    assert!(tree.open_at(HERE, Path::new("/etc/hosts"), libc::O_RDONLY) >= 0);
    assert!(tree.open_at(HERE, Path::new("/proc/self/maps"), libc::O_RDONLY) >= 0);
}

#[test]
fn the_memory_of_a_process_is_written_to_under_no_rule() {
    let rule = snapshot(json!({}));
    for path in [
        c"/proc/self/mem",
        c"/proc/thread-self/mem",
        c"/proc/self/../self/mem",
        c"/proc/self/cwd/../proc/self/mem",
    ] {
        let answer = make(&rule, libc::SYS_openat, [HERE, path.as_ptr() as u64, libc::O_RDWR as u64]);
        assert!(answer == EACCES || answer == -i64::from(libc::ENOENT), "{path:?}: {answer}");
    }
    let own = CString::new(format!("/proc/{}/mem", std::process::id())).unwrap();
    assert_eq!(make(&rule, libc::SYS_openat, [HERE, own.as_ptr() as u64, libc::O_RDWR as u64]), EACCES);
    let directory = fs::File::open("/proc/self").unwrap();
    let directory = std::os::fd::AsRawFd::as_raw_fd(&directory) as u64;
    assert_eq!(
        make(&rule, libc::SYS_openat, [directory, c"mem".as_ptr() as u64, libc::O_WRONLY as u64]),
        EACCES
    );
}

#[test]
fn openat2_is_judged_with_what_it_asks_for() {
    let tree = tree(false);
    let open = |path: &str, flags: i32, resolve: u64| {
        let path = CString::new(tree.root.join(path).to_str().unwrap()).unwrap();
        let how = [flags as u64, 0o600 * u64::from(flags & libc::O_CREAT != 0), resolve];
        let answer =
            make(&tree.snapshot, libc::SYS_openat2, [HERE, path.as_ptr() as u64, how.as_ptr() as u64, 24]);
        if answer >= 0 {
            kernel::close(answer as u64);
        }
        answer
    };
    symlink("file", tree.root.join("in/link")).unwrap();
    assert!(open("in/file", libc::O_WRONLY, 0) >= 0);
    assert!(open("in/made", libc::O_WRONLY | libc::O_CREAT, RESOLVE_NO_SYMLINKS) >= 0);
    assert_eq!(open("in/link", libc::O_WRONLY, RESOLVE_NO_SYMLINKS), -i64::from(libc::ELOOP));
    for resolve in [0, RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS] {
        assert_eq!(open("out/file", libc::O_WRONLY, resolve), EACCES);
        assert_eq!(open("out/new", libc::O_WRONLY | libc::O_CREAT, resolve), EACCES);
    }
}

#[test]
fn openat2_is_judged_whatever_the_length_of_its_structure() {
    let tree = tree(false);
    let path = CString::new(tree.root.join("out/file").to_str().unwrap()).unwrap();
    let open = |how: &[u64], size: u64| {
        let arguments = [HERE, path.as_ptr() as u64, how.as_ptr() as u64, size];
        make(&tree.snapshot, libc::SYS_openat2, arguments)
    };
    let writes = libc::O_WRONLY as u64;
    // The kernel takes a longer one if the rest is zero.
    for size in [24, 25, 32, 40] {
        assert_eq!(open(&[writes, 0, 0, 0, 0], size), EACCES, "{size}");
    }
    assert_eq!(open(&[writes, 0, 0, 1], 32), -i64::from(libc::E2BIG));
    assert_eq!(open(&[writes, 0, 0], 16), -i64::from(libc::EINVAL));
    assert_eq!(open(&[writes, 0, 0], 1 << 40), -i64::from(libc::E2BIG));
}

#[test]
fn a_link_that_is_exchanged_meanwhile_never_leads_out() {
    let tree = tree(false);
    fs::remove_file(tree.root.join("out/file")).unwrap();
    let swapped = tree.root.join("in/swapped");
    fs::create_dir(tree.root.join("in/real")).unwrap();
    symlink("real", &swapped).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let spare = tree.root.join("in/spare");
            let mut targets = ["../out", "real"].iter().cycle();
            while !stop.load(Ordering::Relaxed) {
                symlink(targets.next().unwrap(), &spare).unwrap();
                fs::rename(&spare, &swapped).unwrap();
            }
        });
        let mut opened = 0;
        for _ in 0..20_000 {
            opened += i32::from(tree.open("in/swapped/file", libc::O_WRONLY | libc::O_CREAT) >= 0);
            assert!(!tree.root.join("out/file").exists());
        }
        stop.store(true, Ordering::Relaxed);
        assert!(opened > 0, "the race was never run");
    });
}
