//! System calls made by our own instruction, so never interposed, and without `errno`.

use std::ffi::CStr;

pub(crate) const PAGE: usize = 4096;

pub(crate) const READ: i32 = libc::PROT_READ;
pub(crate) const WRITE: i32 = libc::PROT_WRITE;
pub(crate) const EXEC: i32 = libc::PROT_EXEC;

/// Asks the kernel directly: a value, or `-errno` between -4095 and -1. Never interposed, `errno` untouched.
///
/// # Safety
/// As the system call itself: pointers among the arguments must be what the kernel will take them for.
pub unsafe fn syscall(number: u64, args: [u64; 6]) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { crate::arch::syscall(number, args) }
}

fn call(number: libc::c_long, args: [usize; 6]) -> Result<usize, i32> {
    // SAFETY: every caller below passes memory it owns, or addresses whose change it answers for.
    let result = unsafe { syscall(number as u64, args.map(|arg| arg as u64)) };
    if (-4095..0).contains(&result) { Err(-result as i32) } else { Ok(result as usize) }
}

/// Fresh zeroed memory, at the kernel's choice or near `hint`.
pub(crate) fn map_anonymous(hint: usize, len: usize) -> Result<usize, i32> {
    // The kernels of Lambda know MAP_FIXED_NOREPLACE; an older one takes the address as a hint, and the caller looks.
    let fixed = if hint == 0 { 0 } else { libc::MAP_FIXED_NOREPLACE };
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | fixed;
    call(libc::SYS_mmap, [hint, len, (READ | WRITE) as usize, flags as usize, usize::MAX, 0])
}

/// A private view of a file.
pub(crate) fn map_file(fd: i32, offset: usize, len: usize, prot: i32) -> Result<usize, i32> {
    call(libc::SYS_mmap, [0, len, prot as usize, libc::MAP_PRIVATE as usize, fd as usize, offset])
}

/// # Safety
/// Nothing may use that memory any more.
pub(crate) unsafe fn unmap(start: usize, len: usize) {
    let _ = call(libc::SYS_munmap, [start, len, 0, 0, 0, 0]);
}

/// # Safety
/// Whoever uses that memory must be able to live with the new protection.
pub(crate) unsafe fn protect(start: usize, len: usize, prot: i32) -> Result<(), i32> {
    call(libc::SYS_mprotect, [start, len, prot as usize, 0, 0, 0]).map(drop)
}

/// Puts the pages at `from` in the place of those at `to`, in one step for every other thread.
///
/// # Safety
/// Code and data at `to` must be as good as before with the pages of `from`.
pub(crate) unsafe fn replace(from: usize, to: usize, len: usize) -> Result<(), i32> {
    let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
    call(libc::SYS_mremap, [from, len, len, flags as usize, to, 0]).map(drop)
}

/// A file open for reading; closed when dropped.
pub(crate) struct File(i32);

impl File {
    pub(crate) fn open(path: &CStr) -> Result<Self, i32> {
        let flags = libc::O_RDONLY | libc::O_CLOEXEC | libc::O_NONBLOCK | libc::O_NOCTTY;
        call(libc::SYS_openat, [libc::AT_FDCWD as usize, path.as_ptr() as usize, flags as usize, 0, 0, 0])
            .map(|fd| Self(fd as i32))
    }

    pub(crate) fn fd(&self) -> i32 {
        self.0
    }

    pub(crate) fn read(&self, into: &mut [u8]) -> Result<usize, i32> {
        call(libc::SYS_read, [self.0 as usize, into.as_mut_ptr() as usize, into.len(), 0, 0, 0])
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = call(libc::SYS_close, [self.0 as usize, 0, 0, 0, 0, 0]);
    }
}

/// The size of the regular file behind `fd`.
pub(crate) fn file_size(fd: i32) -> Option<usize> {
    let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
    call(libc::SYS_fstat, [fd as usize, stat.as_mut_ptr() as usize, 0, 0, 0, 0]).ok()?;
    // SAFETY: zeroed, and then filled by the kernel; every bit pattern is a valid `stat`.
    let stat = unsafe { stat.assume_init() };
    (stat.st_mode & libc::S_IFMT == libc::S_IFREG).then_some(stat.st_size as usize)
}

/// Gives a private mapping of a file pages of its own, so that what is written to the file later does not show in it.
pub(crate) fn copy_pages(start: usize, len: usize, prot: i32) -> Result<(), i32> {
    // SAFETY: just mapped, and nobody has been told; it gets back what it was mapped with.
    unsafe {
        protect(start, len, READ | WRITE)?;
        for page in (start..start + len).step_by(PAGE) {
            let byte = page as *mut u8;
            byte.write_volatile(byte.read_volatile());
        }
        protect(start, len, prot)
    }
}

/// Whether the file behind `fd` is in a file system that is mounted read-only.
pub(crate) fn is_on_read_only(fd: i32) -> bool {
    const ST_RDONLY: i64 = 1;
    // `struct statfs`, whose field of flags the C library's headers hide: 120 bytes on both architectures, the flags at 80.
    let mut words = [0i64; 15];
    let told = call(libc::SYS_fstatfs, [fd as usize, words.as_mut_ptr() as usize, 0, 0, 0, 0]).is_ok();
    told && words[10] & ST_RDONLY != 0
}
