//! Judging `execve` and `execveat`.
//!
//! The path is copied once, judged after resolution, and the copy is handed to the kernel: another thread of the
//! function cannot swap it in between. Runs in vforked children on their parent's stack, so room is kept small.

use gambeson_interpose::{Action, Call, syscall};
use gambeson_policy::{CRYPTO_MINERS, Effect, STRATUM};

use super::attempts::{Attempt, Hash};
use super::carry::Carry;
use super::kernel::{self, PATH_MAX, Target};
use super::memory::{CopyError, Pointers, Readable, copy_string};
use super::state;
use crate::attack::Attack;
use crate::shared::Facts;
use crate::snapshot::{Network, Programs, Snapshot, directory_of, name_of};

/// The arguments of exec in either form.
struct Exec {
    number: u64,
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
    let number = libc::SYS_execve as u64;
    let answer = execute(snapshot, &Exec { number, directory, path, arguments, environment, flags: 0 });
    call.answer(answer)
}

pub(super) fn execveat(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [directory, path, arguments, environment, flags, _] = call.args;
    let number = libc::SYS_execveat as u64;
    let answer = execute(snapshot, &Exec { number, directory, path, arguments, environment, flags });
    call.answer(answer)
}

/// Makes the call if the policy allows it. Returns only if it failed or was refused.
fn execute(snapshot: &Snapshot, exec: &Exec) -> i64 {
    let mut path = [0u8; PATH_MAX];
    let length = match copy_string(exec.path, &mut path) {
        Ok(length) => length,
        Err(CopyError::Fault) => return -i64::from(libc::EFAULT),
        Err(CopyError::TooLong) => return -i64::from(libc::ENAMETOOLONG),
    };
    let (Some(given), Some(terminated)) = (path.get(..length), path.get(..=length)) else {
        return -i64::from(libc::ENAMETOOLONG);
    };
    // Without a list of programs the others still go on in what is started.
    let judged = match snapshot.processes.effect {
        Effect::Disable => Ok(()),
        Effect::Alert | Effect::Prevent => judge(snapshot, exec, given, terminated),
    };
    match judged {
        Err(errno) => errno,
        Ok(()) => Carry::with(exec.environment, |environment| perform(exec, terminated, environment)),
    }
}

fn perform(exec: &Exec, path: &[u8], environment: u64) -> i64 {
    let path = path.as_ptr() as u64;
    let arguments = if exec.number == libc::SYS_execve as u64 {
        [path, exec.arguments, environment, 0, 0, 0]
    } else {
        [exec.directory, path, exec.arguments, environment, exec.flags, 0]
    };
    // SAFETY: the call the function asked for, with a copy of its path; the kernel checks the other pointers.
    unsafe { syscall(exec.number, arguments) }
}

/// `Ok` if the call is to be made, else the negative errno for the caller.
fn judge(snapshot: &Snapshot, exec: &Exec, given: &[u8], terminated: &[u8]) -> Result<(), i64> {
    let mut room = [0u8; PATH_MAX];
    let by_descriptor = given.is_empty() && exec.flags & libc::AT_EMPTY_PATH as u64 != 0;
    let target = if by_descriptor {
        kernel::look_at(exec.directory, &mut room)
    } else {
        look(exec, terminated, &mut room)?
    };
    // Sockets, directories and the like: the kernel's own answer, which is no violation of anything.
    if !target.regular {
        return Err(-i64::from(libc::EACCES));
    }
    let program = Program { given, resolved: target.resolved.and_then(|length| room.get(..length)) };
    let Some(attack) = violation(snapshot, &program, exec.arguments) else { return Ok(()) };
    let prevented = snapshot.processes.effect == Effect::Prevent;
    report(snapshot, exec, &program, attack, prevented);
    if prevented { Err(-i64::from(libc::EACCES)) } else { Ok(()) }
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

/// Whether the command line holds the address of a mining pool, told by how such an address begins or by the pool's name.
fn names_a_pool(network: &Network, arguments: u64) -> bool {
    let mut word = [0u8; 256];
    let mut length = 0usize;
    let mut found = false;
    let mut see = |byte: u8| {
        let byte = byte.to_ascii_lowercase();
        let of_a_name = byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if of_a_name && let Some(place) = word.get_mut(length) {
            *place = byte;
            length = length.wrapping_add(1);
            return true;
        }
        let text = word.get(..length).unwrap_or_default();
        found |= network.is_pool(text)
            || (byte == b'+' || byte == b':') && STRATUM.iter().any(|name| text.ends_with(name.as_bytes()));
        length = 0;
        !found
    };
    for_each_command_byte(arguments, SEARCHED, &mut see);
    see(0);
    found
}

/// How much of the arguments is searched for a pool. Those of a miner are a few hundred bytes.
const SEARCHED: usize = 16 * 1024;
/// How much of the arguments tells one attempt from another.
const HASHED: usize = 256;

/// Calls `take` with the command line, arguments separated by spaces, until it returns false, `most` bytes were
/// given or a pointer cannot be read.
fn for_each_command_byte(arguments: u64, most: usize, mut take: impl FnMut(u8) -> bool) {
    let mut given = 0;
    for (index, argument) in Pointers::new(arguments).enumerate() {
        let mut readable = Readable::default();
        let mut address = argument;
        let mut separator = index > 0;
        loop {
            let byte = if separator {
                b' '
            } else {
                match readable.byte(address) {
                    None => return,
                    Some(0) => break,
                    Some(byte) => {
                        address = address.wrapping_add(1);
                        byte
                    }
                }
            };
            separator = false;
            given += 1;
            if given > most || !take(byte) {
                return;
            }
        }
    }
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
