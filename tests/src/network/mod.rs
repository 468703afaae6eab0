//! A network of a test's own: a network namespace in which every address that a test needs is on the loopback interface,
//! with a name server and listeners that remember what arrived.
//!
//! Nothing of it reaches the machine's network: ports may be fixed (53, 80), metadata addresses exist, and two tests never meet.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

mod name_server;

/// The name server that a function is given (`--resolver`).
pub const RESOLVER: &str = "127.0.0.53";
/// A name server that nobody told the function about: an attacker's.
pub const FOREIGN_RESOLVER: &str = "203.0.113.53";

/// The addresses beside 127.0.0.0/8 that exist in the network: friends, foes, the attacker's name server, the metadata services.
const ADDRESSES: [&str; 8] = [
    "203.0.113.80/32",
    "203.0.113.81/32",
    "203.0.113.53/32",
    "fd00:80::1/128",
    "fd00:81::1/128",
    "169.254.169.254/32",
    "169.254.170.2/32",
    "fd00:ec2::254/128",
];
/// Where TCP and UDP are heard, on every address.
const PORTS: [u16; 4] = [80, 3333, 4444, 8080];
/// Says that the process is in a network of its own.
const INSIDE: &str = "GAMBESON_TEST_NETWORK";

/// What arrived on the network so far.
#[derive(Clone, Debug, Default)]
pub struct Network {
    arrived: Arc<Mutex<Vec<u8>>>,
}

/// Runs `test` in a network of its own: starts this very program again in one, with `arguments` that lead here again.
/// `None`, with the reason printed, where no network namespace can be had.
pub fn alone<T>(arguments: &[&str], test: impl FnOnce(&Network) -> T) -> Option<T> {
    if std::env::var_os(INSIDE).is_some() {
        return Some(test(&Network::start()));
    }
    if let Err(reason) = possible() {
        assert!(std::env::var_os("GAMBESON_NO_SKIP").is_none(), "nothing may be skipped: {reason}");
        eprintln!("SKIPPED: {reason}");
        return None;
    }
    let own = std::env::current_exe().expect("a program has a path");
    let mut script = "ip link set lo up".to_owned();
    for address in ADDRESSES {
        // Without `nodad` an IPv6 address may not be used for a second.
        let family = if address.contains(':') { "-6" } else { "-4" };
        let nodad = if address.contains(':') { " nodad" } else { "" };
        script += &format!(" && ip {family} addr add {address} dev lo{nodad}");
    }
    script += " && exec \"$0\" \"$@\"";
    let status = Command::new("unshare")
        .args(["--net", "--", "sh", "-c", &script])
        .arg(own)
        .args(arguments)
        .env(INSIDE, "1")
        .status()
        .expect("unshare can be run");
    assert!(status.success(), "failed in the test's own network: {status}");
    None
}

/// Why there can be no network of a test's own here.
fn possible() -> Result<(), String> {
    let tried = Command::new("unshare")
        .args(["--net", "--", "ip", "link", "set", "lo", "up"])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("a network of the test's own needs unshare (util-linux): {error}"))?;
    if tried.status.success() {
        return Ok(());
    }
    Err(format!(
        "a network of the test's own needs root and iproute2: {}",
        String::from_utf8_lossy(&tried.stderr).trim()
    ))
}

impl Network {
    /// Starts the name servers and listeners in this process's network.
    fn start() -> Self {
        let network = Self::default();
        for port in PORTS {
            // On Linux this also hears IPv4, unless the machine is told otherwise.
            let tcp = TcpListener::bind(("::", port)).expect("a TCP port of the test's own network");
            let udp = UdpSocket::bind(("::", port)).expect("a UDP port of the test's own network");
            network.spawn(move |network| network.hear_streams(&tcp));
            network.spawn(move |network| network.hear_datagrams(&udp));
        }
        for address in [RESOLVER, FOREIGN_RESOLVER] {
            let tcp = TcpListener::bind((address, 53)).expect("port 53 of the test's own network");
            let udp = UdpSocket::bind((address, 53)).expect("port 53 of the test's own network");
            network.spawn(move |network| name_server::over_tcp(&tcp, &network));
            network.spawn(move |network| name_server::over_udp(&udp, &network));
        }
        network
    }

    /// Whether this text arrived anywhere: in a stream, a datagram or a question to a name server.
    pub fn saw(&self, text: &str) -> bool {
        let arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        arrived.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
    }

    /// Forgets what has arrived.
    pub fn forget(&self) {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Waits until what was sent before now has been heard: the listeners are threads of this process.
    pub fn settle(&self) {
        thread::sleep(Duration::from_millis(200));
    }

    fn note(&self, bytes: &[u8]) {
        let mut arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        arrived.extend_from_slice(bytes);
        // What came with the next message is no part of this one.
        arrived.push(b'\n');
    }

    fn spawn(&self, listen: impl FnOnce(Self) + Send + 'static) {
        let network = self.clone();
        thread::spawn(move || listen(network));
    }

    fn hear_streams(&self, listener: &TcpListener) {
        for stream in listener.incoming().flatten() {
            self.spawn(move |network| network.hear(stream));
        }
    }

    /// Notes what comes and answers each piece: as HTTP if it was asked so, else with the same bytes.
    fn hear(&self, mut stream: TcpStream) {
        let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
        let mut buffer = [0; 4096];
        let mut all = Vec::new();
        while let Ok(length @ 1..) = stream.read(&mut buffer) {
            all.extend_from_slice(&buffer[..length]);
            self.note(&all);
            let answered = if all.starts_with(b"GET ") {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nreached")
            } else {
                stream.write_all(&buffer[..length])
            };
            if answered.is_err() || all.starts_with(b"GET ") {
                return;
            }
        }
    }

    fn hear_datagrams(&self, socket: &UdpSocket) {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            self.note(&buffer[..length]);
            let _ = socket.send_to(&buffer[..length], from);
        }
    }
}
