//! Judging connections and sockets that listen.
//!
//! An address is copied once, judged, and the copy is handed to the kernel.

use gambeson_interpose::{Action, Call, syscall};

use super::learned::Learned;
use super::memory::{copy_words, write_word};
use super::names;
use super::socket::{self, Address, Meaning};
use super::violation::refused;
use super::{kernel, paths, state};
use crate::snapshot::{Destination, Snapshot, Verdict};

/// What the resolvers said.
pub(super) static LEARNED: Learned = Learned::new();

/// `struct msghdr` in words: name, its length, the pieces, their number, control data, its length, flags.
const HEADER: usize = 7;
/// `struct mmsghdr` is that and a word for the number of bytes sent.
const HEADER_OF_MANY: u64 = (HEADER as u64 + 1) * 8;

pub(super) fn connect(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [descriptor, address, length, ..] = call.args;
    let copied = match Address::copy(address, length) {
        Ok(Some(copied)) => copied,
        Ok(None) => return Action::Proceed,
        Err(_) => return call.fail(libc::EFAULT),
    };
    if let Meaning::Internet(to) = copied.meaning()
        && !is_probe(descriptor, to)
        && refuses(snapshot, to)
    {
        return call.fail(libc::EACCES);
    }
    // SAFETY: the call the function asked for, with a copy of its address.
    let answer = unsafe { syscall(call.number, [descriptor, copied.pointer(), copied.length(), 0, 0, 0]) };
    call.answer(answer)
}

pub(super) fn send_to(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [descriptor, data, length, flags, address, address_length] = call.args;
    let mut to = None;
    let mut copied = None;
    if address != 0 {
        copied = match Address::copy(address, address_length) {
            Ok(Some(copied)) => Some(copied),
            Ok(None) => return Action::Proceed,
            Err(_) => return call.fail(libc::EFAULT),
        };
        to = copied.as_ref().and_then(destination);
        if to.is_some_and(|to| refuses(snapshot, to)) {
            return call.fail(libc::EACCES);
        }
    }
    let (pointer, pointer_length) =
        copied.as_ref().map_or((0, 0), |copied| (copied.pointer(), copied.length()));
    let answer = names::send(snapshot, descriptor, to, [data, length], |descriptor, data, length| {
        // SAFETY: the call the function asked for, with copies of what was judged.
        unsafe {
            let arguments = [descriptor, data, length, flags, pointer, pointer_length];
            syscall(libc::SYS_sendto as u64, arguments)
        }
    });
    call.answer(answer)
}

pub(super) fn send_message(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [descriptor, header, flags, ..] = call.args;
    let answer = one_message(snapshot, descriptor, header, flags);
    call.answer(answer)
}

/// Sends one after the other. As with the kernel's own, an error counts only if nothing was sent.
pub(super) fn send_messages(snapshot: &Snapshot, call: &mut Call) -> Action {
    const AT_MOST: u64 = 1024;
    let [descriptor, headers, count, flags, ..] = call.args;
    let count = u64::from(count as u32).min(AT_MOST);
    for index in 0..count {
        let header = headers.wrapping_add(index.wrapping_mul(HEADER_OF_MANY));
        let sent = one_message(snapshot, descriptor, header, flags);
        let sent = match u64::try_from(sent) {
            Ok(sent) => {
                write_word(header.wrapping_add(HEADER as u64 * 8), sent).map_err(|_| -i64::from(libc::EFAULT))
            }
            Err(_) => Err(sent),
        };
        if let Err(errno) = sent {
            let answer = if index == 0 { errno } else { index as i64 };
            return call.answer(answer);
        }
    }
    call.answer(count as i64)
}

