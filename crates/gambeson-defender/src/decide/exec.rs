//! Judging `execve` and `execveat`.
//!
//! The path is copied once, judged after resolution, and the copy is handed to the kernel: another thread of the
//! function cannot swap it in between. Runs in vforked children on their parent's stack, so room is kept small.

use gambeson_interpose::{Action, Call, syscall};
use gambeson_policy::{CRYPTO_MINERS, Effect};

use super::attempts::{Attempt, Hash};
use super::carry::Carry;
use super::command::{HASHED, for_each_command_byte, names_a_pool};
use super::kernel::{self, PATH_MAX, Target};
use super::memory::copy_path;
use super::state;
use crate::attack::Attack;
use crate::shared::Facts;
use crate::snapshot::{Programs, Snapshot, directory_of, name_of};

/// The arguments of exec in either form.
struct Exec {
    directory: u64,
    path: u64,
    arguments: u64,
    environment: u64,
    flags: u64,
}

/// A program that is about to be executed.
struct Program<'a> {
    /// As the caller wrote it, without the terminator; empty if it is named by descriptor alone.
    given: &'a [u8],
    /// As the kernel resolved it.
    resolved: Option<&'a [u8]>,
}

pub(super) fn execve(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [path, arguments, environment, ..] = call.args;
    let directory = libc::AT_FDCWD as i64 as u64;
    let answer = execute(snapshot, &Exec { directory, path, arguments, environment, flags: 0 });
    call.answer(answer)
}

pub(super) fn execveat(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [directory, path, arguments, environment, flags, _] = call.args;
    let answer = execute(snapshot, &Exec { directory, path, arguments, environment, flags });
    call.answer(answer)
}

/// Makes the call if the policy allows it. Returns only if it failed or was refused.
fn execute(snapshot: &Snapshot, exec: &Exec) -> i64 {
    let mut path = [0u8; PATH_MAX];
    let length = match copy_path(exec.path, &mut path) {
        Ok(length) => length,
        Err(errno) => return errno,
    };
    let (Some(given), Some(terminated)) = (path.get(..length), path.get(..=length)) else {
        return -i64::from(libc::ENAMETOOLONG);
    };
    let mut room = [0u8; PATH_MAX];
    // Without a list of programs the others still go on in what is started.
    let judged = match snapshot.processes.effect {
        Effect::Disable => Ok(None),
        Effect::Alert | Effect::Prevent => judge(snapshot, exec, given, terminated, &mut room),
    };
    let resolved = match judged {
        Err(errno) => return errno,
        Ok(resolved) => {
            resolved.filter(|resolved| is_movable(given) && is_lasting(resolved)).map(<[u8]>::len)
        }
    };
    if let Some(end) = resolved.and_then(|length| room.get_mut(length)) {
        *end = 0;
    }
    Carry::with(exec.environment, |environment| match resolved {
        Some(_) => perform(exec.arguments, environment, libc::AT_FDCWD as i64 as u64, &room, 0),
        None => perform(exec.arguments, environment, exec.directory, terminated, exec.flags),
    })
}

/// Whether what `given` leads to can be exchanged after it was judged: it starts from a descriptor or the working directory, or
/// passes a directory that the function can write to. Then the program is started by the path that it was judged by.
fn is_movable(given: &[u8]) -> bool {
    let mut room = [0u8; PATH_MAX];
    let Some(place) = room.get_mut(..given.len()).filter(|_| given.first() == Some(&b'/')) else {
        return true;
    };
    place.copy_from_slice(given);
    // Who may write anywhere can exchange the program itself.
    if kernel::is_root() {
        return false;
    }
    // Every directory on the way, the root last.
    let slashes = (1..given.len()).rev().filter(|index| given.get(*index) == Some(&b'/'));
    for end in slashes.chain([1]) {
        if let Some(byte) = room.get_mut(end) {
            *byte = 0;
        }
        if kernel::may_write(&room) {
            return true;
        }
    }
    false
}

/// Whether a resolved path leads to the program again: not one of a file without a name.
fn is_lasting(resolved: &[u8]) -> bool {
    resolved.first() == Some(&b'/') && !resolved.ends_with(b" (deleted)")
}

