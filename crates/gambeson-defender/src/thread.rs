//! How our own threads behave in a process that is not ours.

use crate::decide::state;

/// Makes the calling thread a good guest: signals go to the function's threads, and the handler's work goes first.
pub(crate) fn stand_back() {
    const NICE: i32 = 5;
    state::add_own_thread();
    // SAFETY: a full signal set of ours; blocking signals concerns this thread only. On Linux the nice value is the
    // thread's as well when its own id is given.
    unsafe {
        // The C library leaves out the two signals of its own. The first, by which a thread is cancelled, is blocked here as
        // well: nobody cancels these threads but an attacker. The second has to reach every thread.
        const SIGSETXID: u32 = 33;
        let all: u64 = !(1 << (SIGSETXID - 1));
        libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const all, 0usize, size_of::<u64>());
        libc::setpriority(libc::PRIO_PROCESS, libc::syscall(libc::SYS_gettid) as libc::id_t, NICE);
    }
}
