//! Judging changes to the tree of files: creating, renaming, linking, removing, and changing what a file is.
//!
//! What is about a name in a directory is judged by the resolved directory and the name, and made in that very directory;
//! what is about a file is made to the very file that was looked at. So nothing can be exchanged in between.

use gambeson_interpose::{Action, Call, syscall};

use super::kernel::{self, DescriptorLink, PATH_MAX};
#[cfg(target_arch = "x86_64")]
use super::legacy;
use super::located::Located;
use super::memory::{copy_path, copy_string};
use super::violation::refused;
use crate::snapshot::{Access, Snapshot, Verdict};

const HERE: u64 = libc::AT_FDCWD as i64 as u64;

/// What a call does to a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// Makes it: it must not be there.
    Creates,
    /// Takes it away: it must be there.
    Removes,
    /// Gives it to something else, whether it is there or not.
    Replaces,
}

/// What a call does, in words for the audit, and where.
#[derive(Clone, Copy)]
struct Change {
    verb: &'static [u8],
    /// The directory that the path starts from, and the path.
    at: (u64, u64),
}

/// Calls about one name: `make` gets the directory and the name.
fn one_name(
    snapshot: &Snapshot,
    call: &mut Call,
    change: Change,
    doing: Doing,
    make: impl FnOnce(u64, u64) -> [u64; 7],
) -> Action {
    let mut path = [0u8; PATH_MAX];
    let mut room = [0u8; PATH_MAX];
    let located = match locate(change.at, &mut path, &mut room) {
        Ok(Some(located)) => located,
        // The kernel refuses it with an error of its own, but it is to get our copy.
        Ok(None) => {
            let answer = make_call(make(change.at.0, path.as_ptr() as u64));
            return call.answer(answer);
        }
        Err(errno) => return call.answer(errno),
    };
    let verdict = snapshot.files.access(located.resolved(&room), Access::Change);
    let answer = match allowed(snapshot, verdict, change.verb, located.resolved(&room), || {
        vain(&located, &room, doing)
    }) {
        Err(errno) => errno,
        Ok(()) => make_call(make(located.directory, located.name(&room))),
    };
    kernel::close(located.directory);
    call.answer(answer)
}

/// Renaming, which is about two names.
fn two_names(
    snapshot: &Snapshot,
    call: &mut Call,
    [from, to]: [Change; 2],
    make: impl FnOnce([u64; 2], [u64; 2]) -> [u64; 7],
) -> Action {
    let mut path = [0u8; PATH_MAX];
    let mut from_room = [0u8; PATH_MAX];
    let mut to_room = [0u8; PATH_MAX];
    let old = match locate(from.at, &mut path, &mut from_room) {
        Ok(Some(old)) => old,
        Ok(None) => return call.fail(libc::EBUSY),
        Err(errno) => return call.answer(errno),
    };
    let new = match locate(to.at, &mut path, &mut to_room) {
        Ok(Some(new)) => new,
        other => {
            kernel::close(old.directory);
            return match other {
                Err(errno) => call.answer(errno),
                Ok(_) => call.fail(libc::EEXIST),
            };
        }
    };
    // Besides the name itself, a directory with a denied file in it would take that along to where the rule does not know it.
    let judge = |change: Change, located: &Located, room, doing| {
        let path = located.resolved(room);
        allowed(snapshot, snapshot.files.rename(path), change.verb, path, || vain(located, room, doing))
    };
    let judged = judge(from, &old, &from_room, Doing::Removes)
        .and_then(|()| judge(to, &new, &to_room, Doing::Replaces));
    let answer = match judged {
        Err(errno) => errno,
        Ok(()) => make_call(make([old.directory, old.name(&from_room)], [new.directory, new.name(&to_room)])),
    };
    kernel::close(old.directory);
    kernel::close(new.directory);
    call.answer(answer)
}

