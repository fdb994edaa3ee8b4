//! A set of sequence numbers that is small while few are missing.

use std::collections::VecDeque;

/// A set of sequence numbers. A prefix without gaps occupies no memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct SequenceSet {
    /// All numbers below were inserted, or precede the first number of the set.
    base: u32,
    /// Bits of the 64 numbers from `base` on. Inline, since most lookups end here.
    word: u64,
    /// Bits of the numbers after those.
    more: VecDeque<u64>,
}

impl SequenceSet {
    /// An empty set of numbers from `first` on.
    pub(crate) fn from(first: u32) -> Self {
        // Rounded down to a whole word; callers never look up the numbers in between.
        let base = first & !63;
        Self { base, word: !(u64::MAX << (first - base)), more: VecDeque::new() }
    }

    /// Inserts a number and returns whether it is new.
    pub(crate) fn insert(&mut self, number: u32) -> bool {
        let Some(offset) = number.checked_sub(self.base) else { return false };
        let (index, bit) = (offset as usize / 64, 1_u64 << (offset % 64));
        let word = match index.checked_sub(1) {
            None => &mut self.word,
            Some(index) => {
                if self.more.len() <= index {
                    self.more.resize(index + 1, 0);
                }
                &mut self.more[index]
            }
        };
        let is_new = *word & bit == 0;
        *word |= bit;
        while self.word == u64::MAX {
            self.word = self.more.pop_front().unwrap_or_default();
            self.base += 64;
        }
        is_new
    }

    /// Number of numbers of a range that were inserted. All below the first number of the set count as well.
    pub(crate) fn count(&self, from: u32, to: u32) -> usize {
        let to_base = to.min(self.base).saturating_sub(from) as usize;
        let mut count = to_base;
        let mut start = u64::from(self.base);
        for word in std::iter::once(&self.word).chain(&self.more) {
            let end = start + 64;
            let (low, high) = (u64::from(from).clamp(start, end), u64::from(to).clamp(start, end));
            if low < high {
                let above = u64::MAX << (low - start);
                let below = u64::MAX >> (end - high);
                count += (word & above & below).count_ones() as usize;
            }
            start = end;
        }
        count
    }

    /// Returns whether a number was inserted.
    pub(crate) fn contains(&self, number: u32) -> bool {
        let Some(offset) = number.checked_sub(self.base) else { return true };
        let word = match (offset as usize / 64).checked_sub(1) {
            None => self.word,
            Some(index) => self.more.get(index).copied().unwrap_or_default(),
        };
        word & 1 << (offset % 64) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_new_once_in_any_order() {
        let mut seen = SequenceSet::from(70);
        let mut order: Vec<u32> = (70..1000).collect();
        shuffle(&mut order);
        for number in &order {
            assert!(!seen.contains(*number));
            assert!(seen.insert(*number));
            assert!(seen.contains(*number));
            assert!(!seen.insert(*number));
        }
        assert!(!seen.contains(1000));
    }

    #[test]
    fn prefixes_without_gaps_occupy_no_memory() {
        let mut seen = SequenceSet::from(5);
        assert!((5..100_000).all(|number| seen.insert(number)));
        assert_eq!(seen.more.capacity(), 0);
    }

    #[test]
    fn ranges_are_counted() {
        let mut seen = SequenceSet::from(0);
        for number in (0..1000).filter(|number| number % 3 != 2 || *number < 200) {
            seen.insert(number);
        }
        for (from, to) in
            [(0, 1000), (0, 0), (5, 70), (150, 333), (640, 641), (900, u32::MAX), (7, 3)]
        {
            let expected = (from..to.min(1100)).filter(|number| seen.contains(*number)).count();
            assert_eq!(seen.count(from, to), expected, "{from}..{to}");
        }
    }

    fn shuffle(numbers: &mut [u32]) {
        let mut state = 1_u64;
        for at in (1..numbers.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            numbers.swap(at, (state >> 33) as usize % (at + 1));
        }
    }
}