fn perform(arguments: u64, environment: u64, directory: u64, path: &[u8], flags: u64) -> i64 {
    let path = path.as_ptr() as u64;
    // The older form where it says the same: sandboxes of old know only that.
    if directory == libc::AT_FDCWD as i64 as u64 && flags == 0 {
        // SAFETY: the call the function asked for, with a path of ours; the kernel checks the other pointers.
        return unsafe { syscall(libc::SYS_execve as u64, [path, arguments, environment, 0, 0, 0]) };
    }
    // SAFETY: as above.
    unsafe { syscall(libc::SYS_execveat as u64, [directory, path, arguments, environment, flags, 0]) }
}

/// `Ok` if the call is to be made, with the path that it was judged by, else the negative errno for the caller.
fn judge<'a>(
    snapshot: &Snapshot,
    exec: &Exec,
    given: &[u8],
    terminated: &[u8],
    room: &'a mut [u8; PATH_MAX],
) -> Result<Option<&'a [u8]>, i64> {
    let by_descriptor = given.is_empty() && exec.flags & libc::AT_EMPTY_PATH as u64 != 0;
    let target =
        if by_descriptor { kernel::look_at(exec.directory, room) } else { look(exec, terminated, room)? };
    // Sockets, directories and the like: the kernel's own answer, which is no violation of anything.
    if !target.regular {
        return Err(-i64::from(libc::EACCES));
    }
    let resolved = target.resolved.and_then(|length| room.get(..length));
    let program = Program { given, resolved };
    let Some(attack) = violation(snapshot, &program, exec.arguments) else { return Ok(resolved) };
    let prevented = snapshot.processes.effect == Effect::Prevent;
    report(snapshot, exec, &program, attack, prevented);
    if prevented { Err(-i64::from(libc::EACCES)) } else { Ok(resolved) }
}

/// What the path leads to. A candidate that does not exist or may not be executed gets its errno here, so that only
/// real programs are judged; it must not be left to the kernel, since the file might appear meanwhile.
fn look(exec: &Exec, path: &[u8], room: &mut [u8; PATH_MAX]) -> Result<Target, i64> {
    let executable = kernel::may_execute(exec.directory, path);
    if executable != 0 {
        return Err(executable);
    }
    let descriptor = kernel::open_to_look(exec.directory, path);
    // No descriptor to be had (`EMFILE`): what cannot be judged is not run.
    let Ok(descriptor) = u64::try_from(descriptor) else { return Err(descriptor) };
    let target = kernel::look_at(descriptor, room);
    kernel::close(descriptor);
    Ok(target)
}

/// What is wrong with executing `program`, if anything. A deny entry wins over an allow entry.
fn violation(snapshot: &Snapshot, program: &Program<'_>, arguments: u64) -> Option<Attack> {
    let rule = &snapshot.processes;
    if program.is_named_in(&rule.denied) {
        return Some(Attack::DeniedProcess);
    }
    // An allowed program that is told to mine is not what was allowed.
    if rule.crypto_miners && names_a_pool(&snapshot.network, arguments) {
        return Some(Attack::CryptoMiner);
    }
    if program.is_allowed_by(&rule.allowed) {
        return None;
    }
    if rule.crypto_miners && program.is_crypto_miner() {
        return Some(Attack::CryptoMiner);
    }
    // The dynamic loader as a program runs any other, under its own name.
    if !rule.denied.is_empty() && program.is_loader() {
        return Some(Attack::DeniedProcess);
    }
    rule.only_listed.then_some(Attack::UnexpectedProcess)
}

