//! The memory that the function's process and its children share: the ring of audits, the request being served and
//! the policy text for children that are started later.
//!
//! It is a memory file rather than an anonymous mapping so that a child that has called exec can map it again, by the
//! path `/proc/PID/fd/N` that stands in its environment. Everything in it is written by processes of the function,
//! which may be an attacker's: readers take nothing from it on trust (lengths are clamped, the policy is a signed text).

use std::cell::UnsafeCell;
use std::ffi::{CStr, c_void};
use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::decide::{kernel, state};

/// How many audits wait for the reporter at most. It is woken at once, so this is room for a burst while the function
/// does not let it run.
pub(crate) const SLOTS: usize = 128;
/// Room for one audit's texts: a path of 4,096 and what is left for the command line.
pub(crate) const TEXT: usize = 8192 - 128;
/// The longest request id kept. Lambda's are UUIDs of 36 characters.
pub(crate) const REQUEST_ID: usize = 64;
/// The longest policy text kept for children: the limit of what is fetched.
const POLICY: usize = 384 * 1024;
/// Told apart from any other file that the environment variable might name.
const MAGIC: u64 = u64::from_le_bytes(*b"gambeso1");

/// The layout of the shared memory.
#[repr(C)]
pub(crate) struct Shared {
    magic: AtomicU64,
    /// Counts published audits; the reporter waits on it.
    pub(crate) published: AtomicU32,
    /// The generation of the policy text, odd while it is being written.
    policy_version: AtomicU32,
    next: AtomicU64,
    /// Audits that found no free slot.
    pub(crate) dropped: AtomicU64,
    request: RequestId,
    pub(crate) attempts: crate::decide::attempts::Attempts,
    policy_length: AtomicU32,
    policy: UnsafeCell<[u8; POLICY]>,
    slots: [Slot; SLOTS],
}

// SAFETY: every plain field is guarded by an atomic beside it: a slot by its state, the policy by its version.
unsafe impl Sync for Shared {}

/// What the decision path says of one violation.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    /// What happened, as `crate::attack::Attack`.
    pub(crate) attack: u8,
    /// 1 if the call was refused. Not a `bool`: in shared memory any byte may stand here.
    pub(crate) prevented: u8,
    pub(crate) process: u32,
    pub(crate) time: u64,
    /// The snapshot that judged.
    pub(crate) generation: u32,
}

#[repr(C, align(64))]
struct Slot {
    state: AtomicU32,
    process: AtomicU32,
    sequence: AtomicU64,
    content: UnsafeCell<Content>,
}

#[repr(C)]
struct Content {
    facts: Facts,
    request: [u8; REQUEST_ID],
    path: u16,
    command: u16,
    cut: u8,
    text: [u8; TEXT],
}

const FREE: u32 = 0;
const WRITING: u32 = 1;
const READY: u32 = 2;

/// One audit as taken out of the ring.
pub(crate) struct Record {
    pub(crate) facts: Facts,
    pub(crate) request: Vec<u8>,
    pub(crate) path: Vec<u8>,
    pub(crate) command: Vec<u8>,
    /// The command line did not fit.
    pub(crate) cut: bool,
    sequence: u64,
}

/// A slot being filled. Published when `publish` is called; a writer that dies before leaves a slot that the reporter
/// takes back when it sees that the process is gone.
pub(crate) struct Entry<'a> {
    shared: &'a Shared,
    slot: &'a Slot,
    content: &'a mut Content,
}

impl Shared {
    /// Makes the memory and returns it with its descriptor, which stays open for children to map.
    pub(crate) fn create() -> io::Result<(&'static Self, i32)> {
        let size = size_of::<Self>() as libc::off_t;
        // SAFETY: a name of ours; memfd_create is not in glibc 2.17, hence the plain system calls. The descriptor moves to
        // where the Defender keeps its own, and the file can neither be cut off under those who have it mapped nor grow.
        let descriptor = unsafe {
            let flags = (libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING) as libc::c_ulong;
            let made = libc::syscall(libc::SYS_memfd_create, c"gambeson".as_ptr(), flags) as i32;
            if made < 0 {
                return Err(io::Error::last_os_error());
            }
            let moved = libc::fcntl(made, libc::F_DUPFD_CLOEXEC, state::DESCRIPTORS.start);
            libc::close(made);
            const SEALS: i32 = libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_SEAL;
            if moved < 0
                || libc::ftruncate(moved, size) != 0
                || libc::fcntl(moved, libc::F_ADD_SEALS, SEALS) != 0
            {
                return Err(io::Error::last_os_error());
            }
            moved
        };
        state::add_own_descriptor(descriptor);
        let shared = Self::map(descriptor)?;
        shared.magic.store(MAGIC, Ordering::Release);
        Ok((shared, descriptor))
    }