/// How a call names a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// By a path, a link at the end followed.
    Followed,
    /// By a path to the link itself.
    Itself,
    /// By the descriptor alone. It need not give access, so it was not judged before.
    Descriptor,
}

impl Naming {
    fn new(flags: u64, path: u64) -> Self {
        if flags & libc::AT_EMPTY_PATH as u64 != 0 && is_empty(path) {
            Self::Descriptor
        } else if flags & libc::AT_SYMLINK_NOFOLLOW as u64 != 0 {
            Self::Itself
        } else {
            Self::Followed
        }
    }
}

/// Calls about a file: `make` gets a descriptor of it without access, and a path that leads to exactly that file.
fn one_file(
    snapshot: &Snapshot,
    call: &mut Call,
    change: Change,
    naming: Naming,
    make: impl FnOnce(u64, u64) -> [u64; 7],
) -> Action {
    let answer = with_file(change.at, naming, |file, resolved| {
        let verdict = snapshot.files.access(resolved, Access::Change);
        if let Err(errno) = allowed(snapshot, verdict, change.verb, resolved, || read_only(file)) {
            return errno;
        }
        make_call(make(file, DescriptorLink::new(file).pointer()))
    });
    call.answer(answer)
}

/// Calls `then` with a descriptor of the file and its resolved path.
fn with_file((directory, pointer): (u64, u64), naming: Naming, then: impl FnOnce(u64, &[u8]) -> i64) -> i64 {
    let mut room = [0u8; PATH_MAX];
    let file = match naming {
        Naming::Descriptor => directory,
        Naming::Followed | Naming::Itself => {
            if let Err(errno) = copy(pointer, &mut room) {
                return errno;
            }
            let no_follow = if naming == Naming::Itself { libc::O_NOFOLLOW } else { 0 };
            let flags = (libc::O_PATH | libc::O_CLOEXEC | no_follow) as u64;
            // SAFETY: a terminated path of ours.
            let file = unsafe {
                syscall(libc::SYS_openat as u64, [directory, room.as_ptr() as u64, flags, 0, 0, 0])
            };
            let Ok(file) = u64::try_from(file) else { return file };
            file
        }
    };
    let answer = match kernel::path_of(file, &mut room).and_then(|length| room.get(..length)) {
        Some(resolved) => then(file, resolved),
        None => -i64::from(libc::ENAMETOOLONG),
    };
    if naming != Naming::Descriptor {
        kernel::close(file);
    }
    answer
}

fn copy(pointer: u64, path: &mut [u8; PATH_MAX]) -> Result<usize, i64> {
    match copy_path(pointer, path)? {
        0 => Err(-i64::from(libc::ENOENT)),
        length => Ok(length),
    }
}

fn locate(
    (directory, pointer): (u64, u64),
    path: &mut [u8; PATH_MAX],
    room: &mut [u8; PATH_MAX],
) -> Result<Option<Located>, i64> {
    let length = copy(pointer, path)?;
    Located::new(directory, path, length, 0, room)
}

/// Makes a call: its number, then its arguments.
fn make_call([number, a, b, c, d, e, f]: [u64; 7]) -> i64 {
    // SAFETY: what the function asked for, with copies of the paths.
    unsafe { syscall(number, [a, b, c, d, e, f]) }
}

/// Whether a change may be made; else the negative errno. What the kernel would refuse anyway, as `vain` tells, is no
/// violation.
fn allowed(
    snapshot: &Snapshot,
    verdict: Verdict,
    verb: &[u8],
    path: &[u8],
    vain: impl FnOnce() -> i64,
) -> Result<(), i64> {
    let Some(verdict) = verdict else { return Ok(()) };
    let errno = vain();
    if errno != 0 {
        return Err(errno);
    }
    if refused(snapshot, verdict, &[verb, b" ", path]) { Err(-i64::from(libc::EACCES)) } else { Ok(()) }
}

