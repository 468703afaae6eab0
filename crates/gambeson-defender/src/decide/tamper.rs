//! Hands laid on the Defender: refused whatever the rules say, with an audit each.
//!
//! What enforcement rests on are the patched pages of code, the stubs that they lead to, the Defender's own memory, threads
//! and descriptors. What could go round it are system calls that nobody makes through code that is mapped from a file.

use core::sync::atomic::{AtomicUsize, Ordering};

use gambeson_interpose::{Action, Call, forget, is_from_file, must_stay, protects};
use gambeson_policy::Effect;

use super::state;
use super::violation::{Text, refused};
use crate::attack::Attack;
use crate::snapshot::Snapshot;

const ANONYMOUS: u64 = libc::MAP_ANONYMOUS as u64;
const FIXED: u64 = (libc::MAP_FIXED | libc::MAP_FIXED_NOREPLACE) as u64;
const EXECUTABLE: u64 = libc::PROT_EXEC as u64;
const WRITABLE: u64 = libc::PROT_WRITE as u64;

/// `SHM_REMAP`: attaches over what is there.
const SHM_REMAP: u64 = 0o40_000;

fn hijack(snapshot: &Snapshot, call: &mut Call, what: &str) -> Action {
    hijack_with(snapshot, call, what, libc::EPERM)
}

fn hijack_with(snapshot: &Snapshot, call: &mut Call, what: &str, errno: i32) -> Action {
    refused(snapshot, (Attack::Hijack, Effect::Prevent), &[what.as_bytes()]);
    call.fail(errno)
}

/// `mmap`
pub(super) fn map(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [address, length, protection, flags, descriptor, _] = call.args;
    if flags & ANONYMOUS == 0 && state::is_own_descriptor(descriptor) {
        return hijack_with(snapshot, call, "mapping the Defender's memory", libc::EACCES);
    }
    if flags & FIXED != 0 {
        if protects(address as usize, length as usize) {
            return hijack(snapshot, call, "mmap over protected memory");
        }
        forget_anonymous(address as usize, length as usize);
    }
    if snapshot.advanced && protection & EXECUTABLE != 0 && flags & ANONYMOUS != 0 {
        return hijack_with(snapshot, call, "mmap of new executable memory", libc::EACCES);
    }
    Action::Proceed
}

/// Code of a file that holds system calls which could not be taken over: no object that somebody deployed does.
pub(super) fn unseen(snapshot: &Snapshot, call: &mut Call) -> Action {
    if !snapshot.enforces {
        return Action::Proceed;
    }
    hijack_with(snapshot, call, "mapping code whose system calls cannot be taken over", libc::EACCES)
}

/// Memory that was found not to be a file's, so that a compiler that makes the same pages executable again and again is not
/// asked about each time. What is unmapped or replaced is looked at anew.
static ANONYMOUS_MEMORY: [(AtomicUsize, AtomicUsize); 64] =
    [const { (AtomicUsize::new(0), AtomicUsize::new(0)) }; 64];
static NEXT: AtomicUsize = AtomicUsize::new(0);

fn is_known_anonymous(address: usize, length: usize) -> bool {
    ANONYMOUS_MEMORY.iter().any(|(start, known)| {
        start.load(Ordering::Acquire) == address && known.load(Ordering::Acquire) == length && length != 0
    })
}

fn know_anonymous(address: usize, length: usize) {
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    if let Some((start, known)) = ANONYMOUS_MEMORY.get(next % ANONYMOUS_MEMORY.len()) {
        known.store(0, Ordering::Release);
        start.store(address, Ordering::Release);
        known.store(length, Ordering::Release);
    }
}

fn forget_anonymous(address: usize, length: usize) {
    let end = address.saturating_add(length);
    for (start, known) in &ANONYMOUS_MEMORY {
        let (first, length) = (start.load(Ordering::Acquire), known.load(Ordering::Acquire));
        if first < end && address < first.saturating_add(length) {
            known.store(0, Ordering::Release);
        }
    }
}

/// `mprotect` and `pkey_mprotect`
pub(super) fn protect(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [address, length, protection, ..] = call.args;
    if protection & WRITABLE != 0 && protects(address as usize, length as usize) {
        return hijack(snapshot, call, "making protected memory writable");
    }
    if snapshot.advanced && protection & EXECUTABLE != 0 {
        return hijack_with(snapshot, call, "making memory executable", libc::EACCES);
    }
    // Code of a file is taken over when it is mapped as code; nobody maps it as data first.
    let (address, length) = (address as usize, length as usize);
    if protection & EXECUTABLE != 0 && !is_known_anonymous(address, length) {
        if is_from_file(address, length).unwrap_or(true) {
            return hijack_with(snapshot, call, "making a mapping of a file executable", libc::EACCES);
        }
        know_anonymous(address, length);
    }
    Action::Proceed
}

/// `munmap`
pub(super) fn unmap(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [address, length, ..] = call.args;
    if must_stay(address as usize, length as usize) {
        return hijack(snapshot, call, "unmapping protected memory");
    }
    forget(address as usize, length as usize);
    forget_anonymous(address as usize, length as usize);
    Action::Proceed
}

/// `madvise` with advice that gives pages up: those of a file would come back as they are in the file.
pub(super) fn advise(snapshot: &Snapshot, call: &mut Call) -> Action {
    const GIVES_UP: [i32; 5] = [
        libc::MADV_DONTNEED,
        libc::MADV_FREE,
        libc::MADV_REMOVE,
        MADV_DONTNEED_LOCKED,
        libc::MADV_WIPEONFORK,
    ];
    const MADV_DONTNEED_LOCKED: i32 = 24;
    let [address, length, advice, ..] = call.args;
    if GIVES_UP.contains(&(advice as i32)) && protects(address as usize, length as usize) {
        return hijack(snapshot, call, "giving protected memory up");
    }
    Action::Proceed
}

