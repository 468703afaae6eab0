//! What the decision path must know of the Defender itself: its shared memory, its threads, its descriptors.

use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use super::kernel;
use crate::shared::Shared;

static SHARED: AtomicPtr<Shared> = AtomicPtr::new(ptr::null_mut());

/// The shared memory, once the Defender has started.
pub(crate) fn shared() -> Option<&'static Shared> {
    // SAFETY: null or a mapping that lives for ever.
    unsafe { SHARED.load(Ordering::Acquire).as_ref() }
}

/// Makes `memory` the one that audits go to.
pub(crate) fn set_shared(memory: &'static Shared) {
    SHARED.store(ptr::from_ref(memory).cast_mut(), Ordering::Release);
}

/// Threads of the Defender's own: the reporter and the one that speaks to the Console.
static THREADS: [AtomicU32; 4] = [const { AtomicU32::new(0) }; 4];

/// Makes the calling thread one of the Defender's.
pub(crate) fn add_own_thread() {
    let id = kernel::thread_id();
    let place = THREADS
        .iter()
        .find(|place| place.compare_exchange(0, id, Ordering::Relaxed, Ordering::Relaxed).is_ok());
    debug_assert!(place.is_some(), "more threads than there are places");
}

/// Whether `thread` is one of the Defender's.
pub(crate) fn is_thread_of_ours(thread: u32) -> bool {
    thread != 0 && THREADS.iter().any(|place| place.load(Ordering::Relaxed) == thread)
}

/// Whether the calling thread is one of the Defender's.
pub(crate) fn is_own_thread() -> bool {
    is_thread_of_ours(kernel::thread_id())
}

/// The first number of the Defender's descriptors, and the first that is none of them. Above the low numbers that programs
/// count on, but below 64: the kernel's first table of descriptors has room for so many, and to make a larger one for a
/// process with threads (Node) it waits for every processor, 10 to 20 ms.
pub(crate) const DESCRIPTORS: core::ops::Range<i32> = 48..64;

static OWN_DESCRIPTORS: [AtomicU32; 4] = [const { AtomicU32::new(0) }; 4];
/// The process whose descriptors they are: a forked child has its own.
static OWNER: AtomicU32 = AtomicU32::new(0);

/// Makes `descriptor` one of the Defender's.
pub(crate) fn add_own_descriptor(descriptor: i32) {
    OWNER.store(kernel::process_id(), Ordering::Relaxed);
    let Ok(mark) = u32::try_from(descriptor.wrapping_add(1)) else { return };
    let _place = OWN_DESCRIPTORS
        .iter()
        .find(|place| place.compare_exchange(0, mark, Ordering::Relaxed, Ordering::Relaxed).is_ok());
}

/// Whether this is one of the Defender's descriptors in this process.
pub(crate) fn is_own_descriptor(descriptor: u64) -> bool {
    let mark = (descriptor as u32).wrapping_add(1);
    OWN_DESCRIPTORS.iter().any(|place| place.load(Ordering::Relaxed) == mark)
        && OWNER.load(Ordering::Relaxed) == kernel::process_id()
}