    /// Maps the memory that a parent made, named by `path`.
    pub(crate) fn open(path: &CStr) -> io::Result<&'static Self> {
        // SAFETY: a NUL-terminated path; the descriptor is closed below.
        let descriptor = unsafe { libc::open(path.as_ptr(), libc::O_RDWR | libc::O_CLOEXEC) };
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        let mapped = Self::sized(descriptor).and_then(|()| Self::map(descriptor));
        // SAFETY: opened above, used by nobody else.
        unsafe { libc::close(descriptor) };
        let shared = mapped?;
        if shared.magic.load(Ordering::Acquire) == MAGIC {
            Ok(shared)
        } else {
            Err(io::ErrorKind::InvalidData.into())
        }
    }

    fn sized(descriptor: i32) -> io::Result<()> {
        // SAFETY: an all-zero `stat` is valid and is filled by the call.
        let length = unsafe {
            let mut stat: libc::stat = core::mem::zeroed();
            if libc::fstat(descriptor, &mut stat) != 0 {
                return Err(io::Error::last_os_error());
            }
            stat.st_size
        };
        if length == size_of::<Self>() as i64 { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
    }

    fn map(descriptor: i32) -> io::Result<&'static Self> {
        // SAFETY: a new shared mapping of a file of exactly this size, never unmapped: valid for 'static. Every bit
        // pattern of `Shared` is valid: it holds integers only.
        unsafe {
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            let start = libc::mmap(
                core::ptr::null_mut::<c_void>(),
                size_of::<Self>(),
                protection,
                libc::MAP_SHARED,
                descriptor,
                0,
            );
            if start == libc::MAP_FAILED {
                Err(io::Error::last_os_error())
            } else {
                Ok(&*start.cast::<Self>())
            }
        }
    }

    /// Names the request that is being served, for audits that follow.
    pub(crate) fn set_request(&self, id: &str) {
        self.request.set(id.as_bytes());
    }

    /// Takes a free slot, or counts a dropped audit. Runs on the decision path.
    pub(crate) fn entry(&self, facts: Facts) -> Option<Entry<'_>> {
        let sequence = self.next.fetch_add(1, Ordering::Relaxed);
        let slot = self.slots.get(sequence as usize % SLOTS)?;
        if slot.state.compare_exchange(FREE, WRITING, Ordering::Acquire, Ordering::Relaxed).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            kernel::wake(&self.published);
            return None;
        }
        slot.process.store(facts.process, Ordering::Relaxed);
        slot.sequence.store(sequence, Ordering::Relaxed);
        // SAFETY: the state says WRITING and we put it there: nobody else touches the content until it is published.
        let content = unsafe { &mut *slot.content.get() };
        content.facts = facts;
        content.path = 0;
        content.command = 0;
        content.cut = 0;
        self.request.copy_to(&mut content.request);
        Some(Entry { shared: self, slot, content })
    }

    /// Takes out every published audit, in the order they were begun.
    pub(crate) fn take(&self, alive: impl Fn(u32) -> bool) -> Vec<Record> {
        let mut records = Vec::new();
        for slot in &self.slots {
            match slot.state.load(Ordering::Acquire) {
                READY => {
                    // SAFETY: READY slots are read by the one reporter only (the caller holds its lock).
                    let content = unsafe { &*slot.content.get() };
                    records.push(content.to_record(slot.sequence.load(Ordering::Relaxed)));
                    slot.state.store(FREE, Ordering::Release);
                }
                WRITING if !alive(slot.process.load(Ordering::Relaxed)) => {
                    self.dropped.fetch_add(1, Ordering::Relaxed);
                    slot.state.store(FREE, Ordering::Release);
                }
                _ => {}
            }
        }
        records.sort_by_key(|record| record.sequence);
        records
    }

    /// Leaves the signed policy text for children that are started from now on.
    pub(crate) fn set_policy(&self, text: &str, generation: u32) {
        if text.len() > POLICY {
            return;
        }
        self.policy_version.store(generation.wrapping_mul(2).wrapping_add(1), Ordering::SeqCst);
        // SAFETY: one writer (the caller holds the policy lock); readers check the version before and after.
        unsafe { (*self.policy.get()).as_mut_ptr().copy_from_nonoverlapping(text.as_ptr(), text.len()) };
        self.policy_length.store(text.len() as u32, Ordering::SeqCst);
        self.policy_version.store(generation.wrapping_mul(2), Ordering::SeqCst);
    }

    /// The policy text with its generation, unless it is being written just now or there is none.
    pub(crate) fn policy(&self) -> Option<(String, u32)> {
        let before = self.policy_version.load(Ordering::SeqCst);
        let length = self.policy_length.load(Ordering::SeqCst) as usize;
        if !before.is_multiple_of(2) || length == 0 || length > POLICY {
            return None;
        }
        let mut bytes = vec![0u8; length];
        // SAFETY: the length is within the array; what a concurrent writer leaves half done is thrown away below.
        unsafe { (*self.policy.get()).as_ptr().copy_to_nonoverlapping(bytes.as_mut_ptr(), length) };
        let whole = self.policy_version.load(Ordering::SeqCst) == before;
        whole.then(|| String::from_utf8(bytes).ok()).flatten().map(|text| (text, before / 2))
    }
}

