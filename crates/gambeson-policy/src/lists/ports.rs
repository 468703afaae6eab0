//! Lists of ports.

use super::ranges::Ranges;
use crate::runtime::PortRange;

/// Ranges of ports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ports(Ranges<u16>);

impl Ports {
    /// Compiles a list.
    pub fn new(ranges: &[PortRange]) -> Self {
        Self(Ranges::new(ranges.iter().map(|range| (range.start, range.end)).collect()))
    }

    /// Whether there is nothing in the list.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a range has this port.
    pub fn contains(&self, port: u16) -> bool {
        self.0.contains(port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(ranges: &[(u16, u16)]) -> Ports {
        let ranges: Vec<PortRange> = ranges
            .iter()
            .map(|(start, end)| PortRange { start: *start, end: *end, ..PortRange::default() })
            .collect();
        Ports::new(&ranges)
    }

    #[test]
    fn both_ends_are_included() {
        let list = ports(&[(443, 443), (8000, 8080), (65_535, 65_535), (0, 0)]);
        for inside in [0, 443, 8000, 8080, 65_535] {
            assert!(list.contains(inside), "{inside}");
        }
        for outside in [1, 442, 444, 7999, 8081, 65_534] {
            assert!(!list.contains(outside), "{outside}");
        }
    }

    #[test]
    fn ranges_that_overlap_or_touch_are_one() {
        assert_eq!(ports(&[(10, 20), (15, 17), (21, 30)]), ports(&[(10, 30)]));
        assert!(ports(&[]).is_empty());
    }
}
