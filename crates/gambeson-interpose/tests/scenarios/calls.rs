//! Calls of the thread that started.

use std::fs;
use std::sync::atomic::Ordering;

use gambeson_interpose::{Interest, Reason, StartError, set_interest, syscall};

use super::{ANSWER, EDIT, LAST, OPEN, PROCEED, SEEN, errno, getppid, start};

pub(super) fn every_site_is_taken_over() -> Result<(), String> {
    let report = start(&[]);
    println!("{}, {} taken over in {:?}", report.libc, report.patched, report.elapsed);
    for refused in &report.refused {
        println!("  left: {refused}");
    }
    // The restorers; and in glibc 2.31 one futex call, in pthread_mutex_setprioceiling, that has nothing long around it.
    let (returns, others): (Vec<_>, Vec<_>) =
        report.refused.iter().partition(|refused| refused.reason == Reason::SignalReturn);
    assert!(returns.len() <= 3 && others.len() <= 1, "{report:#?}");
    assert!(others.iter().all(|other| other.reason == Reason::NoRoom), "{report:#?}");
    assert!(report.patched > 200, "{report:#?}");
    // Of the bytes of a system call that the files hold, those that were taken over are gone from memory.
    let maps = fs::read_to_string("/proc/self/maps").expect("/proc is mounted");
    for object in report.objects.iter().filter(|object| object.patched > 0) {
        let (mut in_file, mut in_memory) = (0, 0);
        let file = fs::read(&object.path).expect("the file of an object");
        for line in maps.lines().filter(|line| line.ends_with(&object.path) && line.contains("r-xp")) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let number = |text: &str| usize::from_str_radix(text, 16).expect("a hexadecimal number");
            let (from, to) = fields[0].split_once('-').expect("a range");
            let (from, to, offset) = (number(from), number(to), number(fields[2]));
            // SAFETY: mapped readable, says the kernel.
            let code = unsafe { std::slice::from_raw_parts(from as *const u8, to - from) };
            in_memory += system_calls(code);
            in_file += system_calls(&file[offset..(offset + to - from).min(file.len())]);
        }
        assert_eq!(in_file - in_memory, object.patched, "{}", object.path);
    }
    Ok(())
}

#[cfg(target_arch = "x86_64")]
fn system_calls(code: &[u8]) -> usize {
    code.windows(2).filter(|bytes| *bytes == [0x0f, 0x05]).count()
}

#[cfg(target_arch = "aarch64")]
fn system_calls(code: &[u8]) -> usize {
    code.chunks_exact(4).filter(|bytes| *bytes == [0x01, 0x00, 0x00, 0xd4]).count()
}

pub(super) fn generic_syscall_reaches_the_handler() -> Result<(), String> {
    let parent = getppid();
    start(&[libc::SYS_getppid]);
    assert_eq!(getppid(), parent);
    assert_eq!((SEEN.load(Ordering::Relaxed), LAST.load(Ordering::Relaxed)), (1, libc::SYS_getppid as u64));
    // SAFETY: takes nothing.
    assert_eq!(i64::from(unsafe { libc::getppid() }), parent);
    assert_eq!(SEEN.load(Ordering::Relaxed), 2);
    // SAFETY: takes nothing.
    assert_eq!(unsafe { syscall(libc::SYS_getppid as u64, [0; 6]) }, parent);
    assert_eq!(SEEN.load(Ordering::Relaxed), 2, "the interposer's own calls are not interposed");
    Ok(())
}

pub(super) fn answers_set_errno_as_the_kernel_does() -> Result<(), String> {
    start(&[libc::SYS_getppid, libc::SYS_openat, OPEN]);
    ANSWER.store(-i64::from(libc::EACCES), Ordering::Relaxed);
    assert_eq!((getppid(), errno()), (-1, libc::EACCES));
    let refused = fs::File::open("/proc/self/status").expect_err("open is answered");
    assert_eq!(refused.raw_os_error(), Some(libc::EACCES));
    // An answer that is no error leaves errno alone.
    ANSWER.store(4711, Ordering::Relaxed);
    assert_eq!((getppid(), errno()), (4711, libc::EACCES));
    ANSWER.store(PROCEED, Ordering::Relaxed);
    fs::File::open("/proc/self/status").expect("open is let through");
    Ok(())
}

