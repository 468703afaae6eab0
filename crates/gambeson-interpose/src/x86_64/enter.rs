//! From a stub to the dispatcher and back, with everything that the caller has left as it was.
//!
//! A system call keeps all registers but rax, rcx and r11, and the C library's code relies on that, vector registers included.
//! The dispatcher is compiled code that may call `memcpy`, which the C library chooses at run time to use the widest vectors
//! there are; so the complete vector state is saved, not just the lower halves that baseline code would use. x87, PKRU and
//! AMX tiles are left out: nobody on this path touches them.
//!
//! It takes 128 bytes of red zone, 100 of registers and up to 2.7 KiB (with AVX-512) of the caller's stack.

use std::arch::naked_asm;
use std::arch::x86_64::{__cpuid_count, CpuidResult};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use crate::dispatch::dispatch;

/// Finds out how this processor saves its vector registers.
pub(crate) fn prepare() {
    let (mask, compact) = if cpuid(1, 0).ecx & OSXSAVE == 0 {
        (0, false)
    } else {
        // SAFETY: just looked up.
        (unsafe { xgetbv() } & COMPONENTS, cpuid(0xd, 1).eax & XSAVEC != 0)
    };
    let (routine, size) = match (mask, compact) {
        (0, _) => (enter_fxsave as *const () as usize, LEGACY),
        (mask, true) => (enter_xsavec as *const () as usize, compact_size(mask)),
        (mask, false) => (enter_xsave as *const () as usize, standard_size(mask)),
    };
    MASK.store(mask, Ordering::Relaxed);
    SIZE.store(size, Ordering::Relaxed);
    ENTRY.store(routine, Ordering::Release);
}

/// The routine that stubs jump to, once [`prepare`] has been called.
pub(super) fn entry() -> usize {
    ENTRY.load(Ordering::Acquire)
}

static ENTRY: AtomicUsize = AtomicUsize::new(0);
static MASK: AtomicU32 = AtomicU32::new(0);
static SIZE: AtomicUsize = AtomicUsize::new(0);

// Bits of XCR0: SSE, AVX, and the three of AVX-512.
const COMPONENTS: u32 = 0b1110_0110;
const OSXSAVE: u32 = 1 << 27;
const XSAVEC: u32 = 1 << 1;

// The legacy region, and with the XSAVE header behind it.
const LEGACY: usize = 512;
const HEADER_END: usize = LEGACY + 64;

fn compact_size(mask: u32) -> usize {
    extended(mask).fold(HEADER_END, |at, component| {
        let leaf = cpuid(0xd, component);
        let at = if leaf.ecx & 2 != 0 { at.next_multiple_of(64) } else { at };
        at + leaf.eax as usize
    })
}

fn standard_size(mask: u32) -> usize {
    extended(mask).fold(HEADER_END, |size, component| {
        let leaf = cpuid(0xd, component);
        size.max(leaf.ebx as usize + leaf.eax as usize)
    })
}

fn extended(mask: u32) -> impl Iterator<Item = u32> {
    (2..32).filter(move |component| mask >> component & 1 != 0)
}

#[allow(unused_unsafe, reason = "it is unsafe in Rust before 1.90")]
fn cpuid(leaf: u32, subleaf: u32) -> CpuidResult {
    // SAFETY: CPUID is part of x86_64.
    unsafe { __cpuid_count(leaf, subleaf) }
}

/// # Safety
/// Only where CPUID says OSXSAVE.
unsafe fn xgetbv() -> u32 {
    let low: u32;
    // SAFETY: register 0 always exists; the caller's promise for the instruction.
    unsafe {
        std::arch::asm!("xgetbv", in("ecx") 0, out("eax") low, out("edx") _, options(nomem, nostack, preserves_flags));
    }
    low
}

/// One entry routine. On entry: r11 is the address of the stub's own `syscall`; everything else is the caller's. The
/// registers are pushed so that they make a `Call`, whose address goes to the dispatcher. It answers whether to let the
/// call through (0) or that the result is in the `Call`; the argument registers come back unchanged in both cases.
macro_rules! enter {
    ($name:ident, $($save:literal)*; $($restore:literal)*) => {
        #[unsafe(naked)]
        unsafe extern "C" fn $name() {
            naked_asm!(
                "lea rsp, [rsp - 128]",
                "pushfq",
                "push r11",
                "push rbp",
                "mov rbp, rsp",
                "cld",
                "push 0",
                "push r9",
                "push r8",
                "push r10",
                "push rdx",
                "push rsi",
                "push rdi",
                "push rax",
                "mov rdi, rsp",
                "sub rsp, qword ptr [rip + {size}]",
                "and rsp, -64",
                "xor edx, edx",
                $($save,)*
                "call {dispatch}",
                "mov ecx, eax",
                "mov eax, dword ptr [rip + {mask}]",
                "xor edx, edx",
                $($restore,)*
                "lea rsp, [rbp - 64]",
                "pop rax",
                "pop rdi",
                "pop rsi",
                "pop rdx",
                "pop r10",
                "pop r8",
                "pop r9",
                "pop r11",
                "pop rbp",
                "test ecx, ecx",
                "jnz 2f",
                "pop r11",
                "popfq",
                "lea rsp, [rsp + 128]",
                "jmp r11",
                "2:",
                "mov rax, r11",
                "pop r11",
                "popfq",
                "lea rsp, [rsp + 128]",
                "lea r11, [r11 + 2]",
                "jmp r11",
                size = sym SIZE,
                mask = sym MASK,
                dispatch = sym dispatch,
            )
        }
    };
}

// XSAVEC writes the first 16 bytes of the header; XRSTOR faults unless the others are zero.
enter!(enter_xsavec,
    "mov qword ptr [rsp + 528], rdx" "mov qword ptr [rsp + 536], rdx" "mov qword ptr [rsp + 544], rdx"
    "mov qword ptr [rsp + 552], rdx" "mov qword ptr [rsp + 560], rdx" "mov qword ptr [rsp + 568], rdx"
    "mov eax, dword ptr [rip + {mask}]" "xsavec [rsp]";
    "xrstor [rsp]");

// XSAVE keeps what it does not write, also in its header's first 8 bytes.
enter!(enter_xsave,
    "mov qword ptr [rsp + 512], rdx" "mov qword ptr [rsp + 520], rdx" "mov qword ptr [rsp + 528], rdx"
    "mov qword ptr [rsp + 536], rdx" "mov qword ptr [rsp + 544], rdx" "mov qword ptr [rsp + 552], rdx"
    "mov qword ptr [rsp + 560], rdx" "mov qword ptr [rsp + 568], rdx"
    "mov eax, dword ptr [rip + {mask}]" "xsave [rsp]";
    "xrstor [rsp]");

enter!(enter_fxsave, "fxsave [rsp]"; "fxrstor [rsp]");
