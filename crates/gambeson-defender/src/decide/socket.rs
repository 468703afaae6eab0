//! Sockets and their addresses, as the function hands them over and as the kernel knows them.

use core::net::{IpAddr, Ipv6Addr, SocketAddr};

use gambeson_interpose::syscall;

use super::memory::{CopyError, copy_bytes};
use super::violation::Text;
use crate::snapshot::Destination;

/// `struct sockaddr_storage`: the kernel takes no longer address.
pub(crate) const LONGEST: usize = 128;

/// An address that was copied from the function's memory.
pub(crate) struct Address {
    bytes: [u8; LONGEST],
    length: usize,
}

/// What an address means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A host and a port.
    Internet(Destination),
    /// No family. `connect` undoes a connection; `sendto` on an IPv4 socket takes the rest as an IPv4 address.
    Unspecified(Destination),
    /// A UNIX socket with a path in the file system, at these bytes.
    Unix { start: usize, end: usize },
    /// A UNIX socket without a place in the file system, netlink, or what the kernel will refuse.
    Other,
}

impl Address {
    /// Copies an address. `None` if its length is none that the kernel takes: it will say so.
    pub(crate) fn copy(address: u64, length: u64) -> Result<Option<Self>, CopyError> {
        // The length is an `int`.
        let Some(length) = usize::try_from(length as i32).ok().filter(|length| *length <= LONGEST) else {
            return Ok(None);
        };
        let mut copied = Self { bytes: [0; LONGEST], length };
        copy_bytes(address, copied.bytes.get_mut(..length).unwrap_or_default())?;
        Ok(Some(copied))
    }

    /// What a kernel's answer says.
    fn told(number: libc::c_long, descriptor: u64) -> Option<Self> {
        let mut told = Self { bytes: [0; LONGEST], length: 0 };
        let mut length = LONGEST as u32;
        // SAFETY: room for any address, and its length.
        let answer = unsafe {
            let arguments = [descriptor, told.bytes.as_mut_ptr() as u64, &raw mut length as u64, 0, 0, 0];
            syscall(number as u64, arguments)
        };
        told.length = (length as usize).min(LONGEST);
        (answer == 0).then_some(told)
    }

    pub(crate) fn pointer(&self) -> u64 {
        self.bytes.as_ptr() as u64
    }