pub(super) fn calls_may_be_edited() -> Result<(), String> {
    let parent = getppid();
    start(&[libc::SYS_getpgid]);
    ANSWER.store(EDIT, Ordering::Relaxed);
    // SAFETY: answered by the handler's call.
    assert_eq!(i64::from(unsafe { libc::getpgid(-1) }), parent);
    Ok(())
}

pub(super) fn interest_changes_at_run_time() -> Result<(), String> {
    start(&[libc::SYS_getppid]);
    let parent = getppid();
    ANSWER.store(1, Ordering::Relaxed);
    assert_eq!(getppid(), 1);
    set_interest(&[]);
    assert_eq!(getppid(), parent);
    set_interest(&[Interest::every(libc::SYS_getppid as u32)]);
    assert_eq!(getppid(), 1);
    Ok(())
}

pub(super) fn a_filter_lets_pass_what_it_does_not_name() -> Result<(), String> {
    start(&[libc::SYS_getppid]);
    set_interest(&[Interest::with_bits(libc::SYS_lseek as u32, 2, 2)]);
    ANSWER.store(4711, Ordering::Relaxed);
    // SAFETY: no descriptor, and no memory.
    let seek = |whence| unsafe { libc::lseek(-1, 0, whence) };
    assert_eq!((seek(1), errno()), (-1, libc::EBADF));
    assert_eq!(SEEN.load(Ordering::Relaxed), 0);
    assert_eq!(seek(2), 4711);
    assert_eq!(seek(1 << 20 | 3), 4711);
    Ok(())
}

/// Numbers are looked at in full: also x32's, and others that only their upper half tells from one of interest.
pub(super) fn numbers_with_more_bits_reach_the_handler() -> Result<(), String> {
    start(&[libc::SYS_getppid]);
    ANSWER.store(1, Ordering::Relaxed);
    const X32: i64 = 1 << 30;
    // SAFETY: answered, never made.
    unsafe {
        assert_eq!(libc::syscall(X32 | libc::SYS_getppid), 1);
        assert_eq!(LAST.load(Ordering::Relaxed), (X32 | libc::SYS_getppid) as u64);
        if cfg!(target_arch = "x86_64") {
            assert_eq!(libc::syscall(X32 | 520), 1, "x32's own execve");
        }
    }
    Ok(())
}

pub(super) fn starts_once() -> Result<(), String> {
    start(&[]);
    let again = gambeson_interpose::start(super::handler, &[]);
    assert!(matches!(again, Err(StartError::AlreadyStarted)), "{again:?}");
    Ok(())
}

pub(super) fn signal_handlers_make_calls() -> Result<(), String> {
    static TICKS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    extern "C" fn tick(_: libc::c_int) {
        // SAFETY: a constant path; the descriptor is closed again.
        unsafe {
            let fd = libc::open(c"/dev/null".as_ptr(), libc::O_RDONLY);
            assert!(fd >= 0 && libc::close(fd) == 0);
        }
        getppid();
        TICKS.fetch_add(1, Ordering::Relaxed);
    }
    start(&[libc::SYS_getppid, libc::SYS_openat, OPEN, libc::SYS_close]);
    let parent = getppid();
    // SAFETY: the handler is async-signal-safe, and the timer sends only that signal.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = tick as *const () as usize;
        action.sa_flags = libc::SA_RESTART;
        assert_eq!(libc::sigaction(libc::SIGALRM, &action, std::ptr::null_mut()), 0);
        let interval = libc::timeval { tv_sec: 0, tv_usec: 500 };
        let timer = libc::itimerval { it_interval: interval, it_value: interval };
        assert_eq!(libc::syscall(libc::SYS_setitimer, 0, &timer, 0), 0);
    }
    // Until the signal has come often enough to have met every part of the path.
    while TICKS.load(Ordering::Relaxed) < 300 {
        assert_eq!(getppid(), parent);
        let status = fs::read("/proc/self/comm").expect("open, read and close work");
        assert!(!status.is_empty());
    }
    Ok(())
}
