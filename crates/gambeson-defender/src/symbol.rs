//! Functions of the program that loaded this library.
//!
//! They are looked up when they are wanted: an undefined symbol would keep the library from loading elsewhere.

use std::ffi::{CStr, c_void};

/// A function of the running program, by its name.
///
/// # Safety
/// `F` must be the type of the function with this name.
pub(crate) unsafe fn symbol<F: Copy>(name: &CStr) -> Option<F> {
    const { assert!(size_of::<F>() == size_of::<*mut c_void>()) };
    // SAFETY: looking up a name has no effect.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    // SAFETY: a function pointer of the size of a pointer, by the caller's promise of this type.
    (!address.is_null()).then(|| unsafe { std::mem::transmute_copy(&address) })
}
