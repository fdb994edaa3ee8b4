//! Pacing of logins, which many deployments limit by address.

use std::collections::VecDeque;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// The time in which logins are counted.
const MINUTE: Duration = Duration::from_secs(60);

/// Keeps the number of logins per minute below a limit.
#[derive(Debug)]
pub(crate) struct LoginPacer {
    per_minute: Option<u32>,
    /// Times of the logins of the last minute; later ones may be in the future.
    slots: Mutex<VecDeque<Instant>>,
}

impl LoginPacer {
    /// A pacer with a maximum number of logins per minute; without a limit, logins never wait.
    pub(crate) fn new(per_minute: Option<u32>) -> Self {
        Self { per_minute, slots: Mutex::default() }
    }

    /// Takes a place for one login, and returns the time until then.
    pub(crate) fn delay(&self) -> Duration {
        let Some(limit) = self.per_minute else { return Duration::ZERO };
        let now = Instant::now();
        let mut slots = self.slots.lock();
        let slot = next(&mut slots, limit, now);
        slots.push_back(slot);
        slot - now
    }

    /// Returns whether a login would not wait.
    pub(crate) fn is_free(&self) -> bool {
        let now = Instant::now();
        self.per_minute.is_none_or(|limit| next(&mut self.slots.lock(), limit, now) == now)
    }
}

/// Time of the next login, after logins of more than a minute ago are removed.
fn next(slots: &mut VecDeque<Instant>, limit: u32, now: Instant) -> Instant {
    while slots.front().is_some_and(|slot| *slot + MINUTE <= now) {
        slots.pop_front();
    }
    match slots.len().checked_sub(limit.max(1) as usize) {
        Some(index) => (slots[index] + MINUTE).max(now),
        None => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_minute_has_its_number_of_logins() {
        let pacer = LoginPacer::new(Some(2));
        assert!(pacer.is_free());
        let seconds: Vec<_> = (0..5).map(|_| pacer.delay().as_secs()).collect();
        assert_eq!(seconds, [0, 0, 60, 60, 120]);
        tokio::time::advance(Duration::from_secs(90)).await;
        assert!(!pacer.is_free());
        assert_eq!(pacer.delay().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_logins_do_not_wait() {
        let pacer = LoginPacer::new(None);
        assert!((0..100).all(|_| pacer.delay().is_zero() && pacer.is_free()));
    }
}
