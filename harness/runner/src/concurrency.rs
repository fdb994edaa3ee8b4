//! The number of scenarios that run at the same time: given, or derived from measured round trips.

use std::collections::HashMap;
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

/// Number of scenarios that run at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concurrency {
    /// This number.
    Fixed(usize),
    /// More, the longer round trips take, as long as that does not make them longer.
    Measured,
}

/// A sink that measures round trips, and derives the concurrency from them; clones share it.
#[derive(Clone)]
pub(crate) struct RoundTrips(Arc<Mutex<State>>);

struct State {
    concurrency: Concurrency,
    current: usize,
    calls: HashMap<CallId, Nanoseconds>,
    connections: HashMap<ConnectionId, Nanoseconds>,
    /// Round trips since the concurrency changed.
    times: Vec<Duration>,
    /// The lowest median so far.
    floor: Option<Duration>,
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
            calls: HashMap::new(),
            connections: HashMap::new(),
            times: Vec::new(),
            floor: None,
        })))
    }

    /// The number of scenarios that may run at the same time now.
    pub(crate) fn concurrency(&self) -> usize {
        self.0.lock().concurrency()
    }
}

impl State {
    fn concurrency(&mut self) -> usize {
        if self.concurrency == Concurrency::Measured && self.times.len() >= self.current {
            self.times.sort_unstable();
            let median = self.times[self.times.len() / 2];
            let mean = self.times.iter().sum::<Duration>().as_secs_f64() / self.times.len() as f64;
            self.times.clear();
            let floor = self.floor.map_or(median, |floor| floor.min(median));
            self.floor = Some(floor);
            self.current = if median > floor * SLOWDOWN {
                NEAR
            } else {
                // The next measurement shows whether the target bears it.
                ((REQUESTS_PER_SECOND * mean) as usize).clamp(NEAR, FAR).min(2 * self.current)
            };
            tracing::debug!(concurrency = self.current, ?median, "round trips measured");
        }
        self.current
    }

    fn ended(&mut self, since: Option<Nanoseconds>, at: Nanoseconds) {
        if let Some(since) = since {
            self.times.push(Duration::from_nanos(at.saturating_sub(since).get()));
        }
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
                state.calls.insert(invocation.call, event.at);
            }
            EventKind::Returned { call, .. } | EventKind::Failed { call, .. } => {
                let since = state.calls.remove(call);
                state.ended(since, event.at);
            }
            EventKind::Connecting { connection, .. } => {
                state.connections.insert(*connection, event.at);
            }
            EventKind::Connected { connection } | EventKind::ConnectFailed { connection, .. } => {
                let since = state.connections.remove(connection);
                state.ended(since, event.at);
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
            trips.0.lock().times.push(Duration::from_millis(milliseconds));
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
    fn a_given_concurrency_stays() {
        let trips = RoundTrips::new(Concurrency::Fixed(3));
        assert_eq!(after(&trips, 64, 900), 3);
    }
}
