//! An object that is mapped later, and what a call does to the registers there.

use std::ffi::{CStr, CString};
use std::os::fd::AsRawFd;
use std::sync::atomic::Ordering;

use super::{ANSWER, LAST, PROCEED, SEEN, start};
use gambeson_interpose::{later, protects};

/// Where the object built from `probe.S` is; its maker says so by this variable.
pub(super) const PROBE: &str = "GAMBESON_PROBE";

/// Where musl's `libc.so` is.
const MUSL: &str = "/usr/lib/x86_64-linux-musl/libc.so";

const FLAGS: usize = 15;
const RED_ZONE: usize = 18;
const STACK: usize = 19;
const VECTORS: usize = 32;

/// As `probe.S` has it: words 0 to 14 general registers, 15 flags, 16 and 17 mask registers, 18 red zone, 19 stack.
#[repr(C, align(64))]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Registers([u64; VECTORS + 32 * 8]);

type ProbeCall = unsafe extern "C" fn(&Registers, &mut Registers, i32) -> i64;

pub(super) fn objects_mapped_later_are_taken_over() -> Result<(), String> {
    start(&[libc::SYS_getppid]);
    let before = later();
    let probe = load()?;
    let after = later();
    assert_eq!((after.patched - before.patched, after.refused - before.refused), (1, 0));
    ANSWER.store(99, Ordering::Relaxed);
    let registers = call(probe, libc::SYS_getppid, false, 0);
    assert_eq!((registers.0[0], LAST.load(Ordering::Relaxed)), (99, libc::SYS_getppid as u64));
    // The bytes inside another instruction are still there.
    // SAFETY: the symbol is there, and a function of five bytes and more.
    unsafe {
        let data = libc::dlsym(libc::RTLD_DEFAULT, c"probe_data".as_ptr()).cast::<[u8; 5]>();
        assert_eq!(*data, [0xb8, 0x0f, 0x05, 0x0f, 0x05]);
    }
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
    assert!(protects(probe, 1) && protects(probe - 4096, 8192));
    assert!(protects(libc::getppid as *const () as usize, 1));
    assert!(!protects(&raw const report as usize, 8));
    assert!(!protects(0, 4096));
    Ok(())
}

pub(super) fn registers_survive_a_call_of_no_interest() -> Result<(), String> {
    start(&[]);
    let probe = load()?;
    let seen = SEEN.load(Ordering::Relaxed);
    survive(probe, None);
    assert_eq!(SEEN.load(Ordering::Relaxed), seen);
    Ok(())
}

pub(super) fn registers_survive_a_call_let_through() -> Result<(), String> {
    start(&[libc::SYS_getppid]);
    ANSWER.store(PROCEED, Ordering::Relaxed);
    survive(load()?, None);
    assert!(SEEN.load(Ordering::Relaxed) > 0);
    Ok(())
}

pub(super) fn registers_survive_an_answered_call() -> Result<(), String> {
    start(&[libc::SYS_getppid]);
    let probe = load()?;
    ANSWER.store(-7, Ordering::Relaxed);
    survive(probe, Some(-7));
    Ok(())
}

fn survive(probe: ProbeCall, answer: Option<i64>) {
    // SAFETY: takes nothing.
    let parent = unsafe { gambeson_interpose::syscall(libc::SYS_getppid as u64, [0; 6]) };
    let wide = std::arch::is_x86_feature_detected!("avx512f");
    for wide in if wide { vec![false, true] } else { vec![false] } {
        // Carry, parity, adjust, zero, sign, direction, overflow: none, each, all.
        for flags in [0, 1, 1 << 2, 1 << 4, 1 << 6, 1 << 7, 1 << 10, 1 << 11, 0xcd5] {
            let (before, after) =
                (filled(libc::SYS_getppid, flags), call(probe, libc::SYS_getppid, wide, flags));
            let mut expected = before;
            expected.0[0] = answer.unwrap_or(parent) as u64;
            expected.0[RED_ZONE] = 0;
            expected.0[STACK] = 0;
            // rcx and r11 are not kept by a system call, and the probe does not store them.
            for word in [2, 3] {
                expected.0[word] = after.0[word];
            }
            let user_flags = 0xcd5;
            assert_eq!(after.0[FLAGS] & user_flags, flags, "flags");
            expected.0[FLAGS] = after.0[FLAGS];
            for (word, (after, expected)) in after.0.iter().zip(expected.0).enumerate() {
                let stored = match word {
                    0..=15 | RED_ZONE | STACK => true,
                    16 | 17 => wide,
                    VECTORS.. => wide || (word - VECTORS) / 8 < 16 && (word - VECTORS) % 8 < 2,
                    _ => false,
                };
                if stored {
                    assert_eq!(*after, expected, "word {word}, wide {wide}, flags {flags:#x}");
                }
            }
        }
    }
}

fn call(probe: ProbeCall, number: libc::c_long, wide: bool, flags: u64) -> Registers {
    let before = filled(number, flags);
    let mut after = Registers([0; VECTORS + 32 * 8]);
    after.0[RED_ZONE] = before.0[RED_ZONE];
    // SAFETY: the layout that it expects, and AVX-512 only where the processor has it.
    unsafe { probe(&before, &mut after, wide.into()) };
    after
}

fn filled(number: libc::c_long, flags: u64) -> Registers {
    let mut registers = Registers([0; VECTORS + 32 * 8]);
    for (word, value) in registers.0.iter_mut().enumerate() {
        *value = 0x0123_4567_89ab_cdef_u64.rotate_left(word as u32) ^ word as u64;
    }
    registers.0[0] = number as u64;
    registers.0[FLAGS] = flags | 0x202; // with the bit that is always set, and interrupts
    registers.0[16] = 0x5a5a;
    registers.0[17] = 0xa5a5;
    registers
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