impl Program<'_> {
    fn is_named_in(&self, programs: &Programs) -> bool {
        let resolved = self.resolved.unwrap_or_default();
        programs.has_path(self.given)
            || programs.has_path(resolved)
            || programs.has_name_of(self.given)
            || programs.has_name_of(resolved)
    }

    /// A path entry means that file. A bare name means a program of that name that the function cannot have written
    /// itself: whoever can drop `/tmp/convert` must not gain anything from `convert` being allowed.
    fn is_allowed_by(&self, programs: &Programs) -> bool {
        let resolved = self.resolved.unwrap_or_default();
        programs.has_path(self.given)
            || programs.has_path(resolved)
            || (programs.has_name_of(resolved) && !is_in_writable_directory(resolved))
            || (programs.has_name_of(self.given)
                && !is_in_writable_directory(self.given)
                && !is_in_writable_directory(resolved))
    }

    fn is_loader(&self) -> bool {
        // `ld-linux-x86-64.so.2`, up to glibc 2.34 `ld-2.26.so`, and musl's.
        let name = name_of(self.resolved.unwrap_or(self.given));
        [b"ld-linux".as_slice(), b"ld-2.", b"ld-musl", b"ld.so"].iter().any(|start| name.starts_with(start))
    }

    fn is_crypto_miner(&self) -> bool {
        let is_one = |path: &[u8]| {
            CRYPTO_MINERS.iter().any(|name| name_of(path).eq_ignore_ascii_case(name.as_bytes()))
        };
        is_one(self.given) || is_one(self.resolved.unwrap_or_default())
    }
}

/// Whether the function could have put a file of its own at `path`. What has no directory (a memory file, a path
/// that could not be resolved) counts as writable.
fn is_in_writable_directory(path: &[u8]) -> bool {
    let directory = directory_of(path);
    if directory.first() != Some(&b'/') {
        return true;
    }
    let mut room = [0u8; PATH_MAX];
    let Some(place) = room.get_mut(..directory.len()) else { return true };
    place.copy_from_slice(directory);
    kernel::may_write(&room)
}

fn report(snapshot: &Snapshot, exec: &Exec, program: &Program<'_>, attack: Attack, prevented: bool) {
    let Some(shared) = state::shared() else { return };
    let path = program.resolved.unwrap_or(program.given);
    let time = kernel::unix_milliseconds();
    let mut what = Hash::new();
    what.byte(attack as u8);
    for byte in name_of(program.given) {
        what.byte(*byte);
    }
    for_each_command_byte(exec.arguments, HASHED, |byte| {
        what.byte(byte);
        true
    });
    let attempt =
        Attempt { thread: kernel::thread_id(), what: what.finish(), path: Hash::of(program.given), time };
    if prevented && shared.attempts.continues(&attempt) && is_where_searches_go(program.given) {
        return;
    }
    let process = kernel::process_id();
    let facts = Facts {
        attack: attack as u8,
        prevented: u8::from(prevented),
        process,
        time,
        generation: snapshot.generation,
    };
    let Some(mut entry) = shared.entry(facts) else { return };
    entry.path(path);
    for_each_command_byte(exec.arguments, usize::MAX, |byte| entry.command(byte));
    entry.publish();
}

/// Whether a search along `PATH` may try `path`: Lambda's `PATH` and the C library's default. Without this, an attacker
/// who tries one detour after the other would be seen once.
fn is_where_searches_go(path: &[u8]) -> bool {
    const DIRECTORIES: [&[u8]; 8] = [
        b"/bin",
        b"/usr/bin",
        b"/usr/local/bin",
        b"/sbin",
        b"/usr/sbin",
        b"/usr/local/sbin",
        b"/opt/bin",
        b"/var/lang/bin",
    ];
    let mut directory = directory_of(path);
    while let [rest @ .., b'/'] = directory {
        directory = rest;
    }
    DIRECTORIES.contains(&directory)
}

#[cfg(test)]
mod tests {
    use std::ffi::{CStr, CString};

    use super::*;
    use crate::shared::Shared;
    use crate::snapshot::publish_with;

    /// Calls exec as the interposer would, with the program's arguments `["name", "-u"]`.
    fn exec(path: u64) -> i64 {
        let arguments = [c"name".as_ptr() as u64, c"-u".as_ptr() as u64, 0];
        let environment = [0u64];
        let args = [path, arguments.as_ptr() as u64, environment.as_ptr() as u64, 0, 0, 0];
        let mut call = Call { number: libc::SYS_execve as u64, args, result: 0 };
        assert!(matches!(execve(Snapshot::current().unwrap(), &mut call), Action::Answered));
        call.result
    }

