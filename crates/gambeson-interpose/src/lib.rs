#![doc = include_str!("../README.md")]

mod call;
mod report;

pub use call::{Action, Bits, Call, Handler, Interest};
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
    pub use ranges::{forget, must_stay, protect, protects};
    pub use start::start;
}

// aarch64 will get a folder beside `x86_64`: its `svc #0` is as long as its jump, so a site needs no landing.
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
mod unsupported;
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
pub use unsupported::{forget, later, must_stay, protect, protects, set_interest, start, syscall};
