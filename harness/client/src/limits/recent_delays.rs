//! Delays of the last arrivals, and the short wait that follows from them.

use std::collections::VecDeque;
use std::time::Duration;

/// A short wait as a multiple of a recent delay.
const SAFETY: u32 = 4;

/// The part of the recent delays that the usual delay is not exceeded by, in eighths.
const USUAL: usize = 7;

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

    /// A wait that is long enough for the usual arrival, and not below `shortest`; `None` without arrivals.
    pub(super) fn usual_wait(&self, shortest: Duration) -> Option<Duration> {
        let mut delays: Vec<_> = self.0.iter().copied().collect();
        delays.sort_unstable();
        let usual = delays.get((delays.len() * USUAL / 8).min(delays.len().checked_sub(1)?))?;
        Some((*usual * SAFETY).max(shortest))
    }
}
