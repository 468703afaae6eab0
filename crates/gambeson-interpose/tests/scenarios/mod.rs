//! What must hold in a process whose system calls are taken over. Each scenario runs in a process of its own, which it
//! patches; `tests/process.rs` runs them on this machine, `examples/selftest.rs` inside the trees of other C libraries.

mod calls;
mod children;
mod mapped;
mod threads;

use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

use gambeson_interpose::{Action, Call, Interest, Report};

/// A scenario: panics if something does not hold. `Err` says why it could not be tried here.
pub(crate) type Scenario = fn() -> Result<(), String>;

/// All of them, by name.
pub(crate) const ALL: &[(&str, Scenario)] = &[
    ("every_site_is_taken_over", calls::every_site_is_taken_over),
    ("generic_syscall_reaches_the_handler", calls::generic_syscall_reaches_the_handler),
    ("answers_set_errno_as_the_kernel_does", calls::answers_set_errno_as_the_kernel_does),
    ("calls_may_be_edited", calls::calls_may_be_edited),
    ("interest_changes_at_run_time", calls::interest_changes_at_run_time),
    ("a_filter_lets_pass_what_it_does_not_name", calls::a_filter_lets_pass_what_it_does_not_name),
    ("numbers_with_more_bits_reach_the_handler", calls::numbers_with_more_bits_reach_the_handler),
    ("signal_handlers_make_calls", calls::signal_handlers_make_calls),
    ("starts_once", calls::starts_once),
    ("forked_children_stay_interposed", children::forked_children_stay_interposed),
    ("spawned_programs_are_seen_and_refused", children::spawned_programs_are_seen_and_refused),
    ("allowed_programs_run", children::allowed_programs_run),
    ("registers_survive_a_call_of_no_interest", mapped::registers_survive_a_call_of_no_interest),
    ("registers_survive_a_call_let_through", mapped::registers_survive_a_call_let_through),
    ("registers_survive_an_answered_call", mapped::registers_survive_an_answered_call),
    ("objects_mapped_later_are_taken_over", mapped::objects_mapped_later_are_taken_over),
    ("a_library_without_unwind_table_is_taken_over", mapped::a_library_without_unwind_table_is_taken_over),
    ("patched_memory_is_known", mapped::patched_memory_is_known),
    ("blocked_calls_go_on", threads::blocked_calls_go_on),
    ("blocked_calls_restart_after_a_signal", threads::blocked_calls_restart_after_a_signal),
    ("a_frozen_sleep_goes_on", threads::a_frozen_sleep_goes_on),
    ("threads_run_while_sites_change", threads::threads_run_while_sites_change),
    ("threads_can_be_cancelled", threads::threads_can_be_cancelled),
    ("reading_threads_can_be_cancelled", threads::reading_threads_can_be_cancelled),
];

/// What the handler of the scenarios does; it can be told at any time.
pub(crate) static ANSWER: AtomicI64 = AtomicI64::new(PROCEED);
/// Calls that reached it.
pub(crate) static SEEN: AtomicUsize = AtomicUsize::new(0);
/// The number of the last one.
pub(crate) static LAST: AtomicU64 = AtomicU64::new(0);

/// `open` where it is a system call; `openat`, which takes its place everywhere, where it is not.
#[cfg(target_arch = "x86_64")]
pub(crate) const OPEN: libc::c_long = libc::SYS_open;
#[cfg(not(target_arch = "x86_64"))]
pub(crate) const OPEN: libc::c_long = libc::SYS_openat;

/// In [`ANSWER`]: let it through.
pub(crate) const PROCEED: i64 = i64::MIN;
/// In [`ANSWER`]: turn it into `getppid`.
pub(crate) const EDIT: i64 = i64::MIN + 1;

/// Whether an emulator runs this; who starts it says so. Its processes are not quite as the kernel's.
pub(crate) fn emulated() -> bool {
    std::env::var_os("GAMBESON_EMULATED").is_some()
}

/// Takes the process over.
pub(crate) fn start(numbers: &[libc::c_long]) -> Report {
    let interest: Vec<Interest> = numbers.iter().map(|&number| Interest::every(number as u32)).collect();
    let report = gambeson_interpose::start(handler, &interest).expect("this machine is supported");
    assert!(report.verified, "{report:#?}");
    report
}

unsafe extern "C" fn handler(call: *mut Call) -> Action {
    // SAFETY: the dispatcher's, for as long as this runs.
    let call = unsafe { &mut *call };
    LAST.store(call.number, Ordering::Relaxed);
    // Wide vector registers are used on purpose, as the C library's memcpy does.
    let copied = std::hint::black_box([call.args; 8]);
    std::hint::black_box(copied);
    destroy_vectors();
    SEEN.fetch_add(1, Ordering::Relaxed);
    match ANSWER.load(Ordering::Relaxed) {
        PROCEED => Action::Proceed,
        EDIT => {
            call.number = libc::SYS_getppid as u64;
            call.args = [7; 6];
            Action::Proceed
        }
        answer => call.answer(answer),
    }
}

#[cfg(target_arch = "aarch64")]
fn destroy_vectors() {
    // SAFETY: changes what it says.
    unsafe {
        std::arch::asm!("mvni v0.4s, #0", "mvni v8.4s, #0", "mvni v15.4s, #0", "mvni v31.4s, #0", "mov x18, #0",
            out("v0") _, out("v8") _, out("v15") _, out("v31") _, out("x18") _);
    }
}

#[cfg(target_arch = "x86_64")]
fn destroy_vectors() {
    if std::arch::is_x86_feature_detected!("avx512bw") {
        // SAFETY: just looked up.
        unsafe {
            std::arch::asm!(
                "vpternlogd zmm0, zmm0, zmm0, 255", "vmovdqa64 zmm7, zmm0", "vmovdqa64 zmm15, zmm0",
                "vmovdqa64 zmm16, zmm0", "vmovdqa64 zmm31, zmm0", "kxnorw k1, k1, k1", "kxnorw k7, k7, k7",
                out("xmm0") _, out("xmm7") _, out("xmm15") _, out("xmm16") _, out("xmm31") _, out("k1") _, out("k7") _,
            );
        }
    } else {
        // SAFETY: SSE2 is part of x86_64.
        unsafe {
            std::arch::asm!("pcmpeqd xmm0, xmm0", "movdqa xmm7, xmm0", "movdqa xmm15, xmm0",
                out("xmm0") _, out("xmm7") _, out("xmm15") _);
        }
    }
}

/// `getppid` through the C library's generic `syscall`.
pub(crate) fn getppid() -> i64 {
    // SAFETY: takes nothing.
    unsafe { libc::syscall(libc::SYS_getppid) }
}

/// `errno` of the last call.
pub(crate) fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}
