//! Events that never arrive: one bound of waiting for all events of a kind.

use std::collections::HashMap;
use std::time::Duration;

use hearback_contract::ServerEvent;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::recent_delays::RecentDelays;

/// Number of events missed after a whole wait, if none of the kind ever arrived, after which waits are short.
const MISSES_WITHOUT_ARRIVAL: u32 = 3;

/// The same, if events of the kind did arrive.
const MISSES_AFTER_ARRIVAL: u32 = 8;

/// Number of arrivals that make up for a missed event: a rare loss does not shorten the waits of a long run.
const ARRIVALS_PER_MISS: u32 = 32;

/// Number of arrivals whose delays determine the short wait.
const RECENT: usize = 32;

/// Minimum length of a short wait.
const SHORTEST: Duration = Duration::from_millis(250);

/// A kind of event that a scenario waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AwaitedEvent {
    /// A message, on a socket of its sender.
    OwnMessage,
    /// A message, on a socket of another member.
    Message,
    /// An event that an expectation describes.
    Expected(ServerEvent),
}

/// The result of waiting for an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Awaited<T> {
    /// It arrived.
    Arrived(T),
    /// It did not arrive before the timeout or the end of the connection.
    Missed,
    /// It did not arrive in a short time, and was not waited for any longer: its absence is not proven.
    Abandoned,
}

/// The events that arrived and that were missed, by kind.
///
/// Once a kind was missed several times, waits for it are short: the next missed event costs almost no time.
#[derive(Debug, Default)]
pub struct Absence {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    kinds: HashMap<AwaitedEvent, Kind>,
    /// Delays of the last arrivals, of all kinds.
    recent: RecentDelays<RECENT>,
}

impl State {
    fn short_wait(&self, timeout: Duration) -> Duration {
        self.recent.short_wait(SHORTEST).unwrap_or(SHORTEST).min(timeout)
    }
}

#[derive(Debug, Default)]
struct Kind {
    arrived: u32,
    missed: u32,
}

impl Kind {
    fn limit(&self) -> u32 {
        if self.arrived > 0 { MISSES_AFTER_ARRIVAL } else { MISSES_WITHOUT_ARRIVAL }
    }

    fn is_given_up(&self) -> bool {
        self.missed >= self.limit()
    }
}

impl Absence {
    /// The time to wait for an event for which an expectation allows `timeout`.
    pub fn patience(&self, kind: AwaitedEvent, timeout: Duration) -> Duration {
        let state = self.state.lock();
        if !state.kinds.get(&kind).is_some_and(Kind::is_given_up) {
            return timeout;
        }
        state.short_wait(timeout)
    }

    /// A time in which most events arrive, of at most `timeout`.
    pub fn short_wait(&self, timeout: Duration) -> Duration {
        self.state.lock().short_wait(timeout)
    }

    /// Completes once waits for a kind are short.
    pub async fn given_up(&self, kind: AwaitedEvent) {
        loop {
            let changed = self.changed.notified();
            if self.state.lock().kinds.get(&kind).is_some_and(Kind::is_given_up) {
                return;
            }
            changed.await;
        }
    }

    /// Forgets the missed events, so that the next waits are whole again.
    pub fn forget_misses(&self) {
        self.state.lock().kinds.values_mut().for_each(|kind| kind.missed = 0);
    }

    /// Records an event that arrived after a delay.
    pub fn arrived(&self, kind: AwaitedEvent, delay: Duration) {
        let mut state = self.state.lock();
        let of_kind = state.kinds.entry(kind).or_default();
        of_kind.arrived = of_kind.arrived.saturating_add(1);
        if of_kind.arrived.is_multiple_of(ARRIVALS_PER_MISS) {
            of_kind.missed = of_kind.missed.saturating_sub(1);
        }
        state.recent.push(delay);
    }

    /// Records an event that did not arrive during the whole timeout.
    pub fn missed(&self, kind: AwaitedEvent) {
        self.state.lock().kinds.entry(kind).or_default().missed += 1;
        self.changed.notify_waiters();
    }

    /// Records an event that did not arrive in a short time: as many arrivals as for a missed one make up for it, so
    /// that a target which loses some events of a kind is not waited for again and again.
    pub fn abandoned(&self, kind: AwaitedEvent) {
        let mut state = self.state.lock();
        let of_kind = state.kinds.entry(kind).or_default();
        of_kind.missed = of_kind.missed.max(of_kind.limit() + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(5);
    const ECHO: AwaitedEvent = AwaitedEvent::OwnMessage;

    #[test]
    fn a_kind_that_never_arrives_is_soon_given_up() {
        let absence = Absence::default();
        absence.arrived(AwaitedEvent::Message, Duration::from_millis(200));
        for _ in 0..MISSES_WITHOUT_ARRIVAL {
            assert_eq!(absence.patience(ECHO, TIMEOUT), TIMEOUT);
            absence.missed(ECHO);
        }
        assert_eq!(absence.patience(ECHO, TIMEOUT), Duration::from_millis(800));
        assert_eq!(absence.patience(ECHO, SHORTEST), SHORTEST);
        assert_eq!(absence.patience(AwaitedEvent::Message, TIMEOUT), TIMEOUT);
        absence.forget_misses();
        assert_eq!(absence.patience(ECHO, TIMEOUT), TIMEOUT);
    }

    #[test]
    fn a_slow_target_is_waited_for_as_long_as_before() {
        let absence = Absence::default();
        absence.arrived(AwaitedEvent::Message, TIMEOUT / 2);
        (0..9).for_each(|_| absence.missed(ECHO));
        assert_eq!(absence.patience(ECHO, TIMEOUT), TIMEOUT);
    }

    #[test]
    fn rare_losses_do_not_shorten_waits() {
        let absence = Absence::default();
        for _ in 0..100 {
            (0..ARRIVALS_PER_MISS).for_each(|_| absence.arrived(ECHO, SHORTEST / 9));
            absence.missed(ECHO);
        }
        assert_eq!(absence.patience(ECHO, TIMEOUT), TIMEOUT);
        (0..MISSES_AFTER_ARRIVAL).for_each(|_| absence.missed(ECHO));
        assert_eq!(absence.patience(ECHO, TIMEOUT), SHORTEST);
    }

    #[test]
    fn a_kind_that_is_often_lost_is_not_waited_for_again_and_again() {
        let absence = Absence::default();
        absence.arrived(ECHO, SHORTEST / 9);
        (0..MISSES_AFTER_ARRIVAL).for_each(|_| absence.missed(ECHO));
        for _ in 0..100 {
            absence.abandoned(ECHO);
            (0..ARRIVALS_PER_MISS).for_each(|_| absence.arrived(ECHO, SHORTEST / 9));
            assert_eq!(absence.patience(ECHO, TIMEOUT), SHORTEST);
        }
        (0..2 * ARRIVALS_PER_MISS).for_each(|_| absence.arrived(ECHO, SHORTEST / 9));
        assert_eq!(absence.patience(ECHO, TIMEOUT), TIMEOUT, "it recovers");
    }

    #[tokio::test]
    async fn waits_in_progress_end_when_a_kind_is_given_up() {
        let absence = Absence::default();
        let misses = async { (0..MISSES_WITHOUT_ARRIVAL).for_each(|_| absence.missed(ECHO)) };
        tokio::join!(absence.given_up(ECHO), misses);
    }
}
