//! Threads that are somewhere when the code changes.

use std::fs;
use std::io::Read;
use std::os::fd::FromRawFd;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::{SEEN, emulated, getppid, start};

/// Reads of a pipe, waits for a lock and a sleep that began before the change end as they should.
pub(super) fn blocked_calls_go_on() -> Result<(), String> {
    let (mut reader, writer) = pipe();
    let reading = thread::spawn(move || {
        let mut bytes = [0; 3];
        reader.read_exact(&mut bytes).map(|()| bytes)
    });
    let pair = Arc::new((Mutex::new(false), Condvar::new()));
    let waiting = thread::spawn({
        let pair = Arc::clone(&pair);
        move || drop(pair.1.wait_while(pair.0.lock().expect("no poison"), |done| !*done).expect("no poison"))
    });
    let sleeping = thread::spawn(|| {
        let begin = Instant::now();
        thread::sleep(Duration::from_millis(300));
        begin.elapsed()
    });
    until_all_block(3);
    start(&[libc::SYS_getppid, libc::SYS_read]);
    // SAFETY: three constant bytes.
    assert_eq!(unsafe { libc::write(writer, b"abc".as_ptr().cast(), 3) }, 3);
    assert_eq!(reading.join().expect("no panic").expect("the read goes on"), *b"abc");
    *pair.0.lock().expect("no poison") = true;
    pair.1.notify_all();
    waiting.join().expect("no panic");
    assert!(sleeping.join().expect("no panic") >= Duration::from_millis(300));
    Ok(())
}

/// A signal whose handler asks for restart sends blocked threads back to the instruction that is no longer there.
pub(super) fn blocked_calls_restart_after_a_signal() -> Result<(), String> {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    static THREAD: AtomicI32 = AtomicI32::new(0);
    extern "C" fn count(_: libc::c_int) {
        RUNS.fetch_add(1, Ordering::Release);
    }
    // SAFETY: the handler is async-signal-safe.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = count as *const () as usize;
        action.sa_flags = libc::SA_RESTART;
        assert_eq!(libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut()), 0);
    }
    let (mut reader, writer) = pipe();
    let reading = thread::spawn(move || {
        // SAFETY: takes nothing.
        THREAD.store(unsafe { libc::syscall(libc::SYS_gettid) } as i32, Ordering::Release);
        let mut byte = [0];
        reader.read(&mut byte).map(|read| (read, byte[0]))
    });
    until_all_block(1);
    start(&[libc::SYS_getppid, libc::SYS_read]);
    let before = SEEN.load(Ordering::Relaxed);
    for run in 1..=3 {
        // SAFETY: a thread of this process that lives until it has read.
        let sent = unsafe {
            libc::syscall(libc::SYS_tgkill, libc::getpid(), THREAD.load(Ordering::Acquire), libc::SIGUSR1)
        };
        assert_eq!(sent, 0);
        while RUNS.load(Ordering::Acquire) < run {
            thread::yield_now();
        }
        until_all_block(1);
    }
    // The first restart came through the site, and so to the handler; the next ones restart behind it.
    assert!(SEEN.load(Ordering::Relaxed) > before);
    // SAFETY: a constant byte.
    assert_eq!(unsafe { libc::write(writer, b"x".as_ptr().cast(), 1) }, 1);
    assert_eq!(reading.join().expect("no panic").expect("the read is restarted"), (1, b'x'));
    Ok(())
}

/// Lambda freezes an environment between invocations: a sleep is then restarted by `restart_syscall`, with what is left.
pub(super) fn a_frozen_sleep_goes_on() -> Result<(), String> {
    let sleeping = thread::spawn(|| {
        let begin = Instant::now();
        let duration = libc::timespec { tv_sec: 0, tv_nsec: 400_000_000 };
        // SAFETY: a good duration.
        let result = unsafe { libc::nanosleep(&duration, std::ptr::null_mut()) };
        (result, begin.elapsed())
    });
    until_all_block(1);
    start(&[libc::SYS_getppid]);
    // SAFETY: the child stops and continues its parent, and leaves.
    unsafe {
        let parent = libc::getpid();
        let child = libc::fork();
        if child == 0 {
            libc::kill(parent, libc::SIGSTOP);
            libc::usleep(50_000);
            libc::kill(parent, libc::SIGCONT);
            libc::_exit(0);
        }
        let mut status = 0;
        assert_eq!(libc::waitpid(child, &mut status, 0), child);
    }
    let (result, elapsed) = sleeping.join().expect("no panic");
    assert_eq!(result, 0, "not interrupted");
    assert!(elapsed >= Duration::from_millis(400), "{elapsed:?}");
    Ok(())
}

