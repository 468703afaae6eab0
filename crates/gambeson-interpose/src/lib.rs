#![doc = include_str!("../README.md")]

mod call;
mod report;

pub use call::{Action, Bits, Call, Handler, Interest, UNSEEN};
pub use report::{Later, Libc, Object, Reason, Refused, Report, StartError};

/// Declares what works on supported machines only.
macro_rules! supported {
    ($($item:item)*) => {
        $(#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))] $item)*
    };
}

supported! {
    #[cfg_attr(target_arch = "x86_64", path = "x86_64/mod.rs")]
    #[cfg_attr(target_arch = "aarch64", path = "aarch64/mod.rs")]
    mod arch;
    mod cancel;
    mod dispatch;
    mod elf;
    mod kernel;
    mod later;
    mod maps;
    mod plan;
    mod pool;
    mod ranges;
    mod rewrite;
    mod start;
    mod table;

    pub use dispatch::set_interest;
    pub use kernel::syscall;
    pub use later::later;
    pub use maps::is_from_file;
    pub use ranges::{forget, must_stay, protect, protects};
    pub use start::start;
}

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod unsupported;
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub use unsupported::{forget, later, must_stay, protect, protects, set_interest, start, syscall};
