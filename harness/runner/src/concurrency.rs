//! The number of scenarios that run at the same time: given, or derived from measured round trips.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use hearback_contract::Operation;
use hearback_history::{CallId, ConnectionId, Event, EventKind, Nanoseconds, Sink};
use parking_lot::Mutex;

/// Number of scenarios at the same time, near a target.
const NEAR: usize = 8;

/// Maximum number of scenarios at the same time; fewer than the requests that the client sends at once.
const FAR: usize = 48;

/// Maximum number of requests per second to which a distant target is exposed.
const REQUESTS_PER_SECOND: f64 = 200.0;

/// Factor by which round trips may grow with the concurrency, before it is reduced again.
const SLOWDOWN: u32 = 3;

/// Number of round trips below which their median is a matter of chance.
const FEW: usize = 5;

/// Number of scenarios that run at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concurrency {
    /// This number.
    Fixed(usize),
    /// More, the longer the shortest round trips take, as long as that does not make them longer.
    Measured,
}

/// A sink that measures round trips, and derives the concurrency from them; clones share it.
#[derive(Clone)]
pub(crate) struct RoundTrips(Arc<Mutex<State>>);

struct State {
    concurrency: Concurrency,
    current: usize,
    /// Requests and handshakes are apart, since one may take far longer than the other.
    requests: Durations<CallId>,
    handshakes: Durations<ConnectionId>,
}

/// Round trips of one kind.
struct Durations<K> {
    began: HashMap<K, Nanoseconds>,
    /// Round trips since the concurrency was last looked up.
    times: Vec<Duration>,
    /// The lowest median so far.
    floor: Option<Duration>,
}

impl<K> Default for Durations<K> {
    fn default() -> Self {
        Self { began: HashMap::new(), times: Vec::new(), floor: None }
    }
}

impl<K: Eq + Hash> Durations<K> {
    fn ended(&mut self, id: &K, at: Nanoseconds) {
        if let Some(since) = self.began.remove(id) {
            self.times.push(Duration::from_nanos(at.saturating_sub(since).get()));
        }
    }

    /// Forgets the round trips; returns whether they are far longer than the shortest ones before.
    fn is_slowed_down(&mut self) -> bool {
        if self.times.len() < FEW {
            self.times.clear();
            return false;
        }
        self.times.sort_unstable();
        let median = self.times[self.times.len() / 2];
        self.times.clear();
        let floor = self.floor.map_or(median, |floor| floor.min(median));
        self.floor = Some(floor);
        median > floor * SLOWDOWN
    }
}

impl RoundTrips {
    pub(crate) fn new(concurrency: Concurrency) -> Self {
        let current = match concurrency {
            Concurrency::Fixed(count) => count,
            Concurrency::Measured => NEAR,
        };
        Self(Arc::new(Mutex::new(State {
            concurrency,
            current,
            requests: Durations::default(),
            handshakes: Durations::default(),
        })))
    }

    /// The number of scenarios that may run at the same time now.
    pub(crate) fn concurrency(&self) -> usize {
        self.0.lock().concurrency()
    }
}

impl State {
    fn concurrency(&mut self) -> usize {
        let (requests, handshakes) = (&mut self.requests, &mut self.handshakes);
        let count = requests.times.len() + handshakes.times.len();
        if self.concurrency == Concurrency::Measured && count >= self.current {
            let counts = [requests.times.len(), handshakes.times.len()];
            let is_slowed_down = requests.is_slowed_down() | handshakes.is_slowed_down();
            // The shortest round trips show how far away the target is; what comes on top may be this load.
            let floors = [requests.floor, handshakes.floor].map(Option::unwrap_or_default);
            let sums =
                floors.iter().zip(counts).map(|(floor, count)| floor.as_secs_f64() * count as f64);
            let mean = sums.sum::<f64>() / count as f64;
            self.current = if is_slowed_down {
                NEAR
            } else {
                // The next measurement shows whether the target bears it.
                ((REQUESTS_PER_SECOND * mean) as usize).clamp(NEAR, FAR).min(2 * self.current)
            };
            tracing::debug!(concurrency = self.current, mean, "round trips measured");
        }
        self.current
    }
}

impl Sink for RoundTrips {
    fn accept(&mut self, event: &Event) {
        let mut state = self.0.lock();
        match &event.kind {
            // Logging in is slow on purpose.
            EventKind::Invoked(invocation)
                if !matches!(
                    invocation.operation,
                    Some(Operation::TokenObtain | Operation::TokenRefresh)
                ) =>
            {
                state.requests.began.insert(invocation.call, event.at);
            }
            EventKind::Returned { call, .. } | EventKind::Failed { call, .. } => {
                state.requests.ended(call, event.at);
            }
            EventKind::Connecting { connection, .. } => {
                state.handshakes.began.insert(*connection, event.at);
            }
            EventKind::Connected { connection } | EventKind::ConnectFailed { connection, .. } => {
                state.handshakes.ended(connection, event.at);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(trips: &RoundTrips, count: usize, milliseconds: u64) -> usize {
        for _ in 0..count {
            trips.0.lock().requests.times.push(Duration::from_millis(milliseconds));
        }
        trips.concurrency()
    }

    #[test]
    fn the_concurrency_grows_with_the_round_trip() {
        let trips = RoundTrips::new(Concurrency::Measured);
        assert_eq!(after(&trips, 64, 5), NEAR);
        assert_eq!(after(&trips, 7, 200), NEAR, "too few");
        let trips = RoundTrips::new(Concurrency::Measured);
        let grown: Vec<_> = (0..4).map(|_| after(&trips, 64, 200)).collect();
        assert_eq!(grown, [16, 32, 40, 40]);
        assert_eq!(after(&trips, 64, 4_900), NEAR, "the target slows down");
    }

    #[test]
    fn round_trips_that_grow_under_load_do_not_raise_it() {
        let trips = RoundTrips::new(Concurrency::Measured);
        let grown: Vec<_> = [20, 55, 58, 59].map(|time| after(&trips, 64, time)).into();
        assert_eq!(grown, [NEAR; 4]);
    }

    #[test]
    fn slow_handshakes_are_no_slowdown_of_requests() {
        let trips = RoundTrips::new(Concurrency::Measured);
        for _ in 0..4 {
            let handshakes = (0..40).map(|_| Duration::from_secs(4));
            trips.0.lock().handshakes.times.extend(handshakes);
            after(&trips, 24, 5);
        }
        assert_eq!(trips.concurrency(), FAR);
        assert_eq!(after(&trips, 64, 900), NEAR);
    }

    #[test]
    fn a_given_concurrency_stays() {
        let trips = RoundTrips::new(Concurrency::Fixed(3));
        assert_eq!(after(&trips, 64, 900), 3);
    }
}