/// Threads that make all kinds of calls as fast as they can, before, during and after.
pub(super) fn threads_run_while_sites_change() -> Result<(), String> {
    static STOP: AtomicBool = AtomicBool::new(false);
    static ROUNDS: AtomicUsize = AtomicUsize::new(0);
    const THREADS: usize = 8;
    let barrier = Arc::new(Barrier::new(THREADS + 1));
    let lock = Arc::new((Mutex::new(0_usize), Condvar::new()));
    let parent = getppid();
    let threads: Vec<_> = (0..THREADS)
        .map(|index| {
            let (barrier, lock) = (Arc::clone(&barrier), Arc::clone(&lock));
            thread::spawn(move || {
                barrier.wait();
                while !STOP.load(Ordering::Relaxed) {
                    match index % 4 {
                        0 => assert!(!fs::read("/proc/self/comm").expect("it can be read").is_empty()),
                        1 => assert_eq!(getppid(), parent),
                        2 => {
                            let (count, changed) = &*lock;
                            *count.lock().expect("no poison") += 1;
                            changed.notify_one();
                            let guard = count.lock().expect("no poison");
                            drop(changed.wait_timeout(guard, Duration::from_micros(20)));
                        }
                        _ => {
                            let (mut reader, writer) = pipe();
                            thread::sleep(Duration::from_nanos(1));
                            // SAFETY: a constant byte into a pipe of our own, which is closed then.
                            unsafe {
                                assert_eq!(libc::write(writer, b"y".as_ptr().cast(), 1), 1);
                                libc::close(writer);
                            }
                            let mut all = Vec::new();
                            assert_eq!(reader.read_to_end(&mut all).expect("it can be read"), 1);
                        }
                    }
                    ROUNDS.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    barrier.wait();
    let go_on = |rounds| {
        let from = ROUNDS.load(Ordering::Relaxed);
        while ROUNDS.load(Ordering::Relaxed) < from + rounds {
            thread::yield_now();
        }
    };
    go_on(200);
    start(&[libc::SYS_getppid, libc::SYS_openat, libc::SYS_futex, libc::SYS_read]);
    go_on(2000);
    STOP.store(true, Ordering::Relaxed);
    threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
    assert!(SEEN.load(Ordering::Relaxed) > 0);
    Ok(())
}

/// What `pause` makes.
#[cfg(target_arch = "x86_64")]
const PAUSE: libc::c_long = libc::SYS_pause;
#[cfg(not(target_arch = "x86_64"))]
const PAUSE: libc::c_long = libc::SYS_ppoll;

/// `pthread_cancel` of a thread that waits for a signal, before and after the change.
pub(super) fn threads_can_be_cancelled() -> Result<(), String> {
    cancel_in(libc::pause as *const (), PAUSE);
    Ok(())
}

/// The same for one that reads: its call is one that the kernel restarts after a signal.
pub(super) fn reading_threads_can_be_cancelled() -> Result<(), String> {
    let (reader, _writer) = raw_pipe();
    // SAFETY: standard input becomes a pipe into which nobody writes.
    assert_eq!(unsafe { libc::dup2(reader, 0) }, 0);
    unsafe extern "C" {
        fn getchar() -> libc::c_int;
    }
    cancel_in(getchar as *const (), libc::SYS_read);
    Ok(())
}

fn cancel_in(function: *const (), number: libc::c_long) {
    // The C library's own function is the whole thread: Rust's frames must not be unwound by a cancellation.
    // SAFETY: it ignores its argument, and its result is not looked at.
    let function: extern "C" fn(*mut libc::c_void) -> *mut libc::c_void =
        unsafe { std::mem::transmute(function) };
    let spawn = || {
        let mut thread = 0;
        // SAFETY: the function needs nothing.
        let error =
            unsafe { libc::pthread_create(&mut thread, std::ptr::null(), function, std::ptr::null_mut()) };
        assert_eq!(error, 0);
        until_all_block(1);
        thread
    };
    let cancel = |thread| {
        let mut result = std::ptr::null_mut();
        // SAFETY: a thread that is joined once.
        unsafe {
            assert_eq!(libc::pthread_cancel(thread), 0);
            assert_eq!(libc::pthread_join(thread, &mut result), 0);
        }
        assert_eq!(result as isize, -1, "PTHREAD_CANCELED");
    };
    // The first call to pthread_cancel prepares; one has to be before the start and one to come after it.
    cancel(spawn());
    let early = spawn();
    start(&[libc::SYS_getppid]);
    cancel(early);
    cancel(spawn());
    gambeson_interpose::set_interest(&[gambeson_interpose::Interest::every(number as u32)]);
    cancel(spawn());
}

/// Waits until `count` threads besides this one sleep in the kernel.
fn until_all_block(count: usize) {
    // The emulator's thread, which frees what it translated.
    let others = usize::from(emulated());
    loop {
        let blocked = fs::read_dir("/proc/self/task").expect("/proc is mounted").flatten().filter(|task| {
            let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('S'))
        });
        if blocked.count() == count + others {
            return;
        }
        thread::yield_now();
    }
}

fn pipe() -> (fs::File, i32) {
    let (reader, writer) = raw_pipe();
    // SAFETY: a descriptor that nobody else has.
    (unsafe { fs::File::from_raw_fd(reader) }, writer)
}

fn raw_pipe() -> (i32, i32) {
    let mut ends = [0; 2];
    // SAFETY: room for two.
    assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
    (ends[0], ends[1])
}
