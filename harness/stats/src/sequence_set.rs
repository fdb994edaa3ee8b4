//! Which of a room's messages a member has seen: a set of numbers that is small while none is missing.

use std::collections::VecDeque;

/// A set of numbers from `first` on; what is gapless from there takes no memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct SequenceSet {
    /// Everything below was either seen or is before the first.
    base: u32,
    /// The 64 numbers from there on: most of the time all that there is to look at.
    word: u64,
    /// Those after them.
    more: VecDeque<u64>,
}

impl SequenceSet {
    /// An empty set of numbers from `first` on.
    pub(crate) fn from(first: u32) -> Self {
        // Down to a whole word; the numbers between are never asked for.
        let base = first & !63;
        Self { base, word: !(u64::MAX << (first - base)), more: VecDeque::new() }
    }

    /// Adds a number; says whether it is new.
    pub(crate) fn insert(&mut self, number: u32) -> bool {
        let Some(offset) = number.checked_sub(self.base) else { return false };
        let (place, bit) = (offset as usize / 64, 1_u64 << (offset % 64));
        let word = match place.checked_sub(1) {
            None => &mut self.word,
            Some(place) => {
                if self.more.len() <= place {
                    self.more.resize(place + 1, 0);
                }
                &mut self.more[place]
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

    /// Whether a number was added.
    pub(crate) fn contains(&self, number: u32) -> bool {
        let Some(offset) = number.checked_sub(self.base) else { return true };
        let word = match (offset as usize / 64).checked_sub(1) {
            None => self.word,
            Some(place) => self.more.get(place).copied().unwrap_or_default(),
        };
        word & 1 << (offset % 64) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_new_once_in_any_order() {
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
    fn what_is_gapless_takes_no_memory() {
        let mut seen = SequenceSet::from(5);
        assert!((5..100_000).all(|number| seen.insert(number)));
        assert_eq!(seen.more.capacity(), 0);
    }

    fn shuffle(numbers: &mut [u32]) {
        let mut state = 1_u64;
        for at in (1..numbers.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            numbers.swap(at, (state >> 33) as usize % (at + 1));
        }
    }
}
