//! From a stub to the dispatcher and back, with everything that the caller has left as it was.
//!
//! A system call keeps all registers but rax, rcx and r11, and the C library's code relies on that, vector registers included.
//! The dispatcher is compiled code that may call `memcpy`, which the C library chooses at run time to use the widest vectors
//! there are; so the complete vector state is saved, not just the lower halves that baseline code would use. MXCSR, x87, PKRU
//! and AMX tiles are left out: nobody on this path changes them.
//!
//! XSAVE and XRSTOR would do that in two instructions, and in 100 ns, all of what a judged call may cost. Plain moves take 20,
//! fewer when the processor says that the upper parts are not in use. In that case they are cleared again on the way back:
//! left in use they would slow down the caller's SSE code, and the caller may count on their zeros.
//!
//! It takes 128 bytes of red zone, 120 of registers and up to 2.2 KiB (with AVX-512) of the caller's stack.

use std::arch::naked_asm;
use std::arch::x86_64::{__cpuid_count, CpuidResult};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use crate::dispatch::{CHOSEN, FILTER, dispatch};

/// Finds out how this processor's vector registers are saved.
pub(crate) fn prepare() {
    let (routine, size) = routine();
    SIZE.store(size, Ordering::Relaxed);
    ENTRY.store(routine as usize, Ordering::Release);
}

fn routine() -> (*const (), usize) {
    if cpuid(1, 0).ecx & OSXSAVE == 0 {
        return (enter_sse as *const (), 512);
    }
    // SAFETY: OSXSAVE says so.
    let enabled = unsafe { xgetbv() };
    let tells_use = cpuid(0xd, 1).eax & XGETBV1 != 0;
    let wide = cpuid(7, 0).ebx & (AVX512F | AVX512BW) == AVX512F | AVX512BW;
    match (enabled & AVX_STATE != 0, enabled & AVX512_STATE == AVX512_STATE) {
        (false, _) => (enter_sse as *const (), 512),
        (true, true) if wide && tells_use => (enter_avx512 as *const (), 2048 + 64),
        (true, false) if tells_use => (enter_avx as *const (), 512),
        _ => {
            let mask = enabled & (SSE_STATE | AVX_STATE | AVX512_STATE);
            MASK.store(mask, Ordering::Relaxed);
            (enter_xsave as *const (), xsave_size(mask))
        }
    }
}

/// The routine that stubs jump to, once [`prepare`] has been called.
pub(super) fn entry() -> usize {
    ENTRY.load(Ordering::Acquire)
}

static ENTRY: AtomicUsize = AtomicUsize::new(0);
static MASK: AtomicU32 = AtomicU32::new(0);
static SIZE: AtomicUsize = AtomicUsize::new(0);

// Bits of XCR0.
const SSE_STATE: u32 = 1 << 1;
const AVX_STATE: u32 = 1 << 2;
const AVX512_STATE: u32 = 0b111 << 5;

// Bits of CPUID.
const OSXSAVE: u32 = 1 << 27;
const XGETBV1: u32 = 1 << 2;
const AVX512F: u32 = 1 << 16;
const AVX512BW: u32 = 1 << 30;

