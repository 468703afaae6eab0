//! Judging which names are looked up, and learning from the answers.
//!
//! Whoever asks a resolver, be it the C library, c-ares or code of the function's own, sends a message to port 53. What is
//! sent there is copied, read, and the copy is sent. Answers are read from the kernel's queue before the function gets them,
//! so that they are the resolver's and not what another thread makes of them.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use gambeson_interpose::{Action, Call, syscall};

use super::attempts::Hash;
use super::dns::{self, LONGEST, Name};
use super::kernel;
use super::memory::{copy_bytes, copy_words};
use super::network::LEARNED;
use super::socket::{self, Address, Meaning};
use super::violation::refused;
use crate::attack::{Attack, LOOKED_UP};
use crate::snapshot::{DNS, Destination, Snapshot};

/// Pieces of a message that are put together. The C library sends two.
const PIECES: usize = 16;

/// Sends one piece of memory, judged if it goes to a resolver. `to` is the address that the message names, if any. `send` gets
/// the descriptor, the memory and its length.
pub(super) fn send(
    snapshot: &Snapshot,
    descriptor: u64,
    to: Option<Destination>,
    [data, length]: [u64; 2],
    send: impl FnOnce(u64, u64, u64) -> i64,
) -> i64 {
    if !snapshot.network.judges_names() {
        return send(descriptor, data, length);
    }
    kernel::with_own(descriptor, |own| match goes_to_resolver(own, to) {
        None => send(own, data, length),
        Some(transport) => judged(snapshot, descriptor, transport, &[[data, length]], |message| {
            send(own, message.as_ptr() as u64, message.len() as u64)
        }),
    })
}

/// As [`send`], for a message in `count` pieces: pairs of pointer and length at `pieces`.
pub(super) fn send_pieces(
    snapshot: &Snapshot,
    descriptor: u64,
    to: Option<Destination>,
    [pieces, count]: [u64; 2],
    send: impl FnOnce(u64, u64, u64) -> i64,
) -> i64 {
    if !snapshot.network.judges_names() {
        return send(descriptor, pieces, count);
    }
    kernel::with_own(descriptor, |own| {
        let Some(transport) = goes_to_resolver(own, to) else { return send(own, pieces, count) };
        let mut room = [[0u64; 2]; PIECES];
        let Some(known) = usize::try_from(count).ok().and_then(|count| room.get_mut(..count)) else {
            return -i64::from(libc::EMSGSIZE);
        };
        if copy_words(pieces, known.as_flattened_mut()).is_err() {
            return -i64::from(libc::EFAULT);
        }
        judged(snapshot, descriptor, transport, known, |message| {
            let piece = [message.as_ptr() as u64, message.len() as u64];
            send(own, piece.as_ptr() as u64, 1)
        })
    })
}

/// `write` and `writev`.
pub(super) fn write(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [descriptor, data, length, ..] = call.args;
    let number = call.number;
    let make = |descriptor: u64, data: u64, length: u64| {
        // SAFETY: the call the function asked for, with a copy of what was judged.
        unsafe { syscall(number, [descriptor, data, length, 0, 0, 0]) }
    };
    let answer = if number == libc::SYS_write as u64 {
        send(snapshot, descriptor, None, [data, length], make)
    } else {
        send_pieces(snapshot, descriptor, None, [data, length], make)
    };
    call.answer(answer)
}

/// Calls that move data into a socket without showing it: nobody asks a resolver that way. `place` is which argument the
/// socket is.
pub(super) fn move_into(snapshot: &Snapshot, call: &mut Call, place: usize) -> Action {
    let Some(descriptor) = call.args.get(place).copied() else { return Action::Proceed };
    let answer = kernel::with_own(descriptor, |own| {
        if goes_to_resolver(own, None).is_some() && is_refused(snapshot, None) {
            return -i64::from(libc::EACCES);
        }
        let mut args = call.args;
        if let Some(place) = args.get_mut(place) {
            *place = own;
        }
        // SAFETY: the call the function asked for, by a descriptor of our own.
        unsafe { syscall(call.number, args) }
    });
    call.answer(answer)
}

