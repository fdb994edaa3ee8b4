//! Targets that refuse connections: they restart, or are gone.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Time that a target which has answered before may take to restart.
const RESTART: Duration = Duration::from_secs(5);

/// The current outage of a target; all requests share it, so that a target which is gone costs its time once.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    has_answered: bool,
    began: Option<Instant>,
}

impl Outage {
    /// Records that the target answered.
    pub(crate) fn end(&self) {
        *self.state.lock() = State { has_answered: true, began: None };
    }

    /// Returns whether the target has answered before.
    pub(crate) fn has_answered(&self) -> bool {
        self.state.lock().has_answered
    }

    /// Records the `count`th refused connection of a request; returns the delay before the next one, or `None` if
    /// the target never answered or should have restarted by now.
    pub(crate) fn refused(&self, count: u32) -> Option<Duration> {
        self.refused_at(count, Instant::now())
    }

    fn refused_at(&self, count: u32, now: Instant) -> Option<Duration> {
        let mut state = self.state.lock();
        if !state.has_answered {
            return None;
        }
        let began = *state.began.get_or_insert(now);
        (now.duration_since(began) < RESTART).then(|| Duration::from_millis(40 << count.min(5)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_waited_for_once() {
        let (outage, now) = (Outage::default(), Instant::now());
        assert_eq!(outage.refused_at(1, now), None);
        outage.end();
        assert_eq!(outage.refused_at(1, now), Some(Duration::from_millis(80)));
        let later = now + RESTART;
        assert_eq!(outage.refused_at(1, later), None);
        assert_eq!(outage.refused_at(2, later), None);
        outage.end();
        assert!(outage.refused_at(1, later).is_some());
    }
}
