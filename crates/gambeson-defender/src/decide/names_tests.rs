//! A resolver on this machine, and functions that ask it.

use std::net::UdpSocket;
use std::os::fd::AsRawFd;

use serde_json::json;

use super::*;
use crate::decide::dns::tests::{answer, query};
use crate::decide::tests::{EACCES, make, with_surroundings};
use crate::snapshot::Surroundings;

/// Answers every query with one address, until it is dropped. `None` if port 53 is not to be had here.
fn resolver(address: &str, with: [u8; 4]) -> Option<()> {
    let socket = UdpSocket::bind((address, DNS)).ok()?;
    std::thread::spawn(move || {
        let mut room = [0u8; 512];
        while let Ok((length, from)) = socket.recv_from(&mut room) {
            let mut name = String::new();
            let _ = dns::each_question(&room[..length], |asked| {
                name = String::from_utf8_lossy(asked.bytes()).into_owned();
                true
            });
            let _ = socket.send_to(&answer(&name, &[with]), from);
        }
    });
    Some(())
}

fn rule(resolver: &str) -> Snapshot {
    let surroundings = Surroundings { resolvers: vec![resolver.parse().unwrap()], ..Surroundings::default() };
    let rule = json!({ "dns": { "effect": "prevent", "whitelist": ["*.example.com"], "blacklist": ["bad.example.com"] } });
    with_surroundings(rule, &surroundings)
}

fn connect(snapshot: &Snapshot, descriptor: u64, address: [u8; 4], port: u16) -> i64 {
    let mut bytes = [0u8; 16];
    bytes[..2].copy_from_slice(&(libc::AF_INET as u16).to_ne_bytes());
    bytes[2..4].copy_from_slice(&port.to_be_bytes());
    bytes[4..8].copy_from_slice(&address);
    make(snapshot, libc::SYS_connect, [descriptor, bytes.as_ptr() as u64, 16])
}

#[test]
fn what_an_allowed_name_leads_to_may_be_connected_to() {
    let Some(()) = resolver("127.53.0.1", [192, 0, 2, 31]) else {
        eprintln!("SKIPPED: port 53 needs privileges");
        return;
    };
    let snapshot = rule("127.53.0.1");
    let asking = UdpSocket::bind("127.0.0.1:0").unwrap();
    let descriptor = asking.as_raw_fd() as u64;
    let other = UdpSocket::bind("0.0.0.0:0").unwrap();
    let to = |address| connect(&snapshot, other.as_raw_fd() as u64, address, 443);
    assert_eq!(to([192, 0, 2, 31]), EACCES, "not looked up yet");
    assert_eq!(connect(&snapshot, descriptor, [127, 53, 0, 1], 53), 0, "resolvers are reached");

    let send = |message: &[u8]| {
        make(&snapshot, libc::SYS_sendto, [descriptor, message.as_ptr() as u64, message.len() as u64])
    };
    assert_eq!(send(&query("evil.example")), EACCES);
    assert_eq!(send(&query("bad.example.com")), EACCES);
    assert_eq!(send(b"secrets, base64"), EACCES);
    let written = query("evil.example");
    let write = [descriptor, written.as_ptr() as u64, written.len() as u64];
    assert_eq!(make(&snapshot, libc::SYS_write, write), EACCES);
    let piece = [written.as_ptr() as u64, written.len() as u64];
    assert_eq!(make(&snapshot, libc::SYS_writev, [descriptor, piece.as_ptr() as u64, 1]), EACCES);
    assert_eq!(make(&snapshot, libc::SYS_sendfile, [descriptor, 0, 0, 1]), EACCES);

    let allowed = query("Api.Example.Com");
    assert_eq!(send(&allowed), allowed.len() as i64);
    let mut room = [0u8; 512];
    let length = make(&snapshot, libc::SYS_recvfrom, [descriptor, room.as_mut_ptr() as u64, 512]);
    assert!(length > allowed.len() as i64, "the answer is still there for the function");
    assert_eq!(to([192, 0, 2, 31]), 0);
    assert_eq!(to([192, 0, 2, 32]), EACCES);
}

