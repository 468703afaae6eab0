//! Lists of addresses and networks.

use std::net::IpAddr;

use super::ranges::Ranges;

/// Addresses and networks of both families.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Ranges<u128>);

/// Where the IPv4 addresses are among the IPv6 ones: `::ffff:0:0/96`. A socket of either family reaches them.
const MAPPED: (u128, u128) = (0xffff << 32, (0xffff << 32) + u32::MAX as u128);

/// The number that stands for an address: IPv4 and IPv4-mapped IPv6 are the same.
pub fn address_bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl Networks {
    /// Compiles `10.0.0.1`, `10.0.0.0/8`, `2001:db8::/32`; what is none of these is left out.
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a str>) -> Self {
        Self(Ranges::new(entries.into_iter().filter_map(parse).flat_map(native).collect()))
    }

    /// Whether there is nothing in the list.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the address with these [`address_bits`] is in one of the networks.
    pub fn contains(&self, bits: u128) -> bool {
        self.0.contains(bits)
    }
}

/// A network is in fact one of IPv6 if it is wider than the place of the IPv4 addresses: `::/0` is every IPv6 address, and
/// whoever writes it does not mean IPv4.
fn native(range: (u128, u128)) -> impl Iterator<Item = (u128, u128)> {
    let wider = range.0 < MAPPED.0 && range.1 > MAPPED.1;
    let parts = if wider {
        [Some((range.0, MAPPED.0 - 1)), Some((MAPPED.1 + 1, range.1))]
    } else {
        [Some(range), None]
    };
    parts.into_iter().flatten()
}

/// First and last address of an entry.
pub(crate) fn parse(entry: &str) -> Option<(u128, u128)> {
    let (address, length) = match entry.trim().split_once('/') {
        None => (entry.trim(), None),
        Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
    };
    let address: IpAddr = address.parse().ok()?;
    let offset = if address.is_ipv4() { 96 } else { 0 };
    let length = offset + length.unwrap_or(128 - offset);
    let host = match length {
        0 => u128::MAX,
        1..=128 => u128::MAX.checked_shr(length).unwrap_or(0),
        _ => return None,
    };
    let first = address_bits(address) & !host;
    Some((first, first | host))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    fn contains(entries: &[&str], address: &str) -> bool {
        Networks::new(entries.iter().copied()).contains(address_bits(address.parse().unwrap()))
    }

    #[test]
    fn addresses_and_networks_of_both_families() {
        let list = ["10.0.0.0/8", "192.168.1.7", "2001:db8::/32", " 172.16.0.0/12 "];
        for inside in ["10.0.0.0", "10.255.255.255", "192.168.1.7", "2001:db8::1", "172.31.255.255"] {
            assert!(contains(&list, inside), "{inside}");
        }
        for outside in ["11.0.0.0", "9.255.255.255", "192.168.1.8", "2001:db9::", "::1", "172.32.0.0"] {
            assert!(!contains(&list, outside), "{outside}");
        }
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_address() {
        assert!(contains(&["10.0.0.0/8"], "::ffff:10.1.2.3"));
        assert!(contains(&["::ffff:10.0.0.0/104"], "10.1.2.3"));
        assert!(!contains(&["10.0.0.0/8"], "::10.1.2.3"));
    }

    #[test]
    fn all_of_ipv6_is_not_ipv4() {
        for entry in ["::/0", "::/64"] {
            assert!(contains(&[entry], "::1"));
            assert!(!contains(&[entry], "10.1.2.3"), "{entry}");
        }
        assert!(contains(&["0.0.0.0/0"], "10.1.2.3"));
        assert!(!contains(&["0.0.0.0/0"], "2001:db8::1"));
        assert!(contains(&["::/0"], "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
    }

    #[test]
    fn what_is_no_network_is_left_out() {
        for entry in ["", "10.0.0.0/33", "::/129", "10.0.0", "host", "10.0.0.1/", "10.0.0.1/-1"] {
            assert_eq!(parse(entry), None, "{entry}");
        }
        assert!(Networks::new(["x"]).is_empty());
    }

    proptest! {
        #[test]
        fn the_merged_list_says_what_each_entry_says(
            entries in prop::collection::vec((any::<u32>(), 0u32..=32), 0..40),
            address in any::<u32>(),
        ) {
            let texts: Vec<String> =
                entries.iter().map(|(bits, length)| format!("{}/{length}", Ipv4Addr::from(*bits))).collect();
            let list = Networks::new(texts.iter().map(String::as_str));
            // Addresses near the edges of each network as well as any.
            let near = entries.iter().flat_map(|(bits, _)| [*bits, bits.wrapping_sub(1), bits.wrapping_add(1)]);
            for address in near.chain([address]) {
                let expected = entries.iter().any(|(bits, length)| {
                    let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
                    bits & mask == address & mask
                });
                prop_assert_eq!(list.contains(address_bits(Ipv4Addr::from(address).into())), expected);
            }
        }
    }
}
