//! How our own threads behave in a process that is not ours.

/// Makes the calling thread a good guest: signals go to the function's threads, and the handler's work goes first.
pub(crate) fn stand_back() {
    const NICE: i32 = 5;
    // SAFETY: a full signal set of ours; blocking signals concerns this thread only. On Linux the nice value is the
    // thread's as well when its own id is given.
    unsafe {
        let mut all: libc::sigset_t = core::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, core::ptr::null_mut());
        libc::setpriority(libc::PRIO_PROCESS, libc::syscall(libc::SYS_gettid) as libc::id_t, NICE);
    }
}
