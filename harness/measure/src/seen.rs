//! Which of a room's messages a member has seen: a set of numbers that is small while none is missing.

use std::collections::VecDeque;

/// A set of numbers from `first` on; what is gapless from there takes no memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Everything below was either seen or is before the first.
    base: u32,
    words: VecDeque<u64>,
}

impl Seen {
    /// An empty set of numbers from `first` on.
    pub(crate) fn from(first: u32) -> Self {
        // Down to a whole word; the numbers between are never asked for.
        let base = first & !63;
        let mut seen = Self { base, words: VecDeque::new() };
        for number in base..first {
            seen.insert(number);
        }
        seen
    }

    /// Adds a number; says whether it is new.
    pub(crate) fn insert(&mut self, number: u32) -> bool {
        let Some(offset) = number.checked_sub(self.base) else { return false };
        let (word, bit) = (offset as usize / 64, 1_u64 << (offset % 64));
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        let is_new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        while self.words.front() == Some(&u64::MAX) {
            self.words.pop_front();
            self.base += 64;
        }
        is_new
    }

    /// Whether a number was added.
    pub(crate) fn contains(&self, number: u32) -> bool {
        let Some(offset) = number.checked_sub(self.base) else { return true };
        let word = self.words.get(offset as usize / 64).copied().unwrap_or_default();
        word & 1 << (offset % 64) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_new_once_in_any_order() {
        let mut seen = Seen::from(70);
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
        let mut seen = Seen::from(5);
        assert!((5..100_000).all(|number| seen.insert(number)));
        assert!(seen.words.len() <= 1);
    }

    fn shuffle(numbers: &mut [u32]) {
        let mut state = 1_u64;
        for at in (1..numbers.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            numbers.swap(at, (state >> 33) as usize % (at + 1));
        }
    }
}