/// `mremap`
pub(super) fn remap(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [old, old_length, new_length, flags, new, _] = call.args;
    let onto = flags & libc::MREMAP_FIXED as u64 != 0 && protects(new as usize, new_length as usize);
    // A length of zero copies a shared mapping; of one byte at least it speaks in any case.
    if onto || protects(old as usize, (old_length as usize).max(1)) {
        return hijack(snapshot, call, "moving protected memory");
    }
    forget_anonymous(old as usize, old_length as usize);
    if flags & libc::MREMAP_FIXED as u64 != 0 {
        forget_anonymous(new as usize, new_length as usize);
    }
    Action::Proceed
}

/// `shmat`
pub(super) fn attach(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [_, _, flags, ..] = call.args;
    if flags & SHM_REMAP != 0 {
        return hijack(snapshot, call, "shmat over memory that is in use");
    }
    Action::Proceed
}

/// `close`
pub(super) fn close(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [descriptor, ..] = call.args;
    if state::is_own_descriptor(descriptor) {
        return hijack_with(snapshot, call, "closing a descriptor of the Defender", libc::EBADF);
    }
    Action::Proceed
}

/// `dup2` and `dup3`
pub(super) fn duplicate(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [_, onto, ..] = call.args;
    if state::is_own_descriptor(onto) {
        return hijack_with(snapshot, call, "replacing a descriptor of the Defender", libc::EBADF);
    }
    Action::Proceed
}

/// `fcntl`: the flags of what is behind a descriptor of ours. Asking is free.
pub(super) fn set_flags(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [descriptor, command, ..] = call.args;
    if matches!(command as i32, libc::F_GETFD | libc::F_GETFL) || !state::is_own_descriptor(descriptor) {
        return Action::Proceed;
    }
    hijack_with(snapshot, call, "changing a descriptor of the Defender", libc::EBADF)
}

/// `close_range`: whoever closes all that is open means the others. In a forked child, the descriptors are its own.
pub(super) fn close_range(call: &mut Call) -> Action {
    let [first, last, flags, ..] = call.args;
    let (first, last) = (u64::from(first as u32), u64::from(last as u32));
    let own = state::DESCRIPTORS;
    let (start, end) = (own.start as u64, own.end as u64);
    if first > last || last < start || first >= end || !(start..end).any(state::is_own_descriptor) {
        return Action::Proceed;
    }
    let close = |first: u64, last: u64| {
        if first > last {
            return 0;
        }
        // SAFETY: the call the function asked for, in parts.
        unsafe { gambeson_interpose::syscall(libc::SYS_close_range as u64, [first, last, flags, 0, 0, 0]) }
    };
    let mut answer = 0;
    let mut from = first;
    for descriptor in (start..end).filter(|descriptor| state::is_own_descriptor(*descriptor)) {
        if descriptor >= from && descriptor <= last {
            answer = close(from, descriptor.wrapping_sub(1)).min(answer);
            from = descriptor.wrapping_add(1);
        }
    }
    answer = close(from, last).min(answer);
    call.answer(answer)
}

/// `tkill`, `tgkill` and `rt_tgsigqueueinfo`: `thread` and `signal` are their arguments.
pub(super) fn signal(snapshot: &Snapshot, call: &mut Call, thread: u64, signal: u64) -> Action {
    if signal != 0 && state::is_thread_of_ours(thread as u32) && !state::is_own_thread() {
        return hijack(snapshot, call, "a signal to a thread of the Defender");
    }
    Action::Proceed
}

/// `io_uring_setup`: what is asked for through a ring is no system call of the process.
pub(super) fn ring(snapshot: &Snapshot, call: &mut Call) -> Action {
    // libuv tries one for each event loop with 256 entries and goes on without; an attacker's is just as little made.
    let [entries, ..] = call.args;
    const LIBUV: u64 = 256;
    if entries == LIBUV {
        return call.fail(libc::ENOSYS);
    }
    hijack(snapshot, call, "io_uring_setup")
}

/// `personality`: asking is free.
pub(super) fn personality(snapshot: &Snapshot, call: &mut Call) -> Action {
    const ASK: u32 = u32::MAX;
    let [persona, ..] = call.args;
    if persona as u32 == ASK || persona as u32 == 0 {
        return Action::Proceed;
    }
    hijack(snapshot, call, "personality")
}

/// `prctl`
pub(super) fn control(snapshot: &Snapshot, call: &mut Call) -> Action {
    const PR_SET_SYSCALL_USER_DISPATCH: i32 = 59;
    let [option, ..] = call.args;
    match option as i32 {
        libc::PR_SET_SECCOMP | PR_SET_SYSCALL_USER_DISPATCH | libc::PR_SET_MM => {
            let what = Text::<32>::new(format_args!("prctl of option {}", option as i32));
            refused(snapshot, (Attack::Hijack, Effect::Prevent), &[what.bytes()]);
            call.fail(libc::EPERM)
        }
        _ => Action::Proceed,
    }
}

/// Calls that nothing but an attack makes in a function.
pub(super) fn never(snapshot: &Snapshot, call: &mut Call, name: &str) -> Action {
    hijack(snapshot, call, name)
}
