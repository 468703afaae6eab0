//! The function's log: one JSON object per line on standard output, where Lambda takes it to CloudWatch.

use std::sync::OnceLock;

use crate::decide::state;

/// Standard output as it was at the start: a function may point descriptor 1 elsewhere for a while, to catch what a
/// program prints, and its audits must not end up there.
static OUTPUT: OnceLock<Output> = OnceLock::new();

struct Output {
    descriptor: i32,
    /// What the descriptor leads to, by device and inode: the function may close all descriptors and open others.
    identity: (u64, u64),
}

/// Remembers where the log is. To be called before the function's own code runs.
pub(crate) fn open() {
    OUTPUT.get_or_init(|| {
        // SAFETY: duplicates a descriptor; no memory is involved.
        let descriptor =
            unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_DUPFD_CLOEXEC, state::DESCRIPTORS.start) };
        state::add_own_descriptor(descriptor);
        Output { descriptor, identity: identity(descriptor).unwrap_or_default() }
    });
}

/// Writes the line of an audit, at the beginning of a line: whoever attacks may have printed something without an end before, and
/// the audit in the middle of that line would be read by nobody. CloudWatch keeps no empty lines.
pub(crate) fn write_audit(line: &str) {
    write(&format!("\n{line}"));
}

/// Writes one line. Nothing is to be done if it cannot be written: there is no other place to say so.
pub(crate) fn write(line: &str) {
    let mut bytes = Vec::with_capacity(line.len() + 1);
    bytes.extend_from_slice(line.as_bytes());
    bytes.push(b'\n');
    let descriptor = descriptor();
    // One call where possible, so that the lines of threads and children do not mix (pipes are atomic up to 4 KiB).
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        // SAFETY: the slice is valid memory of that length.
        let written = unsafe { libc::write(descriptor, rest.as_ptr().cast(), rest.len()) };
        match usize::try_from(written) {
            Ok(0) => return,
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(_) if !can_go_on(descriptor) => return,
            Err(_) => {}
        }
    }
}

fn descriptor() -> i32 {
    match OUTPUT.get() {
        Some(output) if identity(output.descriptor) == Some(output.identity) => output.descriptor,
        _ => libc::STDOUT_FILENO,
    }
}

fn identity(descriptor: i32) -> Option<(u64, u64)> {
    // SAFETY: an all-zero `stat` is valid and is filled by the call.
    unsafe {
        let mut stat: libc::stat = core::mem::zeroed();
        (libc::fstat(descriptor, &mut stat) == 0).then_some((stat.st_dev, stat.st_ino))
    }
}

/// After a failed write: whether it is worth another try. Node makes its standard output non-blocking.
fn can_go_on(descriptor: i32) -> bool {
    const PATIENCE: i32 = 200;
    match std::io::Error::last_os_error().raw_os_error() {
        Some(libc::EINTR) => true,
        Some(libc::EAGAIN) => {
            let mut poll = libc::pollfd { fd: descriptor, events: libc::POLLOUT, revents: 0 };
            // SAFETY: one pollfd of ours.
            unsafe { libc::poll(&mut poll, 1, PATIENCE) == 1 }
        }
        _ => false,
    }
}
