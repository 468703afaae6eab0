//! A system call on its way to the kernel, and what a handler may do with it.

/// A system call as the caller made it: the registers, nothing else.
///
/// Pointers among the arguments are the caller's: they may be wrong, and another thread may change what they point to
/// between a look and the kernel's own look. A handler that judges memory makes the call itself, with its own copy, and
/// returns [`Action::Answered`].
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// What the caller put into the number register. Bit 30 marks the x32 ABI.
    pub number: u64,
    /// The six argument registers, in the kernel's order.
    pub args: [u64; 6],
    /// What the caller gets back with [`Action::Answered`]: a value, or `-errno` between -4095 and -1.
    pub result: i64,
}

impl Call {
    /// The call's errors are `-errno`; this makes one.
    pub fn fail(&mut self, errno: i32) -> Action {
        self.result = -i64::from(errno);
        Action::Answered
    }

    /// The call is answered with `value`, and the kernel is not asked.
    pub fn answer(&mut self, value: i64) -> Action {
        self.result = value;
        Action::Answered
    }
}

/// What becomes of a call after the handler has seen it.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The kernel is asked, with the number and the arguments as the handler left them. The caller's own registers come
    /// back unchanged either way. `vfork`, `clone` with a new stack and `rt_sigreturn` cannot be edited, only let through.
    Proceed = 0,
    /// The caller gets [`Call::result`].
    Answered = 1,
}

/// Decides about a call, in place of the kernel.
///
/// # Safety
/// It runs wherever a system call may be made: in signal handlers, in a vforked child on its parent's stack, while the
/// caller holds any lock, on stacks of 32 KiB. So it must be async-signal-safe: no allocation, no locks, no thread-local
/// destructors, no panic, errno untouched, little stack. It makes its own system calls by [`crate::syscall`] only: one made
/// through the C library would come back to the handler. Vector registers are saved around it.
pub type Handler = unsafe extern "C" fn(*mut Call) -> Action;

/// A number that no kernel has. The handler gets a call with it when code was mapped from a file and holds a system call that
/// could not be taken over; the arguments are those of `mmap`. With [`Action::Proceed`] the mapping stays; answered, it is
/// undone and the caller gets the answer.
pub const UNSEEN: u64 = 0xfffd;

/// Which calls are of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interest {
    /// The number of the system call.
    pub number: u32,
    /// If there is one, the call goes to the handler only if one of its arguments has a bit in common with a mask: opening a
    /// file to write is of interest, opening it to read is not. It costs a fraction of asking the handler.
    pub only_if: Option<Bits>,
}

/// Bits of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bits {
    /// Which argument, 0 to 5.
    pub argument: u8,
    /// The bits, of which one must be set.
    pub mask: u32,
}

impl Interest {
    /// Every call with this number.
    pub const fn every(number: u32) -> Self {
        Self { number, only_if: None }
    }

    /// Calls with this number whose `argument` has a bit of `mask`.
    pub const fn with_bits(number: u32, argument: u8, mask: u32) -> Self {
        Self { number, only_if: Some(Bits { argument, mask }) }
    }
}