fn one_message(snapshot: &Snapshot, descriptor: u64, header: u64, flags: u64) -> i64 {
    let mut words = [0u64; HEADER];
    if copy_words(header, &mut words).is_err() {
        return -i64::from(libc::EFAULT);
    }
    let [name, name_length, pieces, count, ..] = words;
    let mut to = None;
    let mut copied = None;
    // A length of zero is no address, whatever the pointer says.
    if name != 0 && name_length as u32 != 0 {
        // The kernel cuts a longer address off here, where `connect` refuses it.
        let length = u64::from(name_length as u32).min(socket::LONGEST as u64);
        copied = match Address::copy(name, length) {
            Ok(copied) => copied,
            Err(_) => return -i64::from(libc::EFAULT),
        };
        to = copied.as_ref().and_then(destination);
        if to.is_some_and(|to| refuses(snapshot, to)) {
            return -i64::from(libc::EACCES);
        }
    }
    if let Some(copied) = &copied {
        let [name, name_length, ..] = &mut words;
        (*name, *name_length) = (copied.pointer(), copied.length());
    }
    names::send_pieces(snapshot, descriptor, to, [pieces, count], |descriptor, pieces, count| {
        let [name, name_length, _, _, control, control_length, header_flags] = words;
        let words = [name, name_length, pieces, count, control, control_length, header_flags];
        // SAFETY: the call the function asked for, with copies of the header and of what was judged.
        unsafe { syscall(libc::SYS_sendmsg as u64, [descriptor, words.as_ptr() as u64, flags, 0, 0, 0]) }
    })
}

pub(super) fn listen(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [descriptor, backlog, ..] = call.args;
    let answer = kernel::with_own(descriptor, |own| match socket::own_address(own) {
        Some(at) if refuses_listening(snapshot, at) => -i64::from(libc::EACCES),
        // SAFETY: the call the function asked for.
        _ => unsafe { syscall(libc::SYS_listen as u64, [own, backlog, 0, 0, 0, 0]) },
    });
    call.answer(answer)
}

/// A socket for datagrams listens as soon as it is bound; one for streams is judged when it listens. A UNIX socket with a path
/// makes a file.
pub(super) fn bind(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [descriptor, address, length, ..] = call.args;
    let copied = match Address::copy(address, length) {
        Ok(Some(copied)) => copied,
        Ok(None) => return Action::Proceed,
        Err(_) => return call.fail(libc::EFAULT),
    };
    let answer = kernel::with_own(descriptor, |own| {
        let refused = match copied.meaning() {
            Meaning::Internet(at) | Meaning::Unspecified(at) => {
                at.port != 0 && socket::is(own, libc::SOCK_DGRAM, None) && refuses_listening(snapshot, at)
            }
            Meaning::Unix { start, end } => {
                paths::refuses_socket(snapshot, copied.bytes().get(start..end).unwrap_or_default())
            }
            Meaning::Other => false,
        };
        if refused {
            return -i64::from(libc::EACCES);
        }
        // SAFETY: the call the function asked for, with a copy of its address.
        unsafe { syscall(libc::SYS_bind as u64, [own, copied.pointer(), copied.length(), 0, 0, 0]) }
    });
    call.answer(answer)
}

/// Where a message goes. On an IPv4 socket, no family is as good as IPv4; on others the kernel sends it where the socket is
/// connected to, and then this judges an address that is not used.
fn destination(address: &Address) -> Option<Destination> {
    match address.meaning() {
        Meaning::Internet(to) | Meaning::Unspecified(to) => Some(to),
        Meaning::Unix { .. } | Meaning::Other => None,
    }
}

/// The C library finds out which of its own addresses it would use by connecting a UDP socket to port 0, and so does Node.
/// Nothing is sent then, and nothing can be sent there.
fn is_probe(descriptor: u64, to: Destination) -> bool {
    to.port == 0 && socket::is(descriptor, libc::SOCK_DGRAM, Some(libc::IPPROTO_UDP))
}

fn refuses(snapshot: &Snapshot, to: Destination) -> bool {
    let to = to.reached();
    let learned = || LEARNED.knows(to.address, kernel::monotonic_seconds);
    is_refused(snapshot, snapshot.network.outbound(to, learned), to)
}

fn refuses_listening(snapshot: &Snapshot, at: Destination) -> bool {
    is_refused(snapshot, snapshot.network.listening(at.port), at)
}

fn is_refused(snapshot: &Snapshot, verdict: Verdict, target: Destination) -> bool {
    // The Defender's own way to the Console is never subject to policy.
    let Some(verdict) = verdict.filter(|_| !state::is_own_thread()) else { return false };
    refused(snapshot, verdict, &[socket::spelled(target).bytes()])
}
