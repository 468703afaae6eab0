//! The function's log: one JSON object per line on standard output, where Lambda takes it to CloudWatch.

/// Writes one line. Nothing is to be done if it cannot be written: there is no other place to say so.
pub(crate) fn write(line: &str) {
    let mut bytes = Vec::with_capacity(line.len() + 1);
    bytes.extend_from_slice(line.as_bytes());
    bytes.push(b'\n');
    // One call where possible, so that the lines of threads and children do not mix (pipes are atomic up to 4 KiB).
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        // SAFETY: the slice is valid memory of that length.
        let written = unsafe { libc::write(libc::STDOUT_FILENO, rest.as_ptr().cast(), rest.len()) };
        match usize::try_from(written) {
            Ok(0) => return,
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(_) if !can_go_on() => return,
            Err(_) => {}
        }
    }
}

/// After a failed write: whether it is worth another try. Node makes its standard output non-blocking.
fn can_go_on() -> bool {
    const PATIENCE: i32 = 200;
    match std::io::Error::last_os_error().raw_os_error() {
        Some(libc::EINTR) => true,
        Some(libc::EAGAIN) => {
            let mut poll = libc::pollfd { fd: libc::STDOUT_FILENO, events: libc::POLLOUT, revents: 0 };
            // SAFETY: one pollfd of ours.
            unsafe { libc::poll(&mut poll, 1, PATIENCE) == 1 }
        }
        _ => false,
    }
}
