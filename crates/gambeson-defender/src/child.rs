//! Children: programs that the policy allows load this library through `LD_PRELOAD`, before anything of theirs runs.

use std::ffi::CStr;

use crate::decide::carry::STATE;

/// Called by the dynamic loader when this library is loaded, also when a shim loads it; only in a child does the
/// environment name the parent's memory.
extern "C" fn on_load() {
    // SAFETY: the loader runs this before the program's own threads exist; nobody changes the environment meanwhile.
    let state = unsafe {
        let value = libc::getenv(STATE.as_ptr());
        if value.is_null() {
            return;
        }
        CStr::from_ptr(value)
    };
    // There is nobody to tell: the parent's policy let this program run, and it runs without one of its own.
    let _failed = std::panic::catch_unwind(|| crate::start::start_in_child(state));
}

#[used]
#[unsafe(link_section = ".init_array")]
static ON_LOAD: extern "C" fn() = on_load;