/// The errno of the kernel for a change to a name that cannot be made, or 0.
fn vain(located: &Located, room: &[u8; PATH_MAX], doing: Doing) -> i64 {
    let exists = kernel::exists(located.directory, located.name(room));
    match doing {
        Doing::Creates if exists == 0 => -i64::from(libc::EEXIST),
        Doing::Removes if exists != 0 => exists,
        _ => kernel::may_change_directory(located.directory),
    }
}

/// `EROFS` if the file behind `descriptor` is where nothing can be changed, or 0. Its owner may change its mode without the
/// right to write to it.
fn read_only(descriptor: u64) -> i64 {
    const EROFS: i64 = -(libc::EROFS as i64);
    if kernel::may_access(descriptor, true) == EROFS { EROFS } else { 0 }
}

/// Whether binding a UNIX socket to `path` is refused. It is bound by the path that the function gave, since others read it
/// from the socket.
pub(super) fn refuses_socket(snapshot: &Snapshot, given: &[u8]) -> bool {
    if !snapshot.files.judges() {
        return false;
    }
    let mut path = [0u8; PATH_MAX];
    let mut room = [0u8; PATH_MAX];
    let Some(place) = path.get_mut(..given.len()) else { return false };
    place.copy_from_slice(given);
    match Located::new(HERE, &mut path, given.len(), 0, &mut room) {
        Ok(Some(located)) => {
            let path = located.resolved(&room);
            let verdict = snapshot.files.access(path, Access::Change);
            let judged =
                allowed(snapshot, verdict, b"create", path, || vain(&located, &room, Doing::Creates));
            kernel::close(located.directory);
            // In vain, it is left to the kernel.
            judged == Err(-i64::from(libc::EACCES))
        }
        // Nothing comes of it.
        Ok(None) | Err(_) => false,
    }
}

/// Dispatches the calls that change the tree of files.
pub(super) fn change(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [a, b, c, d, e, _] = call.args;
    let number = call.number;
    let name = |verb: &'static str, at| Change { verb: verb.as_bytes(), at };
    const MKDIRAT: u64 = libc::SYS_mkdirat as u64;
    const UNLINKAT: u64 = libc::SYS_unlinkat as u64;
    const RENAMEAT: u64 = libc::SYS_renameat as u64;
    const RENAMEAT2: u64 = libc::SYS_renameat2 as u64;
    const LINKAT: u64 = libc::SYS_linkat as u64;
    const SYMLINKAT: u64 = libc::SYS_symlinkat as u64;
    const MKNODAT: u64 = libc::SYS_mknodat as u64;
    const FCHMODAT: u64 = libc::SYS_fchmodat as u64;
    const FCHOWNAT: u64 = libc::SYS_fchownat as u64;
    const FCHMOD: u64 = libc::SYS_fchmod as u64;
    const FCHOWN: u64 = libc::SYS_fchown as u64;
    const TRUNCATE: u64 = libc::SYS_truncate as u64;
    #[cfg(target_arch = "x86_64")]
    if let Some(modern) = legacy::as_modern(number, call.args) {
        let asked = (call.number, call.args);
        (call.number, call.args) = modern;
        let action = change(snapshot, call);
        (call.number, call.args) = asked;
        return action;
    }
    match number {
        MKDIRAT => one_name(snapshot, call, name("create", (a, b)), Doing::Creates, |at, name| {
            [number, at, name, c, 0, 0, 0]
        }),
        MKNODAT => one_name(snapshot, call, name("create", (a, b)), Doing::Creates, |at, name| {
            [number, at, name, c, d, 0, 0]
        }),
        UNLINKAT => one_name(snapshot, call, name("delete", (a, b)), Doing::Removes, |at, name| {
            [number, at, name, c, 0, 0, 0]
        }),
        // Where the link leads is judged when somebody goes there.
        SYMLINKAT => {
            let mut target = [0u8; PATH_MAX];
            if let Err(errno) = copy(a, &mut target) {
                return call.answer(errno);
            }
            let target = target.as_ptr() as u64;
            one_name(snapshot, call, name("create", (b, c)), Doing::Creates, |at, name| {
                [number, target, at, name, 0, 0, 0]
            })
        }
        RENAMEAT | RENAMEAT2 => {
            let flags = if number == RENAMEAT { 0 } else { e };
            let names = [name("rename", (a, b)), name("rename to", (c, d))];
            two_names(snapshot, call, names, |old, new| [number, old[0], old[1], new[0], new[1], flags, 0])
        }
        LINKAT => link_at(snapshot, call),
        TRUNCATE => one_file(snapshot, call, name("truncate", (HERE, a)), Naming::Followed, |_, path| {
            [number, path, b, 0, 0, 0, 0]
        }),
        FCHMODAT => {
            one_file(snapshot, call, name("change the mode of", (a, b)), Naming::Followed, |_, path| {
                [number, HERE, path, c, 0, 0, 0]
            })
        }
        // What was opened to read may still be given another mode or owner.
        FCHMOD | FCHOWN => {
            let verb = if number == FCHMOD { "change the mode of" } else { "change the owner of" };
            one_file(snapshot, call, name(verb, (a, 0)), Naming::Descriptor, |file, _| {
                [number, file, b, c, 0, 0, 0]
            })
        }
        FCHMODAT2 => {
            one_file(snapshot, call, name("change the mode of", (a, b)), Naming::new(d, b), |_, path| {
                [FCHMODAT, HERE, path, c, 0, 0, 0]
            })
        }
        FCHOWNAT => {
            let empty = c"".as_ptr() as u64;
            one_file(snapshot, call, name("change the owner of", (a, b)), Naming::new(e, b), |file, _| {
                [number, file, empty, c, d, libc::AT_EMPTY_PATH as u64, 0]
            })
        }
        _ => Action::Proceed,
    }
}