    pub(crate) fn length(&self) -> u64 {
        self.length as u64
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    pub(crate) fn meaning(&self) -> Meaning {
        match self.bytes() {
            [a, b, rest @ ..] => match i32::from(u16::from_ne_bytes([*a, *b])) {
                libc::AF_INET => ipv4(rest).map_or(Meaning::Other, Meaning::Internet),
                libc::AF_INET6 => ipv6(rest).map_or(Meaning::Other, Meaning::Internet),
                libc::AF_UNSPEC => ipv4(rest).map_or(Meaning::Other, Meaning::Unspecified),
                libc::AF_UNIX if rest.first().is_some_and(|byte| *byte != 0) => {
                    let path = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
                    Meaning::Unix { start: 2, end: path.wrapping_add(2) }
                }
                _ => Meaning::Other,
            },
            _ => Meaning::Other,
        }
    }
}

fn port(bytes: &[u8; 2]) -> u16 {
    u16::from_be_bytes(*bytes)
}

/// What follows the family in `struct sockaddr_in`, which the kernel wants whole.
fn ipv4(rest: &[u8]) -> Option<Destination> {
    let (at, rest) = rest.split_first_chunk::<2>()?;
    let (address, rest) = rest.split_first_chunk::<4>()?;
    let mapped = 0xffff_0000_0000 | u128::from(u32::from_be_bytes(*address));
    (rest.len() >= 8).then_some(Destination { address: mapped, port: port(at) })
}

/// What follows the family in `struct sockaddr_in6`, of which the kernel does not need the scope.
fn ipv6(rest: &[u8]) -> Option<Destination> {
    let (at, rest) = rest.split_first_chunk::<2>()?;
    let address = rest.get(4..)?.first_chunk::<16>()?;
    Some(Destination { address: u128::from_be_bytes(*address), port: port(at) })
}

impl Destination {
    /// Where the kernel goes with it: no address is this host.
    pub(crate) fn reached(self) -> Self {
        const IPV4: u128 = 0xffff_0000_0000;
        let address = match self.address {
            0 => 1,
            IPV4 => IPV4 | 0x7f00_0001,
            address => address,
        };
        Self { address, ..self }
    }
}

/// Where a socket is connected to.
pub(crate) fn peer(descriptor: u64) -> Option<Destination> {
    internet(Address::told(libc::SYS_getpeername, descriptor)?)
}

/// Where a socket is bound to.
pub(crate) fn own_address(descriptor: u64) -> Option<Destination> {
    internet(Address::told(libc::SYS_getsockname, descriptor)?)
}

fn internet(address: Address) -> Option<Destination> {
    match address.meaning() {
        Meaning::Internet(destination) => Some(destination),
        _ => None,
    }
}

/// Whether a socket is of this type (`SOCK_DGRAM`) and, if one is given, protocol.
pub(crate) fn is(descriptor: u64, socket_type: i32, protocol: Option<i32>) -> bool {
    option(descriptor, libc::SO_TYPE) == Some(socket_type)
        && protocol.is_none_or(|protocol| option(descriptor, libc::SO_PROTOCOL) == Some(protocol))
}

fn option(descriptor: u64, name: i32) -> Option<i32> {
    let mut value = 0i32;
    let mut length = 4u32;
    // SAFETY: room for an int, and its length.
    let answer = unsafe {
        let arguments = [
            descriptor,
            libc::SOL_SOCKET as u64,
            name as u64,
            &raw mut value as u64,
            &raw mut length as u64,
            0,
        ];
        syscall(libc::SYS_getsockopt as u64, arguments)
    };
    (answer == 0).then_some(value)
}

/// `10.0.0.1:443`, for an audit.
pub(crate) fn spelled(destination: Destination) -> Text<64> {
    let address = match Ipv6Addr::from_bits(destination.address) {
        address if destination.address >> 32 == 0xffff => {
            address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4)
        }
        address => IpAddr::V6(address),
    };
    Text::new(format_args!("{}", SocketAddr::new(address, destination.port)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(bytes: &[u8]) -> Address {
        Address::copy(bytes.as_ptr() as u64, bytes.len() as u64).unwrap().unwrap()
    }

    fn with_family(family: i32, rest: &[u8]) -> Address {
        address(&[&(family as u16).to_ne_bytes(), rest].concat())
    }

    #[test]
    fn addresses_mean_what_the_kernel_takes_them_for() {
        let ipv4 = [1, 187, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        let expected = Destination { address: 0xffff_0a00_0001, port: 443 };
        assert_eq!(with_family(libc::AF_INET, &ipv4).meaning(), Meaning::Internet(expected));
        assert_eq!(with_family(libc::AF_UNSPEC, &ipv4).meaning(), Meaning::Unspecified(expected));
        assert_eq!(with_family(libc::AF_INET, &ipv4[..10]).meaning(), Meaning::Other);
        assert_eq!(spelled(expected).bytes(), b"10.0.0.1:443");
        let mut ipv6 = [0u8; 22];
        ipv6[..2].copy_from_slice(&[0, 80]);
        ipv6[21] = 1;
        let expected = Destination { address: 1, port: 80 };
        assert_eq!(with_family(libc::AF_INET6, &ipv6).meaning(), Meaning::Internet(expected));
        assert_eq!(spelled(expected).bytes(), b"[::1]:80");
        assert_eq!(with_family(libc::AF_UNIX, b"/tmp/s\0x").meaning(), Meaning::Unix { start: 2, end: 8 });
        assert_eq!(with_family(libc::AF_UNIX, b"\0name").meaning(), Meaning::Other);
        assert_eq!(address(&[2]).meaning(), Meaning::Other);
    }

    #[test]
    fn lengths_that_the_kernel_does_not_take_are_left_to_it() {
        assert!(Address::copy(0, u64::MAX).unwrap().is_none());
        assert!(Address::copy(0, 129).unwrap().is_none());
        assert!(matches!(Address::copy(4096, 16), Err(CopyError::Fault)));
        // An `int`: what is above does not count.
        let bytes = [2u8, 0];
        assert_eq!(Address::copy(bytes.as_ptr() as u64, 1 << 32 | 2).unwrap().unwrap().bytes(), bytes);
    }

    #[test]
    fn the_kernel_tells_of_sockets() {
        use std::os::fd::AsRawFd;
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let here = listener.local_addr().unwrap();
        let stream = std::net::TcpStream::connect(here).unwrap();
        let descriptor = stream.as_raw_fd() as u64;
        assert_eq!(peer(descriptor), Some(Destination::from(here)));
        assert_eq!(own_address(listener.as_raw_fd() as u64), Some(Destination::from(here)));
        assert!(is(descriptor, libc::SOCK_STREAM, Some(libc::IPPROTO_TCP)));
        assert!(!is(descriptor, libc::SOCK_DGRAM, None));
        assert_eq!(peer(9999), None);
    }
}
