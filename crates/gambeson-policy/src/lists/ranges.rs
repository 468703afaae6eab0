//! Ranges of numbers, sorted and merged.

/// A number that ranges can be made of.
pub(super) trait Number: Copy + Ord {
    /// The number after this one, or this one if it is the last.
    fn next(self) -> Self;
}

impl Number for u16 {
    fn next(self) -> Self {
        self.saturating_add(1)
    }
}

impl Number for u128 {
    fn next(self) -> Self {
        self.saturating_add(1)
    }
}

/// First and last number of each range, in order, none touching the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ranges<N>(Box<[(N, N)]>);

impl<N> Default for Ranges<N> {
    fn default() -> Self {
        Self(Box::default())
    }
}

impl<N: Number> Ranges<N> {
    pub(super) fn new(mut ranges: Vec<(N, N)>) -> Self {
        ranges.sort_unstable();
        let mut merged: Vec<(N, N)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some(before) if first <= before.1.next() => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        Self(merged.into())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contains(&self, number: N) -> bool {
        let after = self.0.partition_point(|range| range.0 <= number);
        after.checked_sub(1).and_then(|index| self.0.get(index)).is_some_and(|range| number <= range.1)
    }
}
