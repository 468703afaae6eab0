//! Reading the function's memory on the decision path: a bad pointer stays the caller's problem.
//!
//! The kernel answers `EFAULT` for a pointer it cannot read; code of ours that followed the same pointer would crash
//! the function instead. So each page is first shown to the kernel through a call that only reads it.

use gambeson_interpose::syscall;

const PAGE: usize = 4096;

/// Why a piece of the function's memory could not be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CopyError {
    /// The pointer leads to memory that cannot be read: `EFAULT`.
    Fault,
    /// There was no terminator within the room given.
    TooLong,
}

/// Copies the NUL-terminated string at `address` into `room` and returns its length without the terminator, which is
/// copied too.
pub(crate) fn copy_string(address: u64, room: &mut [u8]) -> Result<usize, CopyError> {
    let mut readable = Readable::default();
    for (length, place) in room.iter_mut().enumerate() {
        let byte = readable.byte(address.wrapping_add(length as u64)).ok_or(CopyError::Fault)?;
        *place = byte;
        if byte == 0 {
            return Ok(length);
        }
    }
    Err(CopyError::TooLong)
}

/// As [`copy_string`], for the path of a call: the negative errno that the kernel would give.
pub(crate) fn copy_path(address: u64, room: &mut [u8]) -> Result<usize, i64> {
    copy_string(address, room).map_err(|error| match error {
        CopyError::Fault => -i64::from(libc::EFAULT),
        CopyError::TooLong => -i64::from(libc::ENAMETOOLONG),
    })
}

/// Fills `room` from the memory at `address`.
pub(crate) fn copy_bytes(address: u64, room: &mut [u8]) -> Result<(), CopyError> {
    let mut readable = Readable::default();
    for (offset, place) in room.iter_mut().enumerate() {
        *place = readable.byte(address.wrapping_add(offset as u64)).ok_or(CopyError::Fault)?;
    }
    Ok(())
}

/// Fills `room` with the words at `address`.
pub(crate) fn copy_words(address: u64, room: &mut [u64]) -> Result<(), CopyError> {
    let mut readable = Readable::default();
    for (index, place) in room.iter_mut().enumerate() {
        *place = readable.word(address.wrapping_add(index as u64 * 8)).ok_or(CopyError::Fault)?;
    }
    Ok(())
}

/// Writes `value` into the eight bytes at `address`, all of which must be the caller's to lose.
pub(crate) fn write_word(address: u64, value: u64) -> Result<(), CopyError> {
    // To the call below, no room is a wish not to be told.
    if address == 0 {
        return Err(CopyError::Fault);
    }
    // The kernel shows that they can be written to by doing so: it puts the mask of blocked signals there.
    // SAFETY: without a new set the call changes nothing but those eight bytes.
    let answer = unsafe {
        let arguments = [libc::SIG_BLOCK as u64, 0, address, size_of::<u64>() as u64, 0, 0];
        syscall(libc::SYS_rt_sigprocmask as u64, arguments)
    };
    if answer != 0 {
        return Err(CopyError::Fault);
    }
    // SAFETY: the kernel has just written there. As for reading, another thread of the function may unmap it in between.
    unsafe { (address as *mut u64).write_unaligned(value) };
    Ok(())
}

/// The pointers of a NULL-terminated vector such as `argv`. Ends at the first NULL or at the first that cannot be
/// read, which `faulted` tells apart.
pub(crate) struct Pointers {
    next: u64,
    readable: Readable,
    pub(crate) faulted: bool,
}

impl Pointers {
    /// Starts at `address`; NULL is an empty vector, as it is for the kernel.
    pub(crate) fn new(address: u64) -> Self {
        Self { next: address, readable: Readable::default(), faulted: false }
    }
}

impl Iterator for Pointers {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        if self.next == 0 || self.faulted {
            return None;
        }
        match self.readable.word(self.next) {
            Some(0) => {
                self.next = 0;
                None
            }
            Some(pointer) => {
                self.next = self.next.wrapping_add(8);
                Some(pointer)
            }
            None => {
                self.faulted = true;
                None
            }
        }
    }
}

/// Remembers the page that was last found readable, so that a string costs one question a page.
#[derive(Default)]
pub(crate) struct Readable {
    page: u64,
}

impl Readable {
    /// The byte at `address`, if it can be read.
    pub(crate) fn byte(&mut self, address: u64) -> Option<u8> {
        if !self.covers(address) {
            return None;
        }
        // SAFETY: the kernel has just read from this page. Another thread of the function may unmap it in between,
        // which would crash it in its own code as well; volatile because that thread may also write.
        Some(unsafe { (address as *const u8).read_volatile() })
    }

