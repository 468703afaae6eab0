//! Objects that are mapped after the start, by `dlopen`: taken over before the loader gets them to run.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::arch;
use crate::call::{Action, Call, UNSEEN};
use crate::elf::Image;
use crate::kernel::{self, EXEC, READ};
use crate::plan::plan;
use crate::pool::Pools;
use crate::ranges;
use crate::report::{Later, Reason};
use crate::rewrite::{Found, Text, Way};
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

/// Whether this call maps code from a file. Memory that is not a file's is the business of just-in-time compilers.
pub(crate) fn concerns(call: &Call) -> bool {
    let [_, _, prot, flags, fd, _] = call.args;
    call.number == libc::SYS_mmap as u64
        && prot as i32 & EXEC != 0
        && flags as i32 & libc::MAP_ANONYMOUS == 0
        && fd as i32 >= 0
}

/// Makes the call, and takes over what it mapped. If that cannot be done with all of it, `keep` decides whether it stays.
pub(crate) fn map(call: &Call, keep: impl FnOnce(&mut Call) -> Action) -> i64 {
    let [address, len, prot, flags, fd, offset] = call.args;
    // Code that cannot be read cannot be searched. What is shared with its file cannot be changed; of a file that nobody can
    // write to, a private mapping is the same.
    let prot = prot as i32 | READ;
    let shared = flags as i32 & libc::MAP_TYPE != libc::MAP_PRIVATE;
    let stays_shared = shared && !kernel::is_on_read_only(fd as i32);
    let flags = match shared && !stays_shared {
        true => flags as i32 & !libc::MAP_TYPE | libc::MAP_PRIVATE,
        false => flags as i32,
    };
    // SAFETY: the caller's call, as it is but for what is said above.
    let result =
        unsafe { kernel::syscall(call.number, [address, len, prot as u64, flags as u64, fd, offset]) };
    if (-4095..0).contains(&result) {
        return result;
    }
    OBJECTS.fetch_add(1, Ordering::Relaxed);
    let taken = !stays_shared && take_over(result as usize, len as usize, prot, fd as i32, offset as usize);
    let mut question = Call { number: UNSEEN, args: call.args, result: 0 };
    if taken || keep(&mut question) == Action::Proceed {
        return result;
    }
    // SAFETY: just mapped, and nobody has been told.
    unsafe { kernel::unmap(result as usize, (len as usize).next_multiple_of(kernel::PAGE)) };
    question.result
}

/// Whether there is now no system call in the mapping that is not taken over.
fn take_over(start: usize, len: usize, prot: i32, fd: i32, offset: usize) -> bool {
    let Some(size) = kernel::file_size(fd) else { return false };
    // Pages wholly behind the end of the file cannot be read.
    let len = len.min(size.saturating_sub(offset)).next_multiple_of(kernel::PAGE);
    // What the function was deployed with, nobody can have put there since: it may be too large to be read, and what cannot be
    // taken over of it is no attack.
    let deployed = kernel::is_on_read_only(fd);
    if len == 0 || (len > MAX_CODE && deployed) {
        return true;
    }
    // A file that can still be written to would change what was searched.
    if !deployed && kernel::copy_pages(start, len, prot).is_err() {
        return false;
    }
    let text = Text { start, len, offset, prot, path: b"" };
    let Ok(found) = text.system_calls() else { return false };
    let Ok(gates) = text.older_gates() else { return false };
    if found.is_none() && gates.is_none() {
        return true;
    }
    let Ok(view) = kernel::map_file(fd, 0, size, READ) else { return false };
    // SAFETY: just mapped with that length.
    let file = unsafe { std::slice::from_raw_parts(view as *const u8, size) };
    let image = Image::in_file(file);
    let gate = gates.map_or(Some(false), |gates| arch::holds_gate(&text, &gates, image.as_ref()));
    let taken = found.is_none_or(|found| patch(&text, &found, image.as_ref()));
    // SAFETY: ours, and no longer looked at.
    unsafe { kernel::unmap(view, size) };
    match gate {
        // No compiler of this architecture writes one.
        Some(true) => false,
        Some(false) => taken || deployed,
        None => deployed,
    }
}

/// Whether all that was found is taken over, but for returns from signal handlers, which stay on purpose.
fn patch(text: &Text<'_>, found: &Found, image: Option<&Image>) -> bool {
    let mut left = 0;
    let mut on_purpose = 0;
    let mut patch = || -> Result<(), i32> {
        let mut pools = Pools::new()?;
        let mut refused = |_, reason| match reason {
            Reason::SignalReturn => on_purpose += 1,
            _ => left += 1,
        };
        let rewrite = plan(text, found, image, &mut pools, &mut None, &mut refused)?;
        pools.seal(ranges::protect)?;
        rewrite.apply(text, Way::InPlace)?;
        PATCHED.fetch_add(rewrite.sites(), Ordering::Relaxed);
        // Only as far as it was changed: of older libraries the first mapping reaches over what the loader then maps anew.
        rewrite.extent().into_iter().for_each(ranges::add_unmappable);
        Ok(())
    };
    let patched = patch().is_ok();
    REFUSED.fetch_add(if patched { left + on_purpose } else { found.offsets().len() }, Ordering::Relaxed);
    patched && left == 0
}
