//! Lists of ports.

use crate::runtime::PortRange;

/// Ranges of ports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ports {
    /// First and last port of each range, in order, none touching the next.
    ranges: Box<[(u16, u16)]>,
}

impl Ports {
    /// Compiles a list.
    pub fn new(ranges: &[PortRange]) -> Self {
        let mut sorted: Vec<(u16, u16)> = ranges.iter().map(|range| (range.start, range.end)).collect();
        sorted.sort_unstable();
        let mut merged: Vec<(u16, u16)> = Vec::with_capacity(sorted.len());
        for (first, last) in sorted {
            match merged.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        Self { ranges: merged.into() }
    }

    /// Whether there is nothing in the list.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether a range has this port.
    pub fn contains(&self, port: u16) -> bool {
        let after = self.ranges.partition_point(|range| range.0 <= port);
        after.checked_sub(1).and_then(|index| self.ranges.get(index)).is_some_and(|range| port <= range.1)
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