/// The size of XSAVE's area: the legacy region, its header, and the furthest component.
fn xsave_size(mask: u32) -> usize {
    (2..32).filter(|component| mask >> component & 1 != 0).fold(512 + 64, |size, component| {
        let leaf = cpuid(0xd, component);
        size.max(leaf.ebx as usize + leaf.eax as usize)
    })
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
/// What saves may change eax, ecx and edx, and keep something in ebx for what restores.
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
                "push rbx",
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
                "push rax",
                // A call that its number's filter lets pass goes back before anything is saved.
                "cmp rax, {chosen}",
                "jae 21f",
                "lea rcx, [rip + {filter}]",
                "mov rcx, qword ptr [rcx + 8 * rax]",
                "test rcx, rcx",
                "jz 21f",
                "mov rbx, rcx",
                "shr rbx, 32",
                "test dword ptr [rdi + 8 * rbx + 8], ecx",
                "jnz 21f",
                "mov dword ptr [rbp - 80], 0",
                "jmp 22f",
                "21:",
                "sub rsp, qword ptr [rip + {size}]",
                "and rsp, -64",
                $($save,)*
                "call {dispatch}",
                "mov dword ptr [rbp - 80], eax",
                $($restore,)*
                "22:",
                "lea rsp, [rbp - 80]",
                "pop rcx",
                "pop rax",
                "pop rdi",
                "pop rsi",
                "pop rdx",
                "pop r10",
                "pop r8",
                "pop r9",
                "pop r11",
                "pop rbx",
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
                "/* {mask} */",
                size = sym SIZE,
                mask = sym MASK,
                dispatch = sym dispatch,
                filter = sym FILTER,
                chosen = const CHOSEN,
            )
        }
    };
}

// In ebx: the components in use. 0x44 are the upper parts of registers 0 to 15, 0xa0 registers 16 to 31 and the masks.
enter!(enter_avx512,
    "mov ecx, 1"
    "xgetbv"
    "mov ebx, eax"
    "test bl, 0x44"
    "jnz 3f"
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"
    "movaps xmmword ptr [rsp + 64 * \\n], xmm\\n"
    ".endr"
    "jmp 4f"
    "3:"
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"
    "vmovdqa64 zmmword ptr [rsp + 64 * \\n], zmm\\n"
    ".endr"
    "vzeroupper"
    "4:"
    "test bl, 0xa0"
    "jz 5f"
    ".irp n, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31"
    "vmovdqa64 zmmword ptr [rsp + 64 * \\n], zmm\\n"
    ".endr"
    ".irp n, 0,1,2,3,4,5,6,7"
    "kmovq qword ptr [rsp + 2048 + 8 * \\n], k\\n"
    ".endr"
    "5:";
    "test bl, 0x44"
    "jnz 6f"
    "vzeroupper"
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"
    "movaps xmm\\n, xmmword ptr [rsp + 64 * \\n]"
    ".endr"
    "jmp 7f"
    "6:"
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"
    "vmovdqa64 zmm\\n, zmmword ptr [rsp + 64 * \\n]"
    ".endr"
    "7:"
    "test bl, 0xa0"
    "jz 8f"
    ".irp n, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31"
    "vmovdqa64 zmm\\n, zmmword ptr [rsp + 64 * \\n]"
    ".endr"
    ".irp n, 0,1,2,3,4,5,6,7"
    "kmovq k\\n, qword ptr [rsp + 2048 + 8 * \\n]"
    ".endr"
    "jmp 9f"
    "8:"
    "mov ecx, 1"
    "xgetbv"
    "test al, 0xa0"
    "jz 9f"
    ".irp n, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31"
    "vpxord zmm\\n, zmm\\n, zmm\\n"
    ".endr"
    ".irp n, 0,1,2,3,4,5,6,7"
    "kxorq k\\n, k\\n, k\\n"
    ".endr"
    "9:");

// In ebx: the components in use; 0x04 are the upper halves.
enter!(enter_avx,
    "mov ecx, 1"
    "xgetbv"
    "mov ebx, eax"
    "test bl, 0x04"
    "jnz 3f"
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"
    "movaps xmmword ptr [rsp + 32 * \\n], xmm\\n"
    ".endr"
    "jmp 4f"
    "3:"
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"
    "vmovdqa ymmword ptr [rsp + 32 * \\n], ymm\\n"
    ".endr"
    "vzeroupper"
    "4:";
    "test bl, 0x04"
    "jnz 5f"
    "vzeroupper"
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"
    "movaps xmm\\n, xmmword ptr [rsp + 32 * \\n]"
    ".endr"
    "jmp 6f"
    "5:"
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"
    "vmovdqa ymm\\n, ymmword ptr [rsp + 32 * \\n]"
    ".endr"
    "6:");

