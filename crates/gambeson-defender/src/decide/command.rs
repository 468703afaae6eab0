//! Reading the command line of a program that is about to be executed, in the function's memory.

use gambeson_policy::STRATUM;

use super::memory::{Pointers, Readable};
use crate::snapshot::Network;

/// Whether the command line holds the address of a mining pool, told by how such an address begins or by the pool's name.
pub(super) fn names_a_pool(network: &Network, arguments: u64) -> bool {
    let mut word = [0u8; 256];
    let mut length = 0usize;
    let mut found = false;
    let mut see = |byte: u8| {
        let byte = byte.to_ascii_lowercase();
        let of_a_name = byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if of_a_name && let Some(place) = word.get_mut(length) {
            *place = byte;
            length = length.wrapping_add(1);
            return true;
        }
        let text = word.get(..length).unwrap_or_default();
        found |= network.is_pool(text)
            || (byte == b'+' || byte == b':') && STRATUM.iter().any(|name| text.ends_with(name.as_bytes()));
        length = 0;
        !found
    };
    for_each_command_byte(arguments, SEARCHED, &mut see);
    see(0);
    found
}

/// How much of the arguments is searched for a pool. Those of a miner are a few hundred bytes.
const SEARCHED: usize = 16 * 1024;
/// How much of the arguments tells one attempt from another.
pub(super) const HASHED: usize = 256;

/// Calls `take` with the command line, arguments separated by spaces, until it returns false, `most` bytes were
/// given or a pointer cannot be read.
pub(super) fn for_each_command_byte(arguments: u64, most: usize, mut take: impl FnMut(u8) -> bool) {
    let mut given = 0;
    for (index, argument) in Pointers::new(arguments).enumerate() {
        let mut readable = Readable::default();
        let mut address = argument;
        let mut separator = index > 0;
        loop {
            let byte = if separator {
                b' '
            } else {
                match readable.byte(address) {
                    None => return,
                    Some(0) => break,
                    Some(byte) => {
                        address = address.wrapping_add(1);
                        byte
                    }
                }
            };
            separator = false;
            given += 1;
            if given > most || !take(byte) {
                return;
            }
        }
    }
}
