//! A library for the tests that run inside CPython and Node: takes the process over when it is told to, and refuses programs.

use std::ffi::c_void;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use gambeson_interpose::{Action, Call, Interest};

static ERROR: AtomicI32 = AtomicI32::new(libc::EACCES);
static SEEN: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C" fn judge(call: *mut Call) -> Action {
    // SAFETY: the dispatcher's, for as long as this runs.
    let call = unsafe { &mut *call };
    if call.number != libc::SYS_execve as u64 && call.number != libc::SYS_execveat as u64 {
        return Action::Proceed;
    }
    SEEN.fetch_add(1, Ordering::Relaxed);
    match ERROR.load(Ordering::Relaxed) {
        0 => Action::Proceed,
        errno => call.fail(errno),
    }
}

/// Takes the process over; the number of sites, or -1.
#[unsafe(no_mangle)]
pub extern "C" fn inside_start() -> i32 {
    let numbers = [
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_openat,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_open,
        libc::SYS_read,
        libc::SYS_futex,
    ];
    match gambeson_interpose::start(judge, &numbers.map(|number| Interest::every(number as u32))) {
        Ok(report) => {
            eprintln!("{}: {} taken over in {:?}", report.libc, report.patched, report.elapsed);
            for object in report.objects.iter().filter(|object| object.passed_over.is_some()) {
                eprintln!("  passed over: {}: {}", object.path, object.passed_over.unwrap_or_default());
            }
            if report.verified { report.patched as i32 } else { -1 }
        }
        Err(error) => {
            eprintln!("{error}");
            -1
        }
    }
}

/// Chooses the answer to execve; 0 lets it through.
#[unsafe(no_mangle)]
pub extern "C" fn inside_answer(errno: i32) {
    ERROR.store(errno, Ordering::Relaxed);
}

/// How many execve were seen in this process; children count for themselves.
#[unsafe(no_mangle)]
pub extern "C" fn inside_seen() -> i32 {
    SEEN.load(Ordering::Relaxed) as i32
}

/// Node calls this from `process.dlopen`.
#[unsafe(no_mangle)]
pub extern "C" fn napi_register_module_v1(_: *mut c_void, exports: *mut c_void) -> *mut c_void {
    if inside_start() < 0 {
        std::process::exit(3);
    }
    exports
}
