//! Judging the opening of files.
//!
//! Nothing may be opened before it is judged: descriptors are easy to guess, and another thread would use one in the moment
//! before it is closed again. Two ways lead there. Most paths are what they look like; such a path is judged as it is
//! written, and opened with the kernel's promise that no link was followed. For all others the kernel is asked first where
//! the path leads, by a descriptor that gives no access; then exactly that file is opened.

use core::sync::atomic::{AtomicBool, Ordering};

use gambeson_interpose::{Action, Call, syscall};
use gambeson_policy::Effect;

use super::kernel::{self, DescriptorLink, PATH_MAX};
use super::located::{Located, is_plain};
use super::memory::{copy_bytes, copy_path};
use super::violation::refused;
use crate::attack::Attack;
use crate::snapshot::{Access, Snapshot, Verdict};

/// Bits of `open`'s flags with which a file may be changed. Of `O_TMPFILE` only its own bit.
pub(crate) const CHANGES: u64 =
    (libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC | TMPFILE) as u64;
const TMPFILE: i32 = libc::O_TMPFILE & !libc::O_DIRECTORY;
const HERE: u64 = libc::AT_FDCWD as i64 as u64;
/// `open` and its like set it for every 64-bit process, `openat2` does not: without it, files end at 2 GiB. The C library's
/// headers say 0, as nobody has to set it.
const LARGE_FILE: u64 = if cfg!(target_arch = "x86_64") { 0o100_000 } else { 0o400_000 };
/// What `openat2` and `openat` both take; `openat` ignores the rest and `openat2` does not.
const KNOWN: u64 = 0o37_777_703;

/// An opening as the function asked for it.
#[derive(Clone, Copy)]
struct Opening {
    directory: u64,
    flags: u64,
    mode: u64,
    /// `RESOLVE_…` of `openat2`.
    resolve: u64,
}

/// `struct open_how`
#[repr(C)]
struct How {
    flags: u64,
    mode: u64,
    resolve: u64,
}

const RESOLVE_NO_MAGICLINKS: u64 = 0x02;
const RESOLVE_NO_SYMLINKS: u64 = 0x04;

#[cfg(target_arch = "x86_64")]
pub(super) fn open(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [path, flags, mode, ..] = call.args;
    answer(snapshot, call, path, Opening { directory: HERE, flags: flags | LARGE_FILE, mode, resolve: 0 })
}

#[cfg(target_arch = "x86_64")]
pub(super) fn creat(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [path, mode, ..] = call.args;
    let flags = (libc::O_CREAT | libc::O_WRONLY | libc::O_TRUNC) as u64;
    answer(snapshot, call, path, Opening { directory: HERE, flags: flags | LARGE_FILE, mode, resolve: 0 })
}

pub(super) fn open_at(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [directory, path, flags, mode, ..] = call.args;
    answer(snapshot, call, path, Opening { directory, flags: flags | LARGE_FILE, mode, resolve: 0 })
}

pub(super) fn open_at2(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [directory, path, how, size, ..] = call.args;
    // The kernel refuses a structure that is shorter than the first one was, or longer than a page.
    const LONGEST: usize = 4096;
    let mut room = [0u8; LONGEST];
    let Some(given) = usize::try_from(size)
        .ok()
        .filter(|size| *size >= size_of::<How>())
        .and_then(|size| room.get_mut(..size))
    else {
        return Action::Proceed;
    };
    if copy_bytes(how, given).is_err() {
        return call.fail(libc::EFAULT);
    }
    // What is behind the fields that we know must be zero: it is taken then, whatever its length.
    let (fields, rest) = given.as_chunks::<{ size_of::<u64>() }>();
    let [flags, mode, resolve, unknown @ ..] = fields else { return Action::Proceed };
    if unknown.iter().flatten().chain(rest.iter()).any(|byte| *byte != 0) {
        return call.fail(libc::E2BIG);
    }
    let [flags, mode, resolve] = [flags, mode, resolve].map(|field| u64::from_ne_bytes(*field));
    answer(snapshot, call, path, Opening { directory, flags, mode, resolve })
}

