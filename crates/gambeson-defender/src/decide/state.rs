//! Where the decision path finds the shared memory.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

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
