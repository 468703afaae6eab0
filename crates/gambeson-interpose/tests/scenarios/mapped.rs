//! An object that is mapped later, and what a call does to the registers there.

#[cfg_attr(target_arch = "x86_64", path = "probe_x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "probe_aarch64.rs")]
mod probe;

use std::ffi::{CStr, CString};
use std::os::fd::AsRawFd;
use std::sync::atomic::Ordering;

use probe::Registers;

use super::{ANSWER, LAST, PROCEED, SEEN, start};
use gambeson_interpose::{later, protects};

/// Where the object built from `probe.S` is; its maker says so by this variable.
pub(super) const PROBE: &str = "GAMBESON_PROBE";

/// Where musl's `libc.so` is.
#[cfg(target_arch = "x86_64")]
const MUSL: &str = "/usr/lib/x86_64-linux-musl/libc.so";
#[cfg(target_arch = "aarch64")]
const MUSL: &str = "/usr/lib/aarch64-linux-musl/libc.so";

/// `probe_call` of the probe: before, after, whether with the widest vectors.
type ProbeCall = unsafe extern "C" fn(&Registers, &mut Registers, i32) -> i64;

pub(super) fn objects_mapped_later_are_taken_over() -> Result<(), String> {
    start(&[libc::SYS_getppid]);
    let before = later();
    let probe = load()?;
    let after = later();
    assert_eq!((after.patched - before.patched, after.refused - before.refused), (1, probe::TOLD_AS_DATA));
    ANSWER.store(99, Ordering::Relaxed);
    let result = probe::result_of(probe, libc::SYS_getppid);
    assert_eq!((result, LAST.load(Ordering::Relaxed)), (99, libc::SYS_getppid as u64));
    // The same bytes as data are still there.
    probe::check_data();
    Ok(())
}

/// A library that this process cannot load, musl's, is mapped as a loader would do it. It has no unwind table.
pub(super) fn a_library_without_unwind_table_is_taken_over() -> Result<(), String> {
    let path = MUSL;
    let file = std::fs::read(path).map_err(|error| format!("musl is not installed ({path}: {error})"))?;
    let word = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().expect("eight bytes")) as usize;
    // The program header of the code: loadable, readable and executable.
    let header = (0..usize::from(file[56]))
        .map(|index| word(32) + index * 56)
        .find(|&header| file[header..header + 8] == [1, 0, 0, 0, 5, 0, 0, 0])
        .expect("it has code");
    let (offset, len) = (word(header + 8) & !4095, word(header + 40) + (word(header + 8) & 4095));
    start(&[]);
    let before = later();
    let open = std::fs::File::open(path).expect("it was read just now");
    // SAFETY: a new mapping at the kernel's choice.
    let code = unsafe {
        let prot = libc::PROT_READ | libc::PROT_EXEC;
        libc::mmap(std::ptr::null_mut(), len, prot, libc::MAP_PRIVATE, open.as_raw_fd(), offset as i64)
    };
    assert!(code != libc::MAP_FAILED);
    let after = later();
    let (patched, refused) = (after.patched - before.patched, after.refused - before.refused);
    println!("{path}: {patched} taken over, {refused} left");
    // Built for size, it has less room between instructions than glibc.
    assert!(patched > 450 && refused < patched / 10);
    Ok(())
}

pub(super) fn patched_memory_is_known() -> Result<(), String> {
    let report = start(&[]);
    assert!(report.patched > 0);
    let probe = load()? as usize;
    // Its pages: memory is protected or replaced by the page.
    assert!(protects(probe & !4095, 8192));
    assert!(protects(libc::getppid as *const () as usize, 1));
    assert!(!protects(&raw const report as usize, 8));
    assert!(!protects(0, 4096));
    Ok(())
}

pub(super) fn registers_survive_a_call_of_no_interest() -> Result<(), String> {
    start(&[]);
    let probe = load()?;
    let seen = SEEN.load(Ordering::Relaxed);
    probe::survive(probe, None);
    assert_eq!(SEEN.load(Ordering::Relaxed), seen);
    Ok(())
}

pub(super) fn registers_survive_a_call_let_through() -> Result<(), String> {
    start(&[libc::SYS_getppid]);
    ANSWER.store(PROCEED, Ordering::Relaxed);
    probe::survive(load()?, None);
    assert!(SEEN.load(Ordering::Relaxed) > 0);
    Ok(())
}

pub(super) fn registers_survive_an_answered_call() -> Result<(), String> {
    start(&[libc::SYS_getppid]);
    let probe = load()?;
    ANSWER.store(-7, Ordering::Relaxed);
    probe::survive(probe, Some(-7));
    Ok(())
}

fn load() -> Result<ProbeCall, String> {
    let path = std::env::var(PROBE).map_err(|_| format!("{PROBE} does not say where the probe is"))?;
    let path = CString::new(path).expect("no zero byte");
    // SAFETY: an object without initialisers; the function has the type that `probe.S` says.
    unsafe {
        let object = libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL);
        assert!(!object.is_null(), "{:?}", CStr::from_ptr(libc::dlerror()));
        let function = libc::dlsym(object, c"probe_call".as_ptr());
        assert!(!function.is_null());
        Ok(std::mem::transmute::<*mut libc::c_void, ProbeCall>(function))
    }
}