fn answer(snapshot: &Snapshot, call: &mut Call, path: u64, opening: Opening) -> Action {
    let changes = flags_change(opening.flags);
    let judged = if changes { snapshot.files.judges() } else { snapshot.files.judges_reads() };
    // A descriptor without access is harmless, and needed to look at anything.
    if opening.flags & libc::O_PATH as u64 != 0 || !(changes || judged) {
        return Action::Proceed;
    }
    let mut room = [0u8; PATH_MAX];
    let length = match copy_path(path, &mut room) {
        Ok(0) => return call.fail(libc::ENOENT),
        Ok(length) => length,
        Err(errno) => return call.answer(errno),
    };
    let answer = match open_plain(snapshot, &opening, &room, length) {
        Some(answer) => answer,
        None => open_resolved(snapshot, &opening, &mut room, length),
    };
    call.answer(answer)
}

/// Opens a path that is allowed as it is written, if it is what it looks like. `None` if it is not, or if the kernel cannot
/// promise so.
fn open_plain(snapshot: &Snapshot, opening: &Opening, path: &[u8; PATH_MAX], length: usize) -> Option<i64> {
    /// Whether the kernel is older than 5.6.
    static NOT_THERE: AtomicBool = AtomicBool::new(false);
    let text = path.get(..length)?;
    if opening.resolve != 0 || !is_plain(text) || NOT_THERE.load(Ordering::Relaxed) {
        return None;
    }
    // A link may lead from what is not allowed to what is.
    if violation(snapshot, text, opening.flags).is_some() {
        return None;
    }
    let creates = opening.flags & (libc::O_CREAT | TMPFILE) as u64 != 0;
    let how = How {
        flags: opening.flags & KNOWN,
        mode: if creates { opening.mode & 0o7777 } else { 0 },
        resolve: RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    // SAFETY: a terminated path and a structure of ours.
    let answer = unsafe {
        let arguments = [HERE, path.as_ptr() as u64, &raw const how as u64, size_of::<How>() as u64, 0, 0];
        syscall(libc::SYS_openat2 as u64, arguments)
    };
    const ENOSYS: i64 = -(libc::ENOSYS as i64);
    const ELOOP: i64 = -(libc::ELOOP as i64);
    const EINVAL: i64 = -(libc::EINVAL as i64);
    // A container's filter that does not know the call.
    const EPERM: i64 = -(libc::EPERM as i64);
    match answer {
        ENOSYS => {
            NOT_THERE.store(true, Ordering::Relaxed);
            None
        }
        ELOOP | EINVAL | EPERM => None,
        answer => Some(answer),
    }
}

/// Opens what the path leads to, after having looked where that is.
fn open_resolved(snapshot: &Snapshot, opening: &Opening, path: &mut [u8; PATH_MAX], length: usize) -> i64 {
    const ENOENT: i64 = -(libc::ENOENT as i64);
    let flags = opening.flags & KNOWN;
    let has = |bits: i32| flags & bits as u64 != 0;
    let look =
        (flags & (libc::O_NOFOLLOW | libc::O_DIRECTORY) as u64) | (libc::O_PATH | libc::O_CLOEXEC) as u64;
    // With both, a link at the end is not followed, and one that leads nowhere exists.
    let exclusive = has(libc::O_CREAT) && has(libc::O_EXCL);
    let look = if exclusive { look | libc::O_NOFOLLOW as u64 } else { look };
    let descriptor = open_how(opening.directory, path.as_ptr() as u64, look, 0, opening.resolve);
    let Ok(descriptor) = u64::try_from(descriptor) else {
        return if descriptor == ENOENT && has(libc::O_CREAT) && !has(libc::O_DIRECTORY) {
            create(snapshot, opening, path, length)
        } else {
            descriptor
        };
    };
    let answer = if exclusive {
        -i64::from(libc::EEXIST)
    } else if kernel::mode_of(descriptor) & libc::S_IFMT == libc::S_IFLNK {
        -i64::from(libc::ELOOP)
    } else {
        open_seen(snapshot, opening, descriptor)
    };
    kernel::close(descriptor);
    answer
}

/// Opens the file behind a descriptor that gives no access.
fn open_seen(snapshot: &Snapshot, opening: &Opening, descriptor: u64) -> i64 {
    let mut room = [0u8; PATH_MAX];
    let Some(resolved) = kernel::path_of(descriptor, &mut room).and_then(|length| room.get(..length)) else {
        // Deeper than a path can say: what cannot be judged is not opened.
        return -i64::from(libc::ENAMETOOLONG);
    };
    let vain = || kernel::may_access(descriptor, flags_change(opening.flags));
    if let Err(errno) = allowed(snapshot, resolved, opening.flags, vain) {
        return errno;
    }
    let link = DescriptorLink::new(descriptor);
    let flags = opening.flags & KNOWN & !((libc::O_NOFOLLOW | libc::O_CREAT) as u64);
    open_how(HERE, link.pointer(), flags, opening.mode, 0)
}

/// Creates a file that was not there a moment ago.
fn create(snapshot: &Snapshot, opening: &Opening, path: &mut [u8; PATH_MAX], mut length: usize) -> i64 {
    const ELOOP: i64 = -(libc::ELOOP as i64);
    // As many links as the kernel follows.
    const LINKS: usize = 40;
    let follows = opening.flags & (libc::O_NOFOLLOW | libc::O_EXCL) as u64 == 0;
    let mut directory = opening.directory;
    let mut answer = ELOOP;
    for _ in 0..LINKS {
        let mut room = [0u8; PATH_MAX];
        let located = match Located::new(directory, path, length, opening.resolve, &mut room) {
            Ok(Some(located)) => located,
            // `.` or `..`: nothing that can be created.
            Ok(None) => {
                answer = -i64::from(libc::EISDIR);
                break;
            }
            Err(errno) => {
                answer = errno;
                break;
            }
        };
        if directory != opening.directory {
            kernel::close(directory);
        }
        directory = located.directory;
        // A link that leads to where nothing is yet: the file is created there.
        if follows && let Some(read) = kernel::read_link(directory, located.name(&room), path) {
            (length, answer) = (read, ELOOP);
            continue;
        }
        let vain = || kernel::may_change_directory(directory);
        if let Err(errno) = allowed(snapshot, located.resolved(&room), opening.flags, vain) {
            answer = errno;
            break;
        }
        let flags = (opening.flags & KNOWN) | libc::O_NOFOLLOW as u64;
        answer = open_how(directory, located.name(&room), flags, opening.mode, opening.resolve);
        // A link was put there meanwhile.
        if answer != ELOOP || !follows {
            break;
        }
        let Some(name) = located.copy_name(&room, path) else { break };
        length = name;
    }
    if directory != opening.directory {
        kernel::close(directory);
    }
    answer
}

/// `openat`, or `openat2` if the function wants something of it.
fn open_how(directory: u64, path: u64, flags: u64, mode: u64, resolve: u64) -> i64 {
    if resolve == 0 {
        // SAFETY: a terminated path of ours.
        return unsafe { syscall(libc::SYS_openat as u64, [directory, path, flags, mode, 0, 0]) };
    }
    let creates = flags & (libc::O_CREAT | TMPFILE) as u64 != 0;
    let how = How { flags, mode: if creates { mode & 0o7777 } else { 0 }, resolve };
    // SAFETY: a terminated path and a structure of ours.
    unsafe {
        let arguments = [directory, path, &raw const how as u64, size_of::<How>() as u64, 0, 0];
        syscall(libc::SYS_openat2 as u64, arguments)
    }
}

fn flags_change(flags: u64) -> bool {
    flags & CHANGES != 0
}

/// Whether the resolved `path` may be opened with these flags; else the negative errno. What the kernel would refuse anyway,
/// as `vain` tells, is no violation.
fn allowed(snapshot: &Snapshot, path: &[u8], flags: u64, vain: impl FnOnce() -> i64) -> Result<(), i64> {
    let Some((attack, effect)) = violation(snapshot, path, flags) else { return Ok(()) };
    let errno = vain();
    if errno != 0 {
        return Err(errno);
    }
    let verb: &[u8] = if attack == Attack::Hijack {
        b"opening memory to write: "
    } else if !flags_change(flags) {
        b"read "
    } else if flags & libc::O_CREAT as u64 != 0 {
        b"create "
    } else {
        b"write "
    };
    if refused(snapshot, (attack, effect), &[verb, path]) { Err(-i64::from(libc::EACCES)) } else { Ok(()) }
}

fn violation(snapshot: &Snapshot, path: &[u8], flags: u64) -> Verdict {
    if flags & (libc::O_WRONLY | libc::O_RDWR) as u64 != 0
        && (is_memory_of_a_process(path) || path == SHARED_MEMORY)
    {
        return Some((Attack::Hijack, Effect::Prevent));
    }
    let access = if flags_change(flags) { Access::Change } else { Access::Read };
    snapshot.files.access(path, access)
}

/// How the kernel names the memory that the Defender shares with its children.
const SHARED_MEMORY: &[u8] = b"/memfd:gambeson (deleted)";

/// `/proc/7/mem`, `/proc/7/task/8/mem`, and by the names that are not resolved yet in a path that is plain.
fn is_memory_of_a_process(path: &[u8]) -> bool {
    path.starts_with(b"/proc/") && path.ends_with(b"/mem")
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
