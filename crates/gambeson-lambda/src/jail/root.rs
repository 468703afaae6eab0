//! The file system that a function sees: Lambda's directories, the system's programs and libraries, nothing else, and only `/tmp` writable.

use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::pivot_root;

use super::enter::{GID, UID};
use super::{Bind, Plan, Privileges};

/// What stands in the root of the machine's system and is shown as it is. Where it is a symbolic link (`/bin` to `usr/bin`), the link is made anew.
const SYSTEM: [&str; 8] = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32", "/libexec"];

/// What programs need of `/etc`; the rest is this machine's own business.
const ETC: [&str; 12] = [
    "alternatives", // /usr/bin/awk and its like lead through here
    "ca-certificates",
    "host.conf",
    "hosts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "nsswitch.conf",
    "pki", // certificates, on systems of the Red Hat family
    "resolv.conf",
    "ssl",
];

/// The devices that Lambda's `/dev` has.
const DEVICES: [&str; 6] = ["full", "null", "random", "tty", "urandom", "zero"];

/// Builds the root over the plan's scratch directory and moves into it. Returns sentences about what could not be done.
pub(super) fn enter(plan: &Plan, privileges: Privileges) -> Result<Vec<String>, String> {
    let mut gaps = Vec::new();
    let root = &plan.scratch;
    // Nothing that is mounted here may reach the namespace of the machine.
    attempt(
        "make mounts private",
        mount(none(), "/", none(), MsFlags::MS_REC | MsFlags::MS_PRIVATE, none()),
    )?;
    tmpfs(root, "mode=755,size=16m")?;

    for path in SYSTEM {
        show_system(root, Path::new(path))?;
    }
    etc(root, plan.resolver)?;
    for Bind { from, to } in &plan.binds {
        bind(from, &inside(root, to), Access::Directories)?;
    }
    for masked in &plan.masked {
        let target = inside(root, masked);
        if target.is_dir() {
            tmpfs(&target, "mode=755,size=4k")?;
            read_only(&target)?;
        }
    }
    devices(root, &mut gaps)?;
    make_directory(&root.join("proc"))?;
    attempt(
        "mount /proc",
        mount(
            Some("proc"),
            &root.join("proc"),
            Some("proc"),
            MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC,
            none(),
        ),
    )?;
    // In a user namespace only uid 0 is mapped at this point; Lambda's uid is mapped onto it later.
    let owner = if matches!(privileges, Privileges::Root) { (UID, GID) } else { (0, 0) };
    make_directory(&root.join("tmp"))?;
    tmpfs(&root.join("tmp"), &format!("mode=700,size={}m,uid={},gid={}", plan.tmp_mb, owner.0, owner.1))?;
    make_directory(&root.join("var/tmp"))?;

    attempt("enter the new root", pivot(root))?;
    read_only(Path::new("/"))?;
    Ok(gaps)
}

fn pivot(root: &Path) -> nix::Result<()> {
    std::env::set_current_dir(root).map_err(|_| nix::Error::ENOENT)?;
    // The old root is stacked under the new one at the same place, then taken away.
    pivot_root(".", ".")?;
    umount2(".", MntFlags::MNT_DETACH)?;
    std::env::set_current_dir("/").map_err(|_| nix::Error::ENOENT)
}

