//! The lists of a runtime rule, compiled to be asked where nothing may be allocated: before a connection is made, a file
//! opened, a name looked up.
//!
//! Asking costs no more for a long list than for a short one, but for a logarithm: addresses and ports are sorted and
//! merged, names and paths are found by the hash of each of their parts. Patterns that share their literal part are tried
//! one after the other.

mod domains;
mod networks;
mod paths;
mod ports;
mod ranges;
mod texts;

pub use domains::Domains;
pub use networks::{Networks, address_bits};
pub use paths::Paths;
pub use ports::Ports;

pub(crate) use networks::parse as parse_network;
