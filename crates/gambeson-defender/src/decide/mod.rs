//! The decision path: from an interposed system call to a verdict.
//!
//! Everything below this module may run in a signal handler, in a vforked child, or in a thread that holds any lock of
//! libc. So: no allocation, no lock, no thread-local, no panic, system calls straight to the kernel, errno untouched.

use gambeson_interpose::{Action, Call, UNSEEN};

use crate::snapshot::Snapshot;

pub(crate) mod attempts;
pub(crate) mod carry;
mod command;
mod dns;
mod exec;
mod files;
mod interest;
pub(crate) mod kernel;
mod learned;
#[cfg(target_arch = "x86_64")]
mod legacy;
mod located;
mod memory;
mod names;
mod network;
mod paths;
mod socket;
pub(crate) mod state;
mod tamper;
mod violation;

pub(crate) use interest::interest;

/// The bit that marks a call of the x32 convention. It reaches the same kernel functions under other numbers, and no
/// runtime of Lambda uses it.
const X32: u64 = 0x4000_0000;

/// Forgets which addresses belong to allowed names.
pub(crate) fn forget_addresses() {
    network::LEARNED.forget();
}

/// Called by `gambeson-interpose` in place of each system call of interest.
///
/// # Safety
/// `call` must point to a call that nobody else touches.
pub(crate) unsafe extern "C" fn on_call(call: *mut Call) -> Action {
    // SAFETY: the caller's promise.
    let call = unsafe { &mut *call };
    if call.number & X32 != 0 {
        return call.fail(libc::ENOSYS);
    }
    let Some(snapshot) = Snapshot::current() else { return Action::Proceed };
    judge(snapshot, call)
}

fn judge(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [first, second, third, ..] = call.args;
    if call.number == UNSEEN {
        return tamper::unseen(snapshot, call);
    }
    match call.number as libc::c_long {
        libc::SYS_execve => exec::execve(snapshot, call),
        libc::SYS_execveat => exec::execveat(snapshot, call),

        libc::SYS_connect => network::connect(snapshot, call),
        libc::SYS_sendto => network::send_to(snapshot, call),
        libc::SYS_sendmsg => network::send_message(snapshot, call),
        libc::SYS_sendmmsg => network::send_messages(snapshot, call),
        libc::SYS_bind => network::bind(snapshot, call),
        libc::SYS_listen => network::listen(snapshot, call),
        libc::SYS_write | libc::SYS_writev => names::write(snapshot, call),
        libc::SYS_sendfile => names::move_into(snapshot, call, 0),
        libc::SYS_splice => names::move_into(snapshot, call, 2),
        libc::SYS_read | libc::SYS_readv | libc::SYS_recvfrom | libc::SYS_recvmsg | libc::SYS_recvmmsg => {
            names::receive(snapshot, call)
        }

        #[cfg(target_arch = "x86_64")]
        libc::SYS_open => files::open(snapshot, call),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_creat => files::creat(snapshot, call),
        libc::SYS_openat => files::open_at(snapshot, call),
        libc::SYS_openat2 => files::open_at2(snapshot, call),

        libc::SYS_mmap => tamper::map(snapshot, call),
        libc::SYS_mprotect | libc::SYS_pkey_mprotect => tamper::protect(snapshot, call),
        libc::SYS_munmap => tamper::unmap(snapshot, call),
        libc::SYS_madvise => tamper::advise(snapshot, call),
        libc::SYS_mremap => tamper::remap(snapshot, call),
        libc::SYS_shmat => tamper::attach(snapshot, call),
        libc::SYS_close => tamper::close(snapshot, call),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_dup2 => tamper::duplicate(snapshot, call),
        libc::SYS_dup3 => tamper::duplicate(snapshot, call),
        libc::SYS_fcntl => tamper::set_flags(snapshot, call),
        libc::SYS_close_range => tamper::close_range(call),
        libc::SYS_tkill => tamper::signal(snapshot, call, first, second),
        libc::SYS_tgkill => tamper::signal(snapshot, call, second, third),
        libc::SYS_rt_tgsigqueueinfo => tamper::signal(snapshot, call, second, third),
        libc::SYS_io_uring_setup => tamper::ring(snapshot, call),
        libc::SYS_personality => tamper::personality(snapshot, call),
        libc::SYS_prctl => tamper::control(snapshot, call),
        libc::SYS_process_vm_writev => tamper::never(snapshot, call, "process_vm_writev"),
        libc::SYS_process_madvise => tamper::never(snapshot, call, "process_madvise"),
        libc::SYS_ptrace => tamper::never(snapshot, call, "ptrace"),
        libc::SYS_seccomp => tamper::never(snapshot, call, "seccomp"),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_modify_ldt => tamper::never(snapshot, call, "modify_ldt"),

        _ if snapshot.files.judges() => paths::change(snapshot, call),
        _ => Action::Proceed,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use gambeson_policy::{Document, EffectivePolicy};
    use serde_json::Value;

    use super::*;
    use crate::snapshot::Surroundings;

    /// The snapshot of one runtime rule.
    pub(crate) fn snapshot(rule: Value) -> Snapshot {
        with_surroundings(rule, &Surroundings::default())
    }

    pub(crate) fn with_surroundings(rule: Value, surroundings: &Surroundings) -> Snapshot {
        let runtime = serde_json::from_value(rule).unwrap();
        let document = Document { policy: EffectivePolicy { runtime, waas: None }, ..Document::default() };
        Snapshot::new(document, surroundings, 1)
    }

    /// Makes a call as the interposer would: judged, and by the kernel if the judge lets it proceed.
    pub(crate) fn make<const N: usize>(
        snapshot: &Snapshot,
        number: libc::c_long,
        arguments: [u64; N],
    ) -> i64 {
        let mut args = [0u64; 6];
        args[..N].copy_from_slice(&arguments);
        let mut call = Call { number: number as u64, args, result: 0 };
        match judge(snapshot, &mut call) {
            Action::Answered => call.result,
            // SAFETY: the tests pass memory that is as the call wants it.
            Action::Proceed => unsafe { gambeson_interpose::syscall(call.number, call.args) },
        }
    }

    pub(crate) const EACCES: i64 = -(libc::EACCES as i64);
}
