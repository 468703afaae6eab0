//! First step: leave this machine's namespaces, and stay behind as the parent of init.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid};

use super::{COMMAND, Privileges};

/// Prints what [`leave`] achieves, for a caller that has to know before it plans.
pub(super) fn probe() -> u8 {
    println!("{}", leave());
    0
}

/// Leaves the namespaces and runs init until it ends.
pub(super) fn run() -> u8 {
    let privileges = leave();
    // Standard input is init's line to the program that started all this; output is the function's log.
    let init = Command::new("/proc/self/exe")
        .args([COMMAND, "init", &privileges.to_string()])
        .stdin(Stdio::inherit())
        .status();
    match init {
        Ok(status) => {
            status.code().or(status.signal().map(|s| 128 + s)).and_then(|c| u8::try_from(c).ok()).unwrap_or(1)
        }
        Err(error) => {
            eprintln!("cannot start init: {error}");
            1
        }
    }
}

/// Takes the process out of the namespaces as far as the caller may.
fn leave() -> Privileges {
    // The network stays this machine's: the Runtime API and the Console are on its loopback.
    let apart = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS;
    if unshare(apart).is_ok() {
        return Privileges::Root;
    }
    let (uid, gid) = (geteuid(), getegid());
    if unshare(apart | CloneFlags::CLONE_NEWUSER).is_err() {
        return Privileges::Nothing;
    }
    // Root inside, and nobody else: init mounts as it, enter goes on to Lambda's uid through a second namespace.
    let mapped = std::fs::write("/proc/self/setgroups", "deny")
        .and_then(|()| std::fs::write("/proc/self/uid_map", format!("0 {uid} 1")))
        .and_then(|()| std::fs::write("/proc/self/gid_map", format!("0 {gid} 1")));
    if mapped.is_ok() { Privileges::User } else { Privileges::Nothing }
}
