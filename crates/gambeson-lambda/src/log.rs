//! What a function prints, line by line.

use std::io::{self, PipeWriter, Read, Write};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Longer lines are cut here, as CloudWatch cuts events at 256 KB.
const MAX_LINE: usize = 256 << 10;

/// A pipe that is always being read. Standard output and error go to the same one, so that their order is kept.
#[derive(Debug)]
pub(crate) struct Log {
    writer: PipeWriter,
    shared: Arc<(Mutex<Lines>, Condvar)>,
    marks: u64,
    /// What starts a mark: bytes that no text holds, and a number that a function does not know.
    prefix: Vec<u8>,
}

#[derive(Debug, Default)]
struct Lines {
    complete: Vec<String>,
    mark: u64,
}

impl Log {
    pub(crate) fn new() -> io::Result<Self> {
        let (mut reader, writer) = io::pipe()?;
        let shared = Arc::new((Mutex::new(Lines::default()), Condvar::new()));
        let prefix = format!("\0\u{1}mark {:016x} ", u64::from_be_bytes(crate::random()?)).into_bytes();
        let (lines, start) = (Arc::clone(&shared), prefix.clone());
        thread::spawn(move || {
            let mut partial = Vec::new();
            let mut buffer = vec![0; 64 << 10];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                partial.extend_from_slice(&buffer[..length]);
                let mut state = lines.0.lock().unwrap_or_else(PoisonError::into_inner);
                split(&mut partial, &start, &mut state);
                lines.1.notify_all();
            }
        });
        Ok(Self { writer, shared, marks: 0, prefix })
    }

    /// The end that a process tree writes to.
    pub(crate) fn writer(&self) -> &PipeWriter {
        &self.writer
    }

    /// Everything printed until now and not taken yet. What was printed before this call is never missed: a mark goes through the same pipe.
    pub(crate) fn take(&mut self) -> Vec<String> {
        self.marks += 1;
        let mut mark = self.prefix.clone();
        mark.extend_from_slice(format!("{}\n", self.marks).as_bytes());
        let written = self.writer.write_all(&mark);
        let mut lines = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A function that prints without end may keep the pipe full, but not for ever.
        if written.is_ok() {
            lines = self
                .shared
                .1
                .wait_timeout_while(lines, Duration::from_secs(5), |lines| lines.mark < self.marks)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        std::mem::take(&mut lines.complete)
    }
}

/// Moves complete lines out of `partial`.
fn split(partial: &mut Vec<u8>, mark: &[u8], lines: &mut Lines) {
    let mut from = 0;
    while let Some(length) = partial[from..].iter().position(|b| *b == b'\n') {
        let line = &partial[from..from + length];
        // A mark may follow a line that has no end yet: that is then its end.
        match line.windows(mark.len()).position(|window| window == mark) {
            Some(at) => {
                if at > 0 {
                    push(lines, &line[..at]);
                }
                let number = std::str::from_utf8(&line[at + mark.len()..]).ok().and_then(|n| n.parse().ok());
                lines.mark = number.unwrap_or(lines.mark);
            }
            None => push(lines, line),
        }
        from += length + 1;
    }
    partial.drain(..from);
    // Without this a line that never ends would be kept in memory for ever.
    if partial.len() > 2 * MAX_LINE {
        push(lines, partial);
        partial.clear();
    }
}

/// CloudWatch keeps no empty lines.
fn push(lines: &mut Lines, line: &[u8]) {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return;
    }
    lines.complete.push(String::from_utf8_lossy(&line[..line.len().min(MAX_LINE)]).into_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_before_is_there_and_unfinished_lines_end_at_the_mark() {
        let mut log = Log::new().expect("a pipe");
        let mut writer = log.writer().try_clone().expect("a clone");
        for round in 0..200 {
            write!(writer, "\nfirst {round}\n\nsecond\r\nthird").expect("writes");
            assert_eq!(log.take(), [&format!("first {round}"), "second", "third"]);
        }
        assert!(log.take().is_empty());
    }

    #[test]
    fn more_than_a_pipe_holds_is_read_while_it_is_written() {
        let mut log = Log::new().expect("a pipe");
        let mut writer = log.writer().try_clone().expect("a clone");
        for _ in 0..20_000 {
            writer.write_all(b"0123456789\n").expect("writes");
        }
        assert_eq!(log.take().len(), 20_000);
    }
}
