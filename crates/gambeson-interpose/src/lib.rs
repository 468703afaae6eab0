//! Takes over system calls at the places where the C library makes them.
//!
//! [`start`] replaces every system-call instruction of the process by a jump. From then on a [`Handler`] decides about the
//! calls whose numbers are of interest ([`set_interest`]): it lets them proceed, changed or not, or answers in the kernel's
//! place. Nothing privileged is needed: no seccomp, no ptrace, no namespaces; just `mprotect` and `mremap`.
//!
//! # What holds
//! - The caller cannot tell an interposed call from a system call: all registers but the result, flags, vector registers,
//!   the red zone and `errno` are as the kernel would leave them. Calls that no one is interested in run on nothing but rcx
//!   and r11, which a system call destroys, so those that switch or drop the stack (`clone`, `vfork`, `rt_sigreturn`) pass.
//! - Other threads may run the code while it changes. The pages are exchanged as a whole, by one `mremap`, and every address
//!   at which a thread can be, or to which the kernel can send it back to restart a call, is an instruction before and after.
//! - Nothing is ever writable and executable at once.
//! - Instructions are told from data by decoding from the starts of functions, which the unwind table gives.
//! - After the start nothing of this crate allocates through `malloc`, takes a lock, or touches `errno`.
//!
//! # What does not
//! - Machine code written into anonymous executable memory has its own system calls. So may an object larger than 16 MiB of
//!   code, and bytes in the middle of other instructions that are jumped into on purpose.
//! - A profiler that samples a thread inside a stub finds no function there.
//! - A thread that is cancelled (`pthread_cancel`) during the few nanoseconds in which the handler judges its call may make
//!   that call before it is cancelled.

mod call;
mod report;

pub use call::{Action, Call, Handler};
pub use report::{Later, Libc, Object, Reason, Refused, Report, StartError};

/// Declares what works on supported machines only.
macro_rules! supported {
    ($($item:item)*) => {
        $(#[cfg(all(target_os = "linux", target_arch = "x86_64"))] $item)*
    };
}

supported! {
    #[path = "x86_64/mod.rs"]
    mod arch;
    mod dispatch;
    mod elf;
    mod kernel;
    mod later;
    mod maps;
    mod ranges;
    mod start;
    mod table;

    pub use dispatch::set_interest;
    pub use kernel::syscall;
    pub use later::later;
    pub use ranges::protects;
    pub use start::start;
}

// aarch64 will get a folder beside `x86_64`: its `svc #0` is as long as its jump, so a site needs no landing.
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
mod unsupported;
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
pub use unsupported::{later, protects, set_interest, start, syscall};
