//! The few calls that the decision path makes itself, straight to the kernel: libc's wrappers set errno and may be
//! interposed by somebody else.

use gambeson_interpose::syscall;

/// The longest path the kernel takes, terminator included.
pub(crate) const PATH_MAX: usize = 4096;

/// What a path leads to.
pub(crate) struct Target {
    /// A regular file: the only thing that can be executed.
    pub(crate) regular: bool,
    /// The length of the resolved path in the room given; `None` if the kernel would not tell it.
    pub(crate) resolved: Option<usize>,
}

/// Whether the process may execute what `path` (NUL-terminated) leads to: 0, or the negative errno that `execveat`
/// would give.
pub(crate) fn may_execute(directory: u64, path: &[u8]) -> i64 {
    // SAFETY: `path` is NUL-terminated memory of ours; the call only reads it.
    unsafe {
        syscall(libc::SYS_faccessat as u64, [directory, path.as_ptr() as u64, libc::X_OK as u64, 0, 0, 0])
    }
}

/// Whether there is something at `path` (NUL-terminated).
pub(crate) fn is_there(path: &[u8]) -> bool {
    // SAFETY: as above.
    let answer = unsafe {
        let here = libc::AT_FDCWD as i64 as u64;
        syscall(libc::SYS_faccessat as u64, [here, path.as_ptr() as u64, libc::F_OK as u64, 0, 0, 0])
    };
    answer == 0
}

/// Whether the process may write to the directory or file at `path` (NUL-terminated).
pub(crate) fn may_write(path: &[u8]) -> bool {
    // SAFETY: as above.
    let answer = unsafe {
        let here = libc::AT_FDCWD as i64 as u64;
        syscall(libc::SYS_faccessat as u64, [here, path.as_ptr() as u64, libc::W_OK as u64, 0, 0, 0])
    };
    answer == 0
}

/// 0 if the process may write to the directory behind `descriptor`, or the negative errno: `EROFS` in most of Lambda's.
pub(crate) fn may_change_directory(descriptor: u64) -> i64 {
    // SAFETY: a constant path.
    unsafe {
        let here = c".".as_ptr() as u64;
        syscall(libc::SYS_faccessat as u64, [descriptor, here, libc::W_OK as u64, 0, 0, 0])
    }
}

/// 0 if the process may do that to the file behind `descriptor`, or the negative errno.
pub(crate) fn may_access(descriptor: u64, writes: bool) -> i64 {
    let link = DescriptorLink::new(descriptor);
    let how = if writes { libc::W_OK } else { libc::R_OK };
    // SAFETY: a terminated path of ours.
    unsafe {
        let here = libc::AT_FDCWD as i64 as u64;
        syscall(libc::SYS_faccessat as u64, [here, link.pointer(), how as u64, 0, 0, 0])
    }
}

/// 0 if there is a `name` (a terminated string of ours) in `directory`, be it a link that leads nowhere.
pub(crate) fn exists(directory: u64, name: u64) -> i64 {
    // SAFETY: an all-zero `stat` is a valid value; the kernel fills it.
    unsafe {
        let mut stat: libc::stat = core::mem::zeroed();
        let arguments = [directory, name, &raw mut stat as u64, libc::AT_SYMLINK_NOFOLLOW as u64, 0, 0];
        syscall(libc::SYS_newfstatat as u64, arguments)
    }
}

/// Opens `path` (NUL-terminated) without any right on it, only to learn what it is. Negative errno on failure.
pub(crate) fn open_to_look(directory: u64, path: &[u8]) -> i64 {
    let flags = (libc::O_PATH | libc::O_CLOEXEC) as u64;
    // SAFETY: as above.
    unsafe { syscall(libc::SYS_openat as u64, [directory, path.as_ptr() as u64, flags, 0, 0, 0]) }
}

/// Opens the directory at `path` (a terminated string of ours) without any right on it. `resolve` is of `openat2`.
pub(crate) fn open_directory(from: u64, path: u64, resolve: u64) -> i64 {
    let flags = (libc::O_PATH | libc::O_DIRECTORY | libc::O_CLOEXEC) as u64;
    if resolve == 0 {
        // SAFETY: a terminated path of ours.
        return unsafe { syscall(libc::SYS_openat as u64, [from, path, flags, 0, 0, 0]) };
    }
    let how = [flags, 0, resolve];
    // SAFETY: as above, and a `struct open_how` of ours.
    unsafe {
        let arguments = [from, path, how.as_ptr() as u64, size_of_val(&how) as u64, 0, 0];
        syscall(libc::SYS_openat2 as u64, arguments)
    }
}