fn show_system(root: &Path, path: &Path) -> Result<(), String> {
    let Ok(kind) = fs::symlink_metadata(path) else { return Ok(()) };
    let target = inside(root, path);
    if kind.is_symlink() {
        let link = fs::read_link(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        symlink(link, &target).map_err(|e| format!("cannot link {}: {e}", path.display()))
    } else {
        bind(path, &target, Access::Directories)
    }
}

fn etc(root: &Path, resolver: Option<IpAddr>) -> Result<(), String> {
    make_directory(&root.join("etc"))?;
    for name in ETC {
        let from = Path::new("/etc").join(name);
        if let (Some(address), "resolv.conf") = (resolver, name) {
            write(&root.join("etc/resolv.conf"), &format!("nameserver {address}\n"))?;
        } else if from.exists() {
            bind(&from, &root.join("etc").join(name), Access::Directories)?;
        }
    }
    write(
        &root.join("etc/passwd"),
        &format!(
            "root:x:0:0:root:/root:/bin/sh\nsbx_user1051:x:{UID}:{GID}::/home/sbx_user1051:/sbin/nologin\n"
        ),
    )?;
    write(&root.join("etc/group"), &format!("root:x:0:\nsbx_group1051:x:{GID}:\n"))?;
    write(
        &root.join("etc/os-release"),
        "NAME=\"Amazon Linux\"\nID=\"amzn\"\nID_LIKE=\"fedora\"\nPRETTY_NAME=\"Amazon Linux (as shown by gambeson)\"\n",
    )
}

fn devices(root: &Path, gaps: &mut Vec<String>) -> Result<(), String> {
    let dev = root.join("dev");
    make_directory(&dev)?;
    for name in DEVICES {
        let from = Path::new("/dev").join(name);
        if from.exists() {
            bind(&from, &dev.join(name), Access::Devices)?;
        }
    }
    for (name, to) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ] {
        symlink(to, dev.join(name)).map_err(|e| format!("cannot link /dev/{name}: {e}"))?;
    }
    // Pseudo-terminals of its own: a function can open one, and none of this machine's.
    make_directory(&dev.join("pts"))?;
    match mount(
        Some("devpts"),
        &dev.join("pts"),
        Some("devpts"),
        MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC,
        Some("newinstance,ptmxmode=0666,mode=0620"),
    ) {
        Ok(()) => symlink("pts/ptmx", dev.join("ptmx")).map_err(|e| format!("cannot link /dev/ptmx: {e}")),
        Err(error) => {
            gaps.push(format!("no pseudo-terminals: {error}"));
            Ok(())
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Directories,
    Devices,
}

/// Shows `from` at `to`, read-only, with everything that is mounted below it.
fn bind(from: &Path, to: &Path, access: Access) -> Result<(), String> {
    let what = format!("show {} at {}", from.display(), to.display());
    if from.is_dir() {
        make_directory(to)?;
    } else {
        if let Some(parent) = to.parent() {
            make_directory(parent)?;
        }
        write(to, "")?;
    }
    attempt(&what, mount(Some(from), to, none(), MsFlags::MS_BIND | MsFlags::MS_REC, none()))?;
    if access == Access::Devices { Ok(()) } else { read_only(to) }
}

fn read_only(target: &Path) -> Result<(), String> {
    let flags =
        MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    // In a user namespace the flags that the mount came with may not be dropped: take them over. (A bind mount of a file
    // on a noexec or noatime file system.)
    let locked = nix::sys::statvfs::statvfs(target)
        .map(|s| s.flags())
        .unwrap_or_else(|_| nix::sys::statvfs::FsFlags::empty());
    let mut kept = MsFlags::empty();
    for (had, keep) in [
        (nix::sys::statvfs::FsFlags::ST_NOEXEC, MsFlags::MS_NOEXEC),
        (nix::sys::statvfs::FsFlags::ST_NOATIME, MsFlags::MS_NOATIME),
        (nix::sys::statvfs::FsFlags::ST_NODIRATIME, MsFlags::MS_NODIRATIME),
        (nix::sys::statvfs::FsFlags::ST_RELATIME, MsFlags::MS_RELATIME),
    ] {
        if locked.contains(had) {
            kept |= keep;
        }
    }
    attempt(
        &format!("make {} read-only", target.display()),
        mount(none(), target, none(), flags | kept, none()),
    )
}

fn tmpfs(target: &Path, options: &str) -> Result<(), String> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    attempt(
        &format!("mount a tmpfs at {}", target.display()),
        mount(Some("tmpfs"), target, Some("tmpfs"), flags, Some(options)),
    )
}

/// The place of an absolute path of the jail under the root that is being built.
fn inside(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

fn make_directory(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path)
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o755)))
        .map_err(|e| format!("cannot make {}: {e}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text)
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o644)))
        .map_err(|e| format!("cannot write {}: {e}", path.display()))
}

fn attempt(what: &str, result: nix::Result<()>) -> Result<(), String> {
    result.map_err(|error| format!("cannot {what}: {error}"))
}

fn none() -> Option<&'static str> {
    None
}
