//! Objects that are mapped after the start, by `dlopen`: taken over before the loader gets them to run.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::call::Call;
use crate::elf::Image;
use crate::kernel::{self, EXEC, READ};
use crate::plan::plan;
use crate::pool::Pools;
use crate::ranges;
use crate::report::Later;
use crate::rewrite::{Text, Way};
use crate::start::MAX_CODE;

/// What was done so far about objects mapped later.
pub fn later() -> Later {
    Later {
        objects: OBJECTS.load(Ordering::Relaxed),
        patched: PATCHED.load(Ordering::Relaxed),
        refused: REFUSED.load(Ordering::Relaxed),
    }
}

static OBJECTS: AtomicUsize = AtomicUsize::new(0);
static PATCHED: AtomicUsize = AtomicUsize::new(0);
static REFUSED: AtomicUsize = AtomicUsize::new(0);

/// Whether this call maps code from a file. Memory that is not a file's is the business of just-in-time compilers; a shared
/// mapping cannot be changed without changing the file.
pub(crate) fn concerns(call: &Call) -> bool {
    let [_, _, prot, flags, fd, _] = call.args;
    let flags = flags as i32;
    call.number == libc::SYS_mmap as u64
        && prot as i32 & EXEC != 0
        && flags & libc::MAP_ANONYMOUS == 0
        && flags & libc::MAP_TYPE == libc::MAP_PRIVATE
        && fd as i32 >= 0
}

/// Makes the call, and takes over what it mapped.
pub(crate) fn map(call: &Call) -> i64 {
    // SAFETY: the caller's call, as it is.
    let result = unsafe { kernel::syscall(call.number, call.args) };
    if !(-4095..0).contains(&result) {
        let [_, len, prot, _, fd, offset] = call.args;
        OBJECTS.fetch_add(1, Ordering::Relaxed);
        take_over(result as usize, len as usize, prot as i32, fd as i32, offset as usize);
    }
    result
}

fn take_over(start: usize, len: usize, prot: i32, fd: i32, offset: usize) {
    let Some(size) = kernel::file_size(fd) else { return };
    // Pages wholly behind the end of the file cannot be read.
    let len = len.min(size.saturating_sub(offset)).next_multiple_of(kernel::PAGE);
    if prot & READ == 0 || len == 0 || len > MAX_CODE {
        return;
    }
    let text = Text { start, len, offset, prot, path: b"" };
    let Ok(Some(found)) = text.system_calls() else { return };
    let Ok(view) = kernel::map_file(fd, 0, size, READ) else {
        REFUSED.fetch_add(found.offsets().len(), Ordering::Relaxed);
        return;
    };
    // SAFETY: just mapped with that length.
    let file = unsafe { std::slice::from_raw_parts(view as *const u8, size) };
    let mut refused = 0;
    let mut patch = || -> Result<(usize, Option<std::ops::Range<usize>>), i32> {
        let mut pools = Pools::new()?;
        let image = Image::in_file(file);
        let rewrite =
            plan(&text, &found, image.as_ref(), &mut pools, &mut None, &mut |_, _| refused += 1)?;
        pools.seal(ranges::protect)?;
        rewrite.apply(&text, Way::InPlace)?;
        Ok((rewrite.sites(), rewrite.extent()))
    };
    match patch() {
        Ok((sites, extent)) => {
            PATCHED.fetch_add(sites, Ordering::Relaxed);
            REFUSED.fetch_add(refused, Ordering::Relaxed);
            // Only as far as it was changed: of older libraries the first mapping reaches over what the loader then maps anew.
            extent.into_iter().for_each(ranges::add_unmappable);
        }
        Err(_) => drop(REFUSED.fetch_add(found.offsets().len(), Ordering::Relaxed)),
    }
    // SAFETY: ours, and no longer looked at.
    unsafe { kernel::unmap(view, size) };
}