    fn word(&mut self, address: u64) -> Option<u64> {
        if !self.covers(address) || !self.covers(address.wrapping_add(7)) {
            return None;
        }
        // SAFETY: as in `byte`, for each page that the eight bytes lie in; `argv` need not be aligned.
        Some(unsafe { (address as *const u64).read_unaligned() })
    }

    fn covers(&mut self, address: u64) -> bool {
        let page = address & !(PAGE as u64 - 1);
        if page == self.page && page != 0 {
            return true;
        }
        if page == 0 || !kernel_can_read(page) {
            return false;
        }
        self.page = page;
        true
    }
}

/// Whether the kernel can read eight bytes at `address`. `rt_sigprocmask` copies the new set in before it looks at
/// `how`, so with a `how` that does not exist it answers `EFAULT` or `EINVAL` and changes nothing.
fn kernel_can_read(address: u64) -> bool {
    const NO_SUCH_HOW: u64 = 0xffff;
    // SAFETY: the call has no effect, see above.
    let answer = unsafe {
        syscall(
            libc::SYS_rt_sigprocmask as u64,
            [NO_SUCH_HOW, address, 0, core::mem::size_of::<u64>() as u64, 0, 0],
        )
    };
    answer != -i64::from(libc::EFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_copied_with_their_terminator() {
        let text = c"/usr/bin/id";
        let mut room = [0xffu8; 32];
        let length = copy_string(text.as_ptr() as u64, &mut room).unwrap();
        assert_eq!(&room[..=length], text.to_bytes_with_nul());
    }

    #[test]
    fn a_string_without_end_is_too_long() {
        let text = c"0123456789";
        let mut room = [0u8; 10];
        assert_eq!(copy_string(text.as_ptr() as u64, &mut room), Err(CopyError::TooLong));
    }

    #[test]
    fn bad_pointers_fault_as_the_kernel_says() {
        let mut room = [0u8; 8];
        for address in [0, 1, 4096, 0x7fff_ffff_f000, u64::MAX - 2, 0xffff_8000_0000_0000] {
            assert_eq!(copy_string(address, &mut room), Err(CopyError::Fault), "{address:#x}");
        }
    }

    #[test]
    fn a_string_that_runs_into_an_unmapped_page_faults() {
        // SAFETY: a private mapping of two pages of our own, the second of which is given back.
        let start = unsafe {
            let start = libc::mmap(
                core::ptr::null_mut(),
                2 * PAGE,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            );
            assert_ne!(start, libc::MAP_FAILED);
            core::ptr::write_bytes(start.cast::<u8>(), b'a', PAGE);
            assert_eq!(libc::munmap(start.byte_add(PAGE), PAGE), 0);
            start as u64
        };
        let mut room = [0u8; 64];
        assert_eq!(copy_string(start + PAGE as u64 - 10, &mut room), Err(CopyError::Fault));
        let mut pointers = Pointers::new(start + PAGE as u64 - 16);
        assert_eq!(pointers.by_ref().count(), 2);
        assert!(pointers.faulted);
    }

    #[test]
    fn words_are_copied_and_written_where_the_kernel_could() {
        let mut words = [7u64, 8, 9];
        let mut room = [0u64; 2];
        assert_eq!(copy_words(words.as_ptr() as u64 + 8, &mut room), Ok(()));
        assert_eq!(room, [8, 9]);
        assert_eq!(write_word(words.as_mut_ptr() as u64 + 8, 1), Ok(()));
        assert_eq!(words, [7, 1, 9]);
        let mut bytes = [0u8; 3];
        assert_eq!(copy_bytes(c"abc".as_ptr() as u64, &mut bytes), Ok(()));
        assert_eq!(&bytes, b"abc");
        let constant: &'static str = "this text cannot be written to";
        for bad in [0, 4096, constant.as_ptr() as u64] {
            assert_eq!(write_word(bad, 1), Err(CopyError::Fault), "{bad:#x}");
        }
        assert_eq!(copy_bytes(4096, &mut bytes), Err(CopyError::Fault));
        assert_eq!(copy_words(0, &mut room), Err(CopyError::Fault));
    }

    #[test]
    fn a_vector_ends_at_null() {
        let vector = [1u64, 2, 3, 0, 4];
        let mut pointers = Pointers::new(vector.as_ptr() as u64);
        assert_eq!(pointers.by_ref().collect::<Vec<_>>(), [1, 2, 3]);
        assert!(!pointers.faulted);
        assert_eq!(Pointers::new(0).count(), 0);
    }
}
