//! The C ABI, for the shims. No panic leaves it, and no call does harm after the first failure.

use std::ffi::{CStr, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use crate::invocation::{self, Verdict};
use crate::start::{self, Status};

/// A text given to the shim, to be returned with [`defender_free`].
#[repr(C)]
#[derive(Debug)]
pub struct DefenderOut {
    /// UTF-8 JSON, not terminated; null if there is none.
    pub data: *mut u8,
    /// Length in bytes.
    pub len: usize,
}

/// The handler runs with the event as it is.
pub const ALLOW: c_int = 0;
/// The handler does not run; the response is in `out`.
pub const PREVENT: c_int = 1;
/// Call again with the event's JSON.
pub const EVENT_WANTED: c_int = 2;
/// The handler runs with the event in `out`.
pub const REPLACED: c_int = 3;

/// Starts the Defender: 0 it protects, 1 it is disabled and has said so in the log, 2 the function must not run
/// (`TW_FAIL_CLOSED`).
///
/// # Safety
/// Both arguments are NUL-terminated strings, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn defender_start(runtime: *const c_char, version: *const c_char) -> c_int {
    // SAFETY: the caller's promise.
    let (runtime, version) = unsafe { (text_of(runtime), text_of(version)) };
    catch_unwind(|| start::start(&runtime, &version)).unwrap_or(Status::Disabled) as c_int
}

/// An invocation begins. `event` is null if it has not been written as JSON yet; `context` is
/// `{"requestId","functionName","invokedFunctionArn","deadlineMs"}`.
///
/// # Safety
/// `event` and `context` are null or as long as said; `out` is null or a place for a [`DefenderOut`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn defender_begin(
    event: *const u8,
    len: usize,
    context: *const u8,
    context_len: usize,
    out: *mut DefenderOut,
) -> c_int {
    // SAFETY: the caller's promise.
    let (event, context) = unsafe {
        give(out, None);
        (bytes_of(event, len), bytes_of(context, context_len))
    };
    let verdict = catch_unwind(AssertUnwindSafe(|| invocation::begin(event, context.unwrap_or_default())));
    let (verdict, text) = match verdict {
        Ok(Verdict::Allow) | Err(_) => (ALLOW, None),
        Ok(Verdict::Prevent(response)) => (PREVENT, Some(response)),
        Ok(Verdict::EventWanted) => (EVENT_WANTED, None),
        Ok(Verdict::Replaced(event)) => (REPLACED, Some(event)),
    };
    // SAFETY: the caller's promise.
    unsafe { give(out, text) };
    verdict
}

/// An invocation ends: its audits are in the log and, if the Console takes them within a second, there.
///
/// # Safety
/// `out` is null or a place for a [`DefenderOut`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn defender_end(out: *mut DefenderOut) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { give(out, None) };
    match catch_unwind(invocation::end) {
        Ok(()) => 0,
        Err(_) => 1,
    }
}

/// Frees what a call put into `out`.
///
/// # Safety
/// `out` is null, or was filled by a function of this library and not freed since.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn defender_free(out: *mut DefenderOut) {
    // SAFETY: the caller's promise; the text was leaked from a boxed slice of this length.
    unsafe {
        let Some(out) = out.as_mut() else { return };
        if !out.data.is_null() {
            drop(Box::from_raw(ptr::slice_from_raw_parts_mut(out.data, out.len)));
        }
        *out = DefenderOut { data: ptr::null_mut(), len: 0 };
    }
}

/// # Safety
/// `pointer` is null or a NUL-terminated string.
unsafe fn text_of(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

/// # Safety
/// `pointer` is null or leads to `length` bytes that live as long as the call.
unsafe fn bytes_of<'a>(pointer: *const u8, length: usize) -> Option<&'a [u8]> {
    if pointer.is_null() || isize::try_from(length).is_err() {
        return None;
    }
    // SAFETY: the caller's promise, with a length that a slice may have.
    Some(unsafe { std::slice::from_raw_parts(pointer, length) })
}

/// # Safety
/// `out` is null or writable.
unsafe fn give(out: *mut DefenderOut, text: Option<String>) {
    if out.is_null() {
        return;
    }
    let (data, len) = match text {
        None => (ptr::null_mut(), 0),
        Some(text) => {
            let bytes = text.into_bytes().into_boxed_slice();
            let len = bytes.len();
            (Box::into_raw(bytes).cast(), len)
        }
    };
    // SAFETY: the caller's promise.
    unsafe { out.write(DefenderOut { data, len }) };
}