impl Entry<'_> {
    /// Writes the path of the program.
    pub(crate) fn path(&mut self, path: &[u8]) {
        let length = path.len().min(kernel::PATH_MAX);
        for (place, byte) in self.content.text.iter_mut().zip(path.iter().take(length)) {
            *place = *byte;
        }
        self.content.path = length as u16;
        self.content.command = 0;
    }

    /// Appends one character of the command line; false when there is no more room.
    pub(crate) fn command(&mut self, byte: u8) -> bool {
        let at = usize::from(self.content.path) + usize::from(self.content.command);
        let Some(place) = self.content.text.get_mut(at) else {
            self.content.cut = 1;
            return false;
        };
        *place = byte;
        self.content.command += 1;
        true
    }

    /// Hands the audit to the reporter.
    pub(crate) fn publish(self) {
        self.slot.state.store(READY, Ordering::Release);
        self.shared.published.fetch_add(1, Ordering::Release);
        kernel::wake(&self.shared.published);
    }
}

impl Content {
    fn to_record(&self, sequence: u64) -> Record {
        let path = usize::from(self.path).min(TEXT);
        let end = (path + usize::from(self.command)).min(TEXT);
        let request = self.request.iter().copied().take_while(|byte| *byte != 0).collect();
        Record {
            facts: self.facts,
            request,
            path: self.text[..path].to_vec(),
            command: self.text[path..end].to_vec(),
            cut: self.cut != 0,
            sequence,
        }
    }
}

/// The request id in eight words: a reader that meets a writer gets a mix of two ids, never anything else. That needs
/// a call made exactly between two invocations, and the audit is right in all other fields.
#[repr(C)]
struct RequestId {
    words: [AtomicU64; REQUEST_ID / 8],
}

impl RequestId {
    fn set(&self, id: &[u8]) {
        for (index, word) in self.words.iter().enumerate() {
            let mut bytes = [0u8; 8];
            for (place, byte) in bytes.iter_mut().zip(id.iter().skip(index * 8)) {
                *place = *byte;
            }
            word.store(u64::from_ne_bytes(bytes), Ordering::Relaxed);
        }
    }

    fn copy_to(&self, room: &mut [u8; REQUEST_ID]) {
        for (place, word) in room.chunks_exact_mut(8).zip(&self.words) {
            for (byte, value) in place.iter_mut().zip(word.load(Ordering::Relaxed).to_ne_bytes()) {
                *byte = value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts { attack: 0, prevented: 1, process: std::process::id(), time: 1, generation: 1 }
    }

    #[test]
    fn audits_come_out_in_order_and_whole() {
        let (shared, _) = Shared::create().unwrap();
        shared.set_request("7f2c1e9e-0000-4000-8000-000000000001");
        for name in ["/usr/bin/id", "/bin/sh"] {
            let mut entry = shared.entry(facts()).unwrap();
            entry.path(name.as_bytes());
            for byte in b"sh -c id" {
                assert!(entry.command(*byte));
            }
            entry.publish();
        }
        let records = shared.take(|_| true);
        let paths: Vec<_> = records.iter().map(|record| record.path.as_slice()).collect();
        assert_eq!(paths, [b"/usr/bin/id".as_slice(), b"/bin/sh"]);
        assert_eq!(records[1].command, b"sh -c id");
        assert_eq!(records[0].request, b"7f2c1e9e-0000-4000-8000-000000000001");
        assert!(shared.take(|_| true).is_empty());
    }

    #[test]
    fn a_full_ring_counts_what_it_dropped() {
        let (shared, _) = Shared::create().unwrap();
        for _ in 0..SLOTS + 5 {
            if let Some(entry) = shared.entry(facts()) {
                entry.publish();
            }
        }
        assert_eq!(shared.dropped.load(Ordering::Relaxed), 5);
        assert_eq!(shared.take(|_| true).len(), SLOTS);
    }

    #[test]
    fn a_command_line_without_end_is_cut() {
        let (shared, _) = Shared::create().unwrap();
        let mut entry = shared.entry(facts()).unwrap();
        entry.path(b"/bin/sh");
        assert!(!(0..=TEXT).all(|_| entry.command(b'x')));
        entry.publish();
        let record = &shared.take(|_| true)[0];
        assert!(record.cut);
        assert_eq!(record.command.len(), TEXT - b"/bin/sh".len());
    }

    #[test]
    fn a_slot_of_a_dead_writer_is_taken_back() {
        let (shared, _) = Shared::create().unwrap();
        let _never_published = shared.entry(facts()).unwrap();
        assert!(shared.take(|_| true).is_empty());
        assert_eq!(shared.dropped.load(Ordering::Relaxed), 0);
        assert!(shared.take(|_| false).is_empty());
        assert_eq!(shared.dropped.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_child_maps_the_same_memory_and_policy() {
        let (shared, descriptor) = Shared::create().unwrap();
        assert_eq!(shared.policy(), None);
        shared.set_policy("signed text", 7);
        let path = std::ffi::CString::new(format!("/proc/self/fd/{descriptor}")).unwrap();
        let child = Shared::open(&path).unwrap();
        assert_eq!(child.policy(), Some(("signed text".to_owned(), 7)));
        child.entry(facts()).unwrap().publish();
        assert_eq!(shared.take(|_| true).len(), 1);
        assert!(Shared::open(c"/proc/self/exe").is_err());
    }
}