/// Where the link `name` (a terminated string of ours) in `directory` leads, written to `room` with a terminator; its length.
pub(crate) fn read_link(directory: u64, name: u64, room: &mut [u8; PATH_MAX]) -> Option<usize> {
    // SAFETY: a terminated name and a room of ours, as long as said.
    let length = unsafe {
        let arguments = [directory, name, room.as_mut_ptr() as u64, PATH_MAX as u64 - 1, 0, 0];
        syscall(libc::SYS_readlinkat as u64, arguments)
    };
    let length = usize::try_from(length).ok()?;
    *room.get_mut(length)? = 0;
    Some(length)
}

/// Calls `then` with a descriptor of our own for what `descriptor` leads to: another thread may make the function's lead
/// somewhere else between two calls. A negative errno if there is none to be had.
pub(crate) fn with_own(descriptor: u64, then: impl FnOnce(u64) -> i64) -> i64 {
    // SAFETY: no memory is involved.
    let own =
        unsafe { syscall(libc::SYS_fcntl as u64, [descriptor, libc::F_DUPFD_CLOEXEC as u64, 0, 0, 0, 0]) };
    let Ok(own) = u64::try_from(own) else { return own };
    let answer = then(own);
    close(own);
    answer
}

/// Closes a descriptor of ours.
pub(crate) fn close(descriptor: u64) {
    // SAFETY: the descriptor was opened by this module's caller and is used by nobody else.
    unsafe { syscall(libc::SYS_close as u64, [descriptor, 0, 0, 0, 0, 0]) };
}

/// The path of the open `descriptor` as the kernel resolved it, written to `room` (not terminated); `None` if the kernel
/// would not tell it whole.
pub(crate) fn path_of(descriptor: u64, room: &mut [u8; PATH_MAX]) -> Option<usize> {
    let link = DescriptorLink::new(descriptor);
    // SAFETY: both buffers are ours and as long as said.
    let length = unsafe {
        let here = libc::AT_FDCWD as i64 as u64;
        let arguments = [here, link.text.as_ptr() as u64, room.as_mut_ptr() as u64, PATH_MAX as u64, 0, 0];
        syscall(libc::SYS_readlinkat as u64, arguments)
    };
    // A path that fills the room may have been cut: it is not the file's path then.
    usize::try_from(length).ok().filter(|length| *length > 0 && *length < PATH_MAX)
}

/// The `st_mode` of an open descriptor, or 0.
pub(crate) fn mode_of(descriptor: u64) -> u32 {
    // SAFETY: an all-zero `stat` is a valid value; the kernel fills it.
    unsafe {
        let mut stat: libc::stat = core::mem::zeroed();
        let answer = syscall(libc::SYS_fstat as u64, [descriptor, &raw mut stat as u64, 0, 0, 0, 0]);
        if answer == 0 { stat.st_mode } else { 0 }
    }
}

/// What the open `descriptor` is, with its path as the kernel resolved it written to `room` (not terminated).
pub(crate) fn look_at(descriptor: u64, room: &mut [u8; PATH_MAX]) -> Target {
    let regular = mode_of(descriptor) & libc::S_IFMT == libc::S_IFREG;
    let resolved = path_of(descriptor, room);
    Target { regular, resolved }
}

/// `/proc/self/fd/N` with its terminator, made without a formatter. In a child of vfork, `self` is the child, which
/// is right: the descriptor is the child's.
pub(crate) struct DescriptorLink {
    text: [u8; 40],
}

impl DescriptorLink {
    /// The path, terminated.
    pub(crate) fn pointer(&self) -> u64 {
        self.text.as_ptr() as u64
    }

    pub(crate) fn new(descriptor: u64) -> Self {
        const PREFIX: &[u8] = b"/proc/self/fd/";
        let mut digits = [0u8; 20];
        let mut count = 0;
        let mut rest = descriptor;
        for place in &mut digits {
            *place = b'0' + (rest % 10) as u8;
            rest /= 10;
            count += 1;
            if rest == 0 {
                break;
            }
        }
        let mut text = [0u8; 40];
        let characters = PREFIX.iter().chain(digits.iter().take(count).rev());
        for (place, character) in text.iter_mut().zip(characters) {
            *place = *character;
        }
        Self { text }
    }
}

