//! Delays of the last arrivals, and the short wait that follows from them.

use std::collections::VecDeque;
use std::time::Duration;

/// A short wait as a multiple of the longest recent delay.
const SAFETY: u32 = 4;

/// The delays of the last `SIZE` arrivals.
#[derive(Debug, Default)]
pub(super) struct RecentDelays<const SIZE: usize>(VecDeque<Duration>);

impl<const SIZE: usize> RecentDelays<SIZE> {
    /// Adds the delay of an arrival.
    pub(super) fn push(&mut self, delay: Duration) {
        if self.0.len() == SIZE {
            self.0.pop_front();
        }
        self.0.push_back(delay);
    }

    /// A wait that is long enough for an arrival such as these, and not below `shortest`; `None` without arrivals.
    pub(super) fn short_wait(&self, shortest: Duration) -> Option<Duration> {
        let longest = self.0.iter().max()?;
        Some((*longest * SAFETY).max(shortest))
    }
}