#[test]
fn messages_are_judged_however_they_are_sent() {
    let Some(()) = resolver("127.53.0.2", [192, 0, 2, 41]) else {
        eprintln!("SKIPPED: port 53 needs privileges");
        return;
    };
    let snapshot = rule("127.53.0.2");
    let asking = UdpSocket::bind("127.0.0.1:0").unwrap();
    let descriptor = asking.as_raw_fd() as u64;
    let mut to = [0u8; 16];
    to[..8].copy_from_slice(&[libc::AF_INET as u8, 0, 0, 53, 127, 53, 0, 2]);
    let header = |message: &[u8], piece: &mut [u64; 2]| {
        *piece = [message.as_ptr() as u64, message.len() as u64];
        [to.as_ptr() as u64, 16, piece.as_ptr() as u64, 1, 0, 0, 0, 0]
    };
    let (good, bad) = (query("a.example.com"), query("evil.example"));
    let mut pieces = [[0u64; 2]; 2];
    let one = header(&good, &mut pieces[0]);
    assert_eq!(make(&snapshot, libc::SYS_sendmsg, [descriptor, one.as_ptr() as u64, 0]), good.len() as i64);
    let one = header(&bad, &mut pieces[0]);
    assert_eq!(make(&snapshot, libc::SYS_sendmsg, [descriptor, one.as_ptr() as u64, 0]), EACCES);
    let many = [header(&good, &mut pieces[0]), header(&bad, &mut pieces[1])];
    let sent = make(&snapshot, libc::SYS_sendmmsg, [descriptor, many.as_ptr() as u64, 2, 0]);
    assert_eq!((sent, many[0][7]), (1, good.len() as u64), "as far as the first that is refused");
    // No family, on an IPv4 socket, is IPv4.
    to[0] = 0;
    let unspecified = [descriptor, bad.as_ptr() as u64, bad.len() as u64, 0, to.as_ptr() as u64, 16];
    assert_eq!(make(&snapshot, libc::SYS_sendto, unspecified), EACCES);
    assert_eq!(make(&snapshot, libc::SYS_sendmsg, [descriptor, 4096, 0]), -i64::from(libc::EFAULT));
}

#[test]
fn over_a_connection_the_address_of_a_message_does_not_count() {
    let Ok(listener) = std::net::TcpListener::bind("127.53.0.4:53") else {
        eprintln!("SKIPPED: port 53 needs privileges");
        return;
    };
    let snapshot = rule("127.53.0.4");
    let stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let descriptor = stream.as_raw_fd() as u64;
    let mut elsewhere = [0u8; 16];
    elsewhere[..8].copy_from_slice(&[libc::AF_INET as u8, 0, 0, 80, 127, 0, 0, 1]);
    let data = b"secrets, base64";
    let arguments = [
        descriptor,
        data.as_ptr() as u64,
        data.len() as u64,
        0,
        elsewhere.as_ptr() as u64,
        elsewhere.len() as u64,
    ];
    assert_eq!(make(&snapshot, libc::SYS_sendto, arguments), EACCES);
}

#[test]
fn over_tcp_each_message_must_be_whole() {
    let snapshot = rule("127.53.0.3");
    let framed = |name: &str| {
        let message = query(name);
        [&(message.len() as u16).to_be_bytes()[..], &message].concat()
    };
    let (good, bad) = (framed("a.example.com"), framed("evil.example"));
    assert!(!refuses_stream(&snapshot, &good));
    assert!(!refuses_stream(&snapshot, &[good.as_slice(), &good].concat()));
    assert!(refuses_stream(&snapshot, &[good.as_slice(), &bad].concat()));
    for length in 0..good.len() {
        assert!(refuses_stream(&snapshot, &good[..length]));
    }
}