/// How what is sent on a socket gets to a resolver, if it goes to one. Over a connection, an address that a message names
/// does not count.
fn goes_to_resolver(socket: u64, to: Option<Destination>) -> Option<Transport> {
    let named = to.is_some_and(|to| to.port == DNS);
    if !named && socket::peer(socket)?.port != DNS {
        return None;
    }
    Some(if socket::is(socket, libc::SOCK_STREAM, None) { Transport::Stream } else { Transport::Datagram })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Transport {
    Datagram,
    /// Each message has its length in front.
    Stream,
}

fn judged(
    snapshot: &Snapshot,
    descriptor: u64,
    transport: Transport,
    pieces: &[[u64; 2]],
    send: impl FnOnce(&[u8]) -> i64,
) -> i64 {
    let mut room = [0u8; LONGEST];
    let mut length = 0usize;
    for [data, piece_length] in pieces {
        let end = usize::try_from(*piece_length).ok().and_then(|piece| length.checked_add(piece));
        let place = end.and_then(|end| room.get_mut(length..end));
        let (Some(place), Some(end)) = (place, end) else {
            // Longer than any query.
            let errno = if is_refused(snapshot, None) { libc::EACCES } else { libc::EMSGSIZE };
            return -i64::from(errno);
        };
        if copy_bytes(*data, place).is_err() {
            return -i64::from(libc::EFAULT);
        }
        length = end;
    }
    let message = room.get(..length).unwrap_or_default();
    let refuse = match transport {
        Transport::Datagram => refuses_message(snapshot, message),
        Transport::Stream => refuses_stream(snapshot, message),
    };
    if refuse {
        return -i64::from(libc::EACCES);
    }
    if snapshot.network.learns_addresses() {
        expect_answer(descriptor);
    }
    send(message)
}

/// One query after the other, each whole: what is cut in two cannot be judged.
fn refuses_stream(snapshot: &Snapshot, mut rest: &[u8]) -> bool {
    loop {
        let message = rest
            .split_first_chunk::<2>()
            .and_then(|(length, after)| after.split_at_checked(usize::from(u16::from_be_bytes(*length))));
        let Some((message, after)) = message else { return is_refused(snapshot, None) };
        if refuses_message(snapshot, message) {
            return true;
        }
        if after.is_empty() {
            return false;
        }
        rest = after;
    }
}

fn refuses_message(snapshot: &Snapshot, message: &[u8]) -> bool {
    let mut refuse = false;
    let query = dns::each_question(message, |name| {
        refuse = is_refused(snapshot, Some(name));
        !refuse
    });
    refuse || (query.is_none() && is_refused(snapshot, None))
}

/// Whether looking `name` up is refused; without a name, whether sending what is no query is.
fn is_refused(snapshot: &Snapshot, name: Option<&Name>) -> bool {
    let network = &snapshot.network;
    let Some((attack, effect)) = name.map_or_else(|| network.no_message(), |name| network.name(name.bytes()))
    else {
        return false;
    };
    let bytes = name.map_or(b"(what is no query)".as_slice(), Name::bytes);
    // The C library asks for both families at once, and again when it gets no answer: one audit.
    if name.is_some() && is_repetition(bytes) {
        return effect == gambeson_policy::Effect::Prevent;
    }
    let mark = if attack == Attack::CryptoMiner { LOOKED_UP.as_bytes() } else { b"" };
    refused(snapshot, (attack, effect), &[mark, bytes])
}

/// Whether the same name was refused a moment ago.
fn is_repetition(name: &[u8]) -> bool {
    const MOMENT: u64 = 5;
    const PLACES: usize = 64;
    static LATEST: [AtomicU64; PLACES] = [const { AtomicU64::new(0) }; PLACES];
    let hash = Hash::of(name);
    let Some(place) = LATEST.get(hash as usize % PLACES) else { return false };
    // The upper half tells names apart, the lower half is the time.
    let now = kernel::monotonic_seconds() & u64::from(u32::MAX);
    let upper = hash & !u64::from(u32::MAX);
    let before = place.load(Ordering::Relaxed);
    let repeated =
        before & !u64::from(u32::MAX) == upper && now.wrapping_sub(before & u64::from(u32::MAX)) < MOMENT;
    if !repeated {
        place.store(upper | now, Ordering::Relaxed);
    }
    repeated
}

/// Descriptors on which an answer may come, plus one. That is not for safety: what is not looked at teaches nothing.
static EXPECTED: [AtomicU32; 32] = [const { AtomicU32::new(0) }; 32];
static NEXT: AtomicU32 = AtomicU32::new(0);

fn expect_answer(descriptor: u64) {
    let mark = (descriptor as u32).wrapping_add(1);
    if EXPECTED.iter().any(|expected| expected.load(Ordering::Relaxed) == mark) {
        return;
    }
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    if let Some(place) = EXPECTED.get(next as usize % EXPECTED.len()) {
        place.store(mark, Ordering::Relaxed);
    }
}

/// `read`, `recvfrom` and their like: looks at what is there before the function does.
pub(super) fn receive(snapshot: &Snapshot, call: &mut Call) -> Action {
    let [descriptor, _, length, fourth, ..] = call.args;
    let mark = (descriptor as u32).wrapping_add(1);
    let expected = EXPECTED.iter().find(|expected| expected.load(Ordering::Relaxed) == mark);
    let Some(expected) = expected.filter(|_| snapshot.network.learns_addresses()) else {
        return Action::Proceed;
    };
    let flags = match call.number as i64 {
        libc::SYS_recvfrom | libc::SYS_recvmmsg => fourth,
        libc::SYS_recvmsg => length,
        _ => 0,
    };
    // Errors of a socket are kept for the function to see.
    if flags & (libc::MSG_ERRQUEUE | libc::MSG_OOB) as u64 != 0 {
        return Action::Proceed;
    }
    let flags = (flags & libc::MSG_DONTWAIT as u64) | libc::MSG_PEEK as u64;
    let seen = kernel::with_own(descriptor, |own| {
        let mut room = [0u8; LONGEST];
        let mut from = [0u8; socket::LONGEST];
        let mut from_length = socket::LONGEST as u32;
        // SAFETY: rooms of ours; looking leaves the message where it is.
        let length = unsafe {
            let (room, from) = (room.as_mut_ptr() as u64, from.as_mut_ptr() as u64);
            let arguments = [own, room, LONGEST as u64, flags, from, &raw mut from_length as u64];
            syscall(libc::SYS_recvfrom as u64, arguments)
        };
        let Some(message) = usize::try_from(length).ok().and_then(|length| room.get(..length)) else {
            return length;
        };
        let sender = match Address::copy(from.as_ptr() as u64, u64::from(from_length)) {
            Ok(Some(address)) if from_length > 0 => match address.meaning() {
                Meaning::Internet(sender) => Some(sender),
                _ => None,
            },
            _ => socket::peer(own),
        };
        match sender {
            Some(sender) if snapshot.network.is_resolver(sender) => learn(snapshot, message),
            Some(sender) if sender.port == DNS => {}
            _ => expected.store(0, Ordering::Relaxed),
        }
        0
    });
    const ENOTSOCK: i64 = -(libc::ENOTSOCK as i64);
    match seen {
        0 => Action::Proceed,
        ENOTSOCK => {
            expected.store(0, Ordering::Relaxed);
            Action::Proceed
        }
        // `EAGAIN` and the like: what the function would have got.
        errno => call.answer(errno),
    }
}

fn learn(snapshot: &Snapshot, message: &[u8]) {
    let now = kernel::monotonic_seconds();
    let read = |message: &[u8]| {
        dns::each_answer(
            message,
            // Also of a name that is only reported: its address would be reported a second time.
            |name| {
                !matches!(snapshot.network.name(name.bytes()), Some((_, gambeson_policy::Effect::Prevent)))
            },
            |address, ttl| LEARNED.remember(address, ttl, now),
        )
    };
    // From a stream, the length may have been read already, or may not.
    if read(message).is_none() {
        let _none_either = message.get(2..).and_then(read);
    }
}

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
