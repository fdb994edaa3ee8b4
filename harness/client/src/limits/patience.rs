//! Responses that often never arrive: one bound of waiting for all of them.

use std::time::Duration;

use parking_lot::Mutex;

use super::recent_delays::RecentDelays;

/// Number of responses missed after a whole wait from which on waits are short.
const TIMEOUTS: u32 = 12;

/// Number of responses that make up for a missed one: a rare loss does not shorten the waits of a long run.
const RESPONSES_PER_TIMEOUT: u32 = 32;

/// Number of responses whose delays determine the short wait.
const RECENT: usize = 64;

/// Minimum length of a short wait.
const SHORTEST: Duration = Duration::from_millis(250);

/// The responses that arrived and that were missed, of all operations.
///
/// The circuit breaker skips operations that never respond; an operation that responds most of the time costs a whole
/// timeout each time that it does not. Once that happened often, waits are short.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    responses: u32,
    timeouts: u32,
    recent: RecentDelays<RECENT>,
}

impl Patience {
    /// The time to wait for a response for which the limits allow `timeout`.
    pub(crate) fn of(&self, timeout: Duration) -> Duration {
        let state = self.state.lock();
        if state.timeouts < TIMEOUTS {
            return timeout;
        }
        state.recent.usual_wait(SHORTEST).map_or(timeout, |wait| wait.min(timeout))
    }

    /// Records a response that arrived after a delay.
    pub(crate) fn answered(&self, delay: Duration) {
        let mut state = self.state.lock();
        state.responses = state.responses.wrapping_add(1);
        if state.responses.is_multiple_of(RESPONSES_PER_TIMEOUT) {
            state.timeouts = state.timeouts.saturating_sub(1);
        }
        state.recent.push(delay);
    }

    /// Records a response that did not arrive in time, whether or not the wait was whole.
    pub(crate) fn timed_out(&self) {
        let mut state = self.state.lock();
        // A long run of losses is forgotten as soon as the limit.
        state.timeouts = (state.timeouts + 1).min(2 * TIMEOUTS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(5);

    #[test]
    fn responses_that_are_often_missed_are_waited_for_briefly() {
        let patience = Patience::default();
        for _ in 0..TIMEOUTS {
            assert_eq!(patience.of(TIMEOUT), TIMEOUT);
            patience.answered(Duration::from_millis(200));
            patience.timed_out();
        }
        assert_eq!(patience.of(TIMEOUT), Duration::from_millis(800));
        assert_eq!(patience.of(Duration::from_millis(10)), Duration::from_millis(10));
        // Some that arrive shortly before the timeout do not make the others wait.
        (0..RESPONSES_PER_TIMEOUT / 4).for_each(|_| patience.answered(TIMEOUT / 2));
        (0..RESPONSES_PER_TIMEOUT * 2).for_each(|_| patience.answered(Duration::from_millis(1)));
        patience.answered(TIMEOUT / 2);
        patience.timed_out();
        patience.timed_out();
        patience.timed_out();
        assert_eq!(patience.of(TIMEOUT), SHORTEST);
        (0..RESPONSES_PER_TIMEOUT * 3).for_each(|_| patience.answered(Duration::from_millis(1)));
        assert_eq!(patience.of(TIMEOUT), TIMEOUT, "it recovers");
    }

    #[test]
    fn rare_losses_and_slow_targets_do_not_shorten_waits() {
        let rare = Patience::default();
        for _ in 0..1_000 {
            (0..RESPONSES_PER_TIMEOUT).for_each(|_| rare.answered(Duration::from_millis(1)));
            rare.timed_out();
        }
        assert_eq!(rare.of(TIMEOUT), TIMEOUT);
        let slow = Patience::default();
        (0..2 * TIMEOUTS).for_each(|_| slow.timed_out());
        assert_eq!(slow.of(TIMEOUT), TIMEOUT, "nothing ever arrived");
        slow.answered(TIMEOUT / 2);
        assert_eq!(slow.of(TIMEOUT), TIMEOUT);
    }
}
