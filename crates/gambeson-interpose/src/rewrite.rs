//! Takes over the system calls of one piece of code: find, plan, build, seal, exchange, look again. What the plan looks like
//! depends on the instruction set, the rest does not.

use std::ffi::CStr;
use std::ops::Range;

use crate::arch::{self, LONGEST_EDIT};
use crate::kernel::{self, File, PAGE, READ, WRITE};
use crate::table::Table;

/// An executable mapping of a file.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(crate) start: usize,
    pub(crate) len: usize,
    /// Where in the file it starts.
    pub(crate) offset: usize,
    pub(crate) prot: i32,
    pub(crate) path: &'a [u8],
}

/// How the bytes get into place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// A changed copy of the pages is put in their place in one step, while other threads run them.
    Exchange,
    /// They are written where they are: nobody runs them yet.
    InPlace,
}

/// The system calls of a text, found and not yet looked at.
pub(crate) struct Found(Table<u32>);

/// The bytes to change in a text.
pub(crate) struct Rewrite {
    edits: Table<Edit>,
    sites: usize,
}

/// Bytes to write at an address of the text.
#[derive(Clone, Copy)]
pub(crate) struct Edit {
    pub(crate) at: usize,
    pub(crate) bytes: [u8; LONGEST_EDIT],
    pub(crate) len: usize,
}

// More than any object has that was seen; Debian's libc 2.31 has 704.
const MAX_FOUND: usize = 1 << 16;

impl Text<'_> {
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: mapped readable, as its maker looked up; its bytes change only in `apply`, when no slice is around.
        unsafe { std::slice::from_raw_parts(self.start as *const u8, self.len) }
    }

    /// The places in it where the bytes of a system call stand; `None` if there are none.
    pub(crate) fn system_calls(&self) -> Result<Option<Found>, i32> {
        let mut found = Table::new(MAX_FOUND)?;
        arch::system_calls(self.bytes(), &mut found);
        Ok((!found.is_empty()).then_some(Found(found)))
    }

    /// As [`Self::system_calls`], for the ways into the kernel that 32-bit code uses.
    pub(crate) fn older_gates(&self) -> Result<Option<Found>, i32> {
        let mut found = Table::new(MAX_FOUND)?;
        arch::older_gates(self.bytes(), &mut found);
        Ok((!found.is_empty()).then_some(Found(found)))
    }

    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.start + self.len
    }
}

impl Found {
    pub(crate) fn offsets(&self) -> &[u32] {
        &self.0
    }
}

impl Rewrite {
    /// How many system calls it takes over.
    pub(crate) fn sites(&self) -> usize {
        self.sites
    }

    /// No change, with room for those of `found`.
    pub(crate) fn new(found: &Found) -> Result<Self, i32> {
        Ok(Self { edits: Table::new(found.offsets().len() * 2)?, sites: 0 })
    }

    /// Adds what takes over one system call; false if there is no room.
    #[must_use]
    pub(crate) fn add(&mut self, edits: &[Edit]) -> bool {
        let added = edits.iter().all(|edit| self.edits.push(*edit));
        self.sites += usize::from(added);
        added
    }

    /// The bytes from the first that it changes to the last.
    pub(crate) fn extent(&self) -> Option<Range<usize>> {
        let start = self.edits.iter().map(|edit| edit.at).min()?;
        let end = self.edits.iter().map(|edit| edit.at + edit.len).max()?;
        Some(start..end)
    }

    /// Brings the bytes into the text. The pool must have been sealed.
    pub(crate) fn apply(&self, text: &Text<'_>, way: Way) -> Result<(), i32> {
        let Some(span) = self.span() else { return Ok(()) };
        match way {
            Way::InPlace => {
                // SAFETY: a mapping that its maker has not got yet, so nobody executes it.
                unsafe {
                    kernel::protect(span.start, span.len(), READ | WRITE)?;
                    self.write(0);
                    arch::synchronise(&span);
                    kernel::protect(span.start, span.len(), text.prot)
                }
            }
            Way::Exchange => {
                let copy = copy_of(text, &span)?;
                // SAFETY: the copy is ours until it is put in place, and then does what the text did: every program counter
                // that a thread may have is still the start of an instruction, see the module's head.
                let outcome = unsafe {
                    self.write(copy.wrapping_sub(span.start));
                    arch::synchronise(&(copy..copy + span.len()));
                    kernel::protect(copy, span.len(), text.prot)
                        .and_then(|()| kernel::replace(copy, span.start, span.len()))
                };
                if outcome.is_err() {
                    // SAFETY: a copy that nobody has seen.
                    unsafe { kernel::unmap(copy, span.len()) };
                }
                arch::synchronise(&span);
                outcome
            }
        }
    }

    /// Whether the text now has every byte that was to be written, so no bare system call where one was taken over.
    pub(crate) fn holds(&self) -> bool {
        self.edits.iter().all(|edit| {
            // SAFETY: within the text.
            let bytes = unsafe { std::slice::from_raw_parts(edit.at as *const u8, edit.len) };
            bytes == &edit.bytes[..edit.len]
        })
    }

    /// The pages that change.
    fn span(&self) -> Option<Range<usize>> {
        let start = self.edits.iter().map(|edit| edit.at).min()?;
        let end = self.edits.iter().map(|edit| edit.at + edit.len).max()?;
        Some(start & !(PAGE - 1)..end.next_multiple_of(PAGE))
    }

    /// # Safety
    /// The text, moved by `distance`, must be writable and not executed.
    unsafe fn write(&self, distance: usize) {
        for edit in self.edits.iter() {
            let to = edit.at.wrapping_add(distance) as *mut u8;
            // SAFETY: the caller's promise.
            unsafe { std::ptr::copy_nonoverlapping(edit.bytes.as_ptr(), to, edit.len) };
        }
    }
}

/// A writable copy of part of a text: a private view of its file, so that the memory map goes on to name it (profilers and
/// crash reports look there), or, if the bytes in memory are not the file's, a plain copy.
fn copy_of(text: &Text<'_>, span: &Range<usize>) -> Result<usize, i32> {
    let live = &text.bytes()[span.start - text.start..][..span.len()];
    if let Some(copy) = view_of_file(text, span) {
        // SAFETY: just mapped with that length; the file had the size for it.
        if unsafe { std::slice::from_raw_parts(copy as *const u8, span.len()) } == live {
            return Ok(copy);
        }
        // SAFETY: ours, and no longer looked at.
        unsafe { kernel::unmap(copy, span.len()) };
    }
    let copy = kernel::map_anonymous(0, span.len())?;
    // SAFETY: just mapped with that length.
    unsafe { std::ptr::copy_nonoverlapping(live.as_ptr(), copy as *mut u8, span.len()) };
    Ok(copy)
}

fn view_of_file(text: &Text<'_>, span: &Range<usize>) -> Option<usize> {
    let mut path = [0; libc::PATH_MAX as usize];
    path.get_mut(..text.path.len())?.copy_from_slice(text.path);
    let file = File::open(CStr::from_bytes_until_nul(&path).ok()?).ok()?;
    let offset = text.offset + (span.start - text.start);
    let size = kernel::file_size(file.fd())?;
    if size.next_multiple_of(PAGE) < offset + span.len() {
        return None;
    }
    kernel::map_file(file.fd(), offset, span.len(), READ | WRITE).ok()
}