/// The program that this process runs, written to `room` (not terminated); its length.
pub(crate) fn own_program(room: &mut [u8; PATH_MAX]) -> usize {
    // SAFETY: a constant path, and room as long as said.
    let length = unsafe {
        let here = libc::AT_FDCWD as i64 as u64;
        let path = c"/proc/self/exe".as_ptr() as u64;
        syscall(libc::SYS_readlinkat as u64, [here, path, room.as_mut_ptr() as u64, PATH_MAX as u64, 0, 0])
    };
    usize::try_from(length).unwrap_or(0)
}

/// The process's id, asked anew each time: a child of vfork shares our memory but not our id.
pub(crate) fn process_id() -> u32 {
    // SAFETY: no arguments, no effect.
    unsafe { syscall(libc::SYS_getpid as u64, [0; 6]) as u32 }
}

/// Whether the process may do what it likes to files.
pub(crate) fn is_root() -> bool {
    // SAFETY: no arguments, no effect.
    unsafe { syscall(libc::SYS_geteuid as u64, [0; 6]) == 0 }
}

/// The calling thread's id.
pub(crate) fn thread_id() -> u32 {
    // SAFETY: no arguments, no effect.
    unsafe { syscall(libc::SYS_gettid as u64, [0; 6]) as u32 }
}

/// Seconds of a clock that nobody sets.
pub(crate) fn monotonic_seconds() -> u64 {
    clock(libc::CLOCK_MONOTONIC).tv_sec as u64
}

fn clock(which: libc::clockid_t) -> libc::timespec {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel fills a timespec of ours.
    unsafe { syscall(libc::SYS_clock_gettime as u64, [which as u64, &raw mut now as u64, 0, 0, 0, 0]) };
    now
}

/// The time of day in milliseconds since 1970.
pub(crate) fn unix_milliseconds() -> u64 {
    let now = clock(libc::CLOCK_REALTIME);
    (now.tv_sec as u64).wrapping_mul(1000).wrapping_add(now.tv_nsec as u64 / 1_000_000)
}

/// Wakes whoever waits for `word` to change, in this process or another that maps the same memory.
pub(crate) fn wake(word: &core::sync::atomic::AtomicU32) {
    // SAFETY: the word is a mapped, aligned u32; FUTEX_WAKE only compares addresses.
    unsafe {
        let arguments = [word.as_ptr() as u64, libc::FUTEX_WAKE as u64, i32::MAX as u64, 0, 0, 0];
        syscall(libc::SYS_futex as u64, arguments)
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_link_is_spelled_without_a_formatter() {
        for (descriptor, expected) in
            [(0, c"/proc/self/fd/0"), (10, c"/proc/self/fd/10"), (1023, c"/proc/self/fd/1023")]
        {
            let link = DescriptorLink::new(descriptor);
            assert!(link.text.starts_with(expected.to_bytes_with_nul()));
        }
    }

    #[test]
    fn a_link_is_resolved_to_the_file_it_leads_to() {
        let directory = tempfile::tempdir().unwrap();
        let link = directory.path().join("link");
        std::os::unix::fs::symlink("/proc/self/exe", &link).unwrap();
        let path = std::ffi::CString::new(link.to_str().unwrap()).unwrap();
        let descriptor = open_to_look(libc::AT_FDCWD as i64 as u64, path.as_bytes_with_nul());
        assert!(descriptor >= 0);
        let mut room = [0; PATH_MAX];
        let target = look_at(descriptor as u64, &mut room);
        close(descriptor as u64);
        assert!(target.regular);
        let resolved = &room[..target.resolved.unwrap()];
        assert_eq!(resolved, std::env::current_exe().unwrap().to_str().unwrap().as_bytes());
    }

    #[test]
    fn what_cannot_be_executed_has_the_errno_of_exec() {
        let here = libc::AT_FDCWD as i64 as u64;
        assert_eq!(may_execute(here, b"/no/such/file\0"), -i64::from(libc::ENOENT));
        assert_eq!(may_execute(here, b"/etc/passwd/x\0"), -i64::from(libc::ENOTDIR));
        assert_eq!(may_execute(here, b"/bin/sh\0"), 0);
    }
}