// Processors before 2015 do not say what is in use. XSAVE keeps what it does not write, also in its header, which must be zero.
enter!(enter_xsave,
    "xor edx, edx"
    ".irp n, 0,1,2,3,4,5,6,7"
    "mov qword ptr [rsp + 512 + 8 * \\n], rdx"
    ".endr"
    "mov eax, dword ptr [rip + {mask}]"
    "xsave [rsp]";
    "mov eax, dword ptr [rip + {mask}]"
    "xor edx, edx"
    "xrstor [rsp]");

enter!(enter_sse, "fxsave [rsp]"; "fxrstor [rsp]");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::{Action, Call, Interest};

    const ANSWERED: u64 = 600;
    const LET_THROUGH: u64 = 601;

    unsafe extern "C" fn destroy(call: *mut Call) -> Action {
        // SAFETY: SSE2 is part of x86_64, and wider ones are used where they are.
        unsafe {
            std::arch::asm!("pcmpeqd xmm0, xmm0", "pcmpeqd xmm15, xmm15", out("xmm0") _, out("xmm15") _);
            if std::arch::is_x86_feature_detected!("avx2") {
                std::arch::asm!("vpcmpeqd ymm0, ymm0, ymm0", "vpcmpeqd ymm15, ymm15, ymm15", out("ymm0") _, out("ymm15") _);
            }
            match (*call).number {
                ANSWERED => (*call).answer(-5),
                _ => Action::Proceed,
            }
        }
    }

    /// Goes through `routine` as a stub does; what follows its system call is where both ways out meet.
    fn go(routine: *const (), number: u64, vectors: &mut [[u64; 4]; 2], wide: bool) -> u64 {
        let result;
        // SAFETY: the routine keeps everything but rax, rcx and r11, and comes back to r11 or behind the two bytes there.
        unsafe {
            std::arch::asm!(
                "test {wide}, {wide}",
                "jz 2f",
                "vmovdqu ymm0, ymmword ptr [rsi]",
                "vmovdqu ymm15, ymmword ptr [rsi + 32]",
                "2:",
                "movdqu xmm8, xmmword ptr [rsi]",
                "lea r11, [rip + 3f]",
                "jmp {routine}",
                "3:",
                ".byte 0x66, 0x90",
                "test {wide}, {wide}",
                "jz 4f",
                "vmovdqu ymmword ptr [rsi], ymm0",
                "vmovdqu ymmword ptr [rsi + 32], ymm15",
                "vzeroupper",
                "4:",
                "movdqu xmmword ptr [rsi], xmm8",
                routine = in(reg) routine,
                wide = in(reg) u64::from(wide),
                in("rsi") vectors.as_mut_ptr(),
                inlateout("rax") number => result,
                out("rcx") _, out("r11") _,
                out("xmm0") _, out("xmm8") _, out("xmm15") _,
            );
        }
        result
    }

    #[test]
    fn every_routine_keeps_vectors() {
        let interest = [ANSWERED, LET_THROUGH].map(|number| Interest::every(number as u32));
        crate::dispatch::install(destroy, &interest);
        let avx = std::arch::is_x86_feature_detected!("avx2");
        let mask = if avx { SSE_STATE | AVX_STATE } else { SSE_STATE };
        MASK.store(mask, Ordering::Relaxed);
        let mut routines = vec![(enter_sse as *const (), 512, false)];
        if avx {
            routines.push((enter_avx as *const (), 512, true));
            routines.push((enter_xsave as *const (), xsave_size(mask), true));
        }
        routines.push((routine().0, routine().1, avx));
        for (routine, size, wide) in routines {
            SIZE.store(size, Ordering::Relaxed);
            MASK.store(mask, Ordering::Relaxed);
            for (number, result) in [(ANSWERED, -5_i64 as u64), (LET_THROUGH, LET_THROUGH)] {
                let filled = [[1, 2, 3, 4], [5, 6, 7, 8]];
                let mut vectors = filled;
                assert_eq!(go(routine, number, &mut vectors, wide), result);
                assert_eq!(vectors, filled);
            }
        }
    }
}
