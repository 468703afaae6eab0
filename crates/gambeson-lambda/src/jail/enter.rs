//! Last step: give up every privilege and become the runtime.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, setrlimit};
use nix::unistd::{Gid, Uid, setgroups, setresgid, setresuid};
use serde::{Deserialize, Serialize};

use super::{Privileges, Report, monotonic, receive, seccomp, send};

/// `sbx_user1051`, as on Lambda.
pub(super) const UID: u32 = 993;
/// Its group.
pub(super) const GID: u32 = 990;
/// Lambda's limit on processes and threads, and on descriptors.
const LIMIT: u64 = 1024;

/// What init hands over.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) privileges: String,
    pub(super) command: Vec<String>,
    pub(super) directory: PathBuf,
    pub(super) variables: Vec<(String, String)>,
}

/// Becomes the runtime that standard input describes, or reports why not on the same socket.
pub(super) fn run() -> u8 {
    let Ok(line) = io::stdin().as_fd().try_clone_to_owned().map(UnixStream::from) else { return 1 };
    let message = match receive::<Entry>(&line) {
        Ok(Some(entry)) => become_runtime(&line, &entry),
        Ok(None) => return 1,
        Err(error) => error.to_string(),
    };
    let _ = send(&line, &Report::Failed { message });
    1
}

/// Returns only if it failed, with a sentence.
fn become_runtime(line: &UnixStream, entry: &Entry) -> String {
    if let Err(error) = confine(entry.privileges.parse().unwrap_or(Privileges::Nothing)) {
        return error;
    }
    let Some((program, arguments)) = entry.command.split_first() else { return "nothing to run".to_owned() };
    let null = File::open("/dev/null").map_err(|e| format!("cannot open /dev/null: {e}"));
    if let Err(error) = null.and_then(|null| {
        nix::unistd::dup2_stdin(null).map_err(|e| format!("cannot close standard input: {e}"))
    }) {
        return error;
    }
    // The last thing before exec: from here on the time is the runtime's own.
    if let Err(error) = send(line, &Report::Started { at: monotonic() }) {
        return error.to_string();
    }
    let error = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(entry.variables.iter().map(|(k, v)| (k, v)))
        .current_dir(&entry.directory)
        .exec();
    format!("cannot execute {program} in {}: {error}", entry.directory.display())
}

/// Limits first, identity next, the filter last, since each takes away the means for the one before.
fn confine(privileges: Privileges) -> Result<(), String> {
    let failed = |what: &str, error: &dyn std::fmt::Display| format!("cannot {what}: {error}");
    setrlimit(Resource::RLIMIT_NPROC, LIMIT, LIMIT).map_err(|e| failed("limit processes", &e))?;
    setrlimit(Resource::RLIMIT_NOFILE, LIMIT, LIMIT).map_err(|e| failed("limit descriptors", &e))?;
    setrlimit(Resource::RLIMIT_CORE, 0, 0).map_err(|e| failed("limit core files", &e))?;
    match privileges {
        Privileges::Root => {
            setgroups(&[]).map_err(|e| failed("leave groups", &e))?;
            let (uid, gid) = (Uid::from_raw(UID), Gid::from_raw(GID));
            setresgid(gid, gid, gid).map_err(|e| failed("become gid 990", &e))?;
            // From uid 0 to another one the kernel clears every capability.
            setresuid(uid, uid, uid).map_err(|e| failed("become uid 993", &e))?;
        }
        Privileges::User => {
            unshare(CloneFlags::CLONE_NEWUSER).map_err(|e| failed("enter a second user namespace", &e))?;
            std::fs::write("/proc/self/uid_map", format!("{UID} 0 1"))
                .and_then(|()| std::fs::write("/proc/self/setgroups", "deny"))
                .and_then(|()| std::fs::write("/proc/self/gid_map", format!("{GID} 0 1")))
                .map_err(|e| failed("become uid 993", &e))?;
        }
        Privileges::Nothing => {}
    }
    seccomp::install().map_err(|e| failed("install the seccomp filter", &e))
}