    fn exec_path(path: &CStr) -> i64 {
        exec(path.as_ptr() as u64)
    }

    /// The decision path reads global state, so this is one test.
    #[test]
    fn exec_is_judged_by_what_the_path_leads_to() {
        let (shared, _) = Shared::create().unwrap();
        state::set_shared(shared);
        let directory = tempfile::tempdir().unwrap();
        let in_directory = |name: &str| CString::new(directory.path().join(name).to_str().unwrap()).unwrap();
        let link = in_directory("true");
        std::os::unix::fs::symlink("/bin/sh", directory.path().join("true")).unwrap();
        let text = in_directory("text");
        std::fs::write(directory.path().join("text"), "not executable").unwrap();
        publish_with(Effect::Prevent, &["/bin/true", "true"], &["/bin/sh"]);
        let audits = || shared.take(|_| true);

        // What the kernel would refuse anyway keeps its errno and is no violation.
        assert_eq!(exec(0), -i64::from(libc::EFAULT));
        assert_eq!(exec(4096), -i64::from(libc::EFAULT));
        assert_eq!(exec_path(c""), -i64::from(libc::ENOENT));
        assert_eq!(exec_path(c"/no/such/program"), -i64::from(libc::ENOENT));
        assert_eq!(exec_path(&text), -i64::from(libc::EACCES));
        assert_eq!(exec_path(c"/usr/bin"), -i64::from(libc::EACCES));
        let long = CString::new("x".repeat(PATH_MAX)).unwrap();
        assert_eq!(exec_path(&long), -i64::from(libc::ENAMETOOLONG));
        assert!(audits().is_empty());

        // Not listed.
        assert_eq!(exec_path(c"/usr/bin/env"), -i64::from(libc::EACCES));
        let found = audits();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].facts.attack, Attack::UnexpectedProcess as u8);
        assert_eq!(found[0].command, b"name -u");
        assert_eq!(
            found[0].path,
            std::fs::canonicalize("/usr/bin/env").unwrap().to_str().unwrap().as_bytes()
        );

        // A link of an allowed name in a place that the function can write to leads to a denied program.
        assert_eq!(exec_path(&link), -i64::from(libc::EACCES));
        assert_eq!(audits().len(), 1);
        // Detours lead to the same file.
        for detour in [
            c"/usr/lib/../bin/env",
            c"/proc/self/root/usr/bin/env",
            c"/proc/self/cwd/../../../../../../usr/bin/env",
        ] {
            assert_eq!(exec_path(detour), -i64::from(libc::EACCES), "{detour:?}");
            assert_eq!(audits().len(), 1, "{detour:?}");
        }

        // A link that is exchanged after it was looked at: what was judged is what runs.
        let listed = in_directory("listed");
        std::os::unix::fs::symlink("/bin/true", directory.path().join("listed")).unwrap();
        assert!(is_movable(b"true") && is_movable(b""));
        assert_eq!(is_movable(listed.to_bytes()), !kernel::is_root());
        assert_eq!(exit_of(|| exec_path(&listed)), 0);
        assert!(is_lasting(b"/usr/bin/true") && !is_lasting(b"/memfd:x (deleted)") && !is_lasting(b""));

        // Listed: the program runs.
        for program in [c"/bin/true", c"/usr/bin/true"] {
            assert_eq!(exit_of(|| exec_path(program)), 0, "{program:?}");
        }
        assert!(audits().is_empty());
    }

    /// The exit code of a fork that runs `start`, which is to replace it.
    fn exit_of(start: impl FnOnce() -> i64) -> i32 {
        // SAFETY: the child makes system calls only.
        unsafe {
            match libc::fork() {
                0 => {
                    start();
                    libc::_exit(99)
                }
                child => {
                    let mut status = 0;
                    assert_eq!(libc::waitpid(child, &mut status, 0), child);
                    libc::WEXITSTATUS(status)
                }
            }
        }
    }
}