/// `fchmodat2` of Linux 6.6; the same number everywhere.
pub(crate) const FCHMODAT2: u64 = 452;

fn is_empty(pointer: u64) -> bool {
    let mut first = [1u8; 1];
    copy_string(pointer, &mut first) == Ok(0)
}

/// A second name makes a file reachable by a path that the rule may speak of differently, so both names are judged: the
/// file as if it were written to.
fn link_at(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [from, from_path, to, to_path, flags, _] = call.args;
    let naming = match Naming::new(flags, from_path) {
        Naming::Followed if flags & libc::AT_SYMLINK_FOLLOW as u64 == 0 => Naming::Itself,
        naming => naming,
    };
    let answer = with_file((from, from_path), naming, |file, resolved| {
        let verdict = snapshot.files.access(resolved, Access::Change);
        if let Err(errno) = allowed(snapshot, verdict, b"link", resolved, || 0) {
            return errno;
        }
        let mut path = [0u8; PATH_MAX];
        let mut room = [0u8; PATH_MAX];
        let new = match locate((to, to_path), &mut path, &mut room) {
            Err(errno) => return errno,
            Ok(None) => return -i64::from(libc::EEXIST),
            Ok(Some(new)) => new,
        };
        let path = new.resolved(&room);
        let verdict = snapshot.files.access(path, Access::Change);
        let answer = match allowed(snapshot, verdict, b"create", path, || vain(&new, &room, Doing::Creates)) {
            Err(errno) => errno,
            Ok(()) => {
                // `/proc/self/fd/N` leads to exactly that file, also for those who may not use AT_EMPTY_PATH.
                let link = DescriptorLink::new(file);
                let follow = libc::AT_SYMLINK_FOLLOW as u64;
                let number = libc::SYS_linkat as u64;
                make_call([number, HERE, link.pointer(), new.directory, new.name(&room), follow, 0])
            }
        };
        kernel::close(new.directory);
        answer
    });
    call.answer(answer)
}

#[cfg(test)]
#[path = "paths_tests.rs"]
mod tests;
