//! The number of scenarios that run at the same time: given, or derived from measured round trips.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hearback_contract::Operation;
use hearback_history::{CallId, ConnectionId, Event, EventKind, Nanoseconds, Sink};
use parking_lot::Mutex;

/// Number of scenarios at the same time, near a target.
const NEAR: usize = 8;

/// Maximum number of scenarios at the same time that wait for events or throttles, near a target.
const WAITING: usize = 32;

/// Maximum number of scenarios at the same time.
pub(crate) const FAR: usize = 192;

/// Maximum number of requests per second to which a distant target is exposed.
const REQUESTS_PER_SECOND: f64 = 200.0;

/// Factor by which round trips may grow with the concurrency, before it is reduced again.
const SLOWDOWN: u32 = 3;

/// Longest round trip that does not count as a slowdown, even if the shortest ones are far shorter.
const QUICK: Duration = Duration::from_millis(50);

/// Number of round trips below which their median is a matter of chance.
const FEW: usize = 5;

/// Number of round trips after which earlier ones count half.
const HALF_LIFE: f64 = 256.0;

/// Share of its time that an average scenario waits for something other than responses, from which on more of them
/// run at the same time.
const IDLE: f64 = 0.75;

/// Time after which scenarios that wait are noticed, although few round trips ended.
const INTERVAL: Duration = Duration::from_secs(1);

/// Number of scenarios that run at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concurrency {
    /// This number.
    Fixed(usize),
    /// More, the longer the shortest round trips take, as long as that does not make them longer; and more while
    /// scenarios wait for something else.
    Measured,
}

/// A sink that measures round trips, and derives the concurrency from them; clones share it.
#[derive(Clone)]
pub(crate) struct RoundTrips(Arc<Mutex<State>>);

struct State {
    concurrency: Concurrency,
    current: usize,
    /// The concurrency while scenarios wait for something other than responses.
    waiting: usize,
    /// Requests and handshakes are apart, since one may take far longer than the other.
    requests: Durations<CallId>,
    handshakes: Durations<ConnectionId>,
    waits: Waits,
}

/// Round trips of one kind.
struct Durations<K> {
    began: HashMap<K, Nanoseconds>,
    /// Round trips since the concurrency was last looked up.
    times: Vec<Duration>,
    /// The lowest median so far.
    floor: Option<Duration>,
    /// Number of round trips, of which earlier ones count less.
    weight: f64,
}

impl<K> Default for Durations<K> {
    fn default() -> Self {
        Self { began: HashMap::new(), times: Vec::new(), floor: None, weight: 0.0 }
    }
}

impl<K: Eq + Hash> Durations<K> {
    fn ended(&mut self, id: &K, at: Nanoseconds) {
        if let Some(since) = self.began.remove(id) {
            self.times.push(Duration::from_nanos(at.saturating_sub(since).get()));
        }
    }

    /// Forgets the round trips, unless they are few; returns whether they are far longer than the shortest ones before.
    fn is_slowed_down(&mut self) -> bool {
        if self.times.len() < FEW {
            return false;
        }
        self.weight += self.times.len() as f64;
        self.times.sort_unstable();
        let median = self.times[self.times.len() / 2];
        self.times.clear();
        let floor = self.floor.map_or(median, |floor| floor.min(median));
        self.floor = Some(floor);
        median > (floor * SLOWDOWN).max(QUICK)
    }

    /// The time that all round trips would take, if each were one of the shortest.
    fn unloaded_s(&self) -> f64 {
        self.floor.unwrap_or_default().as_secs_f64() * self.weight
    }
}

/// The share of their time that scenarios do not wait for responses.
#[derive(Default)]
struct Waits {
    /// Number of requests and handshakes in progress.
    pending: u32,
    /// Sum of the times for which they were in progress, up to the last change.
    busy: Duration,
    changed: Option<Instant>,
    /// Time at which the share was last determined.
    since: Option<Instant>,
    /// Number of requests and handshakes that ended since then.
    ended: usize,
}

impl Waits {
    fn advance(&mut self, now: Instant) {
        if let Some(changed) = self.changed.replace(now) {
            self.busy += now.saturating_duration_since(changed) * self.pending;
        }
    }

    fn began(&mut self) {
        self.advance(Instant::now());
        self.pending += 1;
    }

    fn ended(&mut self) {
        self.ended += 1;
        self.advance(Instant::now());
        self.pending = self.pending.saturating_sub(1);
    }

    /// The share for a number of scenarios since it was last determined, once enough time has passed; zero if they
    /// sent as many requests as a target may be exposed to.
    fn share(&mut self, scenarios: usize, now: Instant) -> Option<f64> {
        let elapsed = now.saturating_duration_since(*self.since.get_or_insert(now));
        if elapsed < INTERVAL {
            return None;
        }
        self.advance(now);
        let busy = std::mem::take(&mut self.busy).as_secs_f64();
        let ended = std::mem::take(&mut self.ended) as f64;
        self.since = Some(now);
        let is_calm = ended < REQUESTS_PER_SECOND * elapsed.as_secs_f64();
        Some(if is_calm { 1.0 - busy / (elapsed.as_secs_f64() * scenarios as f64) } else { 0.0 })
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
            waiting: NEAR,
            requests: Durations::default(),
            handshakes: Durations::default(),
            waits: Waits::default(),
        })))
    }

    /// The number of scenarios that may run at the same time now.
    pub(crate) fn concurrency(&self) -> usize {
        self.0.lock().concurrency(Instant::now())
    }
}

impl State {
    fn concurrency(&mut self, now: Instant) -> usize {
        if self.concurrency == Concurrency::Measured {
            if let Some(share) = self.waits.share(self.current, now) {
                self.waited(share);
            }
            let count = self.requests.times.len() + self.handshakes.times.len();
            if count >= self.current {
                self.took(count);
            }
        }
        self.current
    }

    /// Adapts the concurrency to the share of its time that a scenario waited for something other than responses.
    fn waited(&mut self, share: f64) {
        self.waiting = match share {
            // The next measurement shows whether the target bears it.
            _ if share > IDLE => (2 * self.waiting).min(WAITING),
            _ if share > IDLE / 2.0 => self.waiting,
            _ => NEAR,
        };
        tracing::debug!(waiting = self.waiting, share, "waits measured");
        self.current = self.current.max(self.waiting);
    }

    /// Adapts the concurrency to a number of round trips.
    fn took(&mut self, count: usize) {
        let decay = 0.5_f64.powf(count as f64 / HALF_LIFE);
        self.requests.weight *= decay;
        self.handshakes.weight *= decay;
        if self.requests.is_slowed_down() | self.handshakes.is_slowed_down() {
            (self.current, self.waiting) = (NEAR, NEAR);
            return;
        }
        // The shortest round trips show how far away the target is; what comes on top may be this load.
        let weight = (self.requests.weight + self.handshakes.weight).max(1.0);
        let mean = (self.requests.unloaded_s() + self.handshakes.unloaded_s()) / weight;
        let distant = ((REQUESTS_PER_SECOND * mean) as usize).clamp(NEAR, FAR);
        // The next measurement shows whether the target bears it.
        self.current = distant.min(2 * self.current).max(self.waiting);
        tracing::debug!(concurrency = self.current, mean, "round trips measured");
    }
}

impl Sink for RoundTrips {
    fn accept(&mut self, event: &Event) {
        let mut state = self.0.lock();
        match &event.kind {
            EventKind::Invoked(invocation) => {
                state.waits.began();
                // Logging in is slow on purpose.
                if !matches!(
                    invocation.operation,
                    Some(Operation::TokenObtain | Operation::TokenRefresh)
                ) {
                    state.requests.began.insert(invocation.call, event.at);
                }
            }
            EventKind::Returned { call, .. } | EventKind::Failed { call, .. } => {
                state.waits.ended();
                state.requests.ended(call, event.at);
            }
            EventKind::Connecting { connection, .. } => {
                state.waits.began();
                state.handshakes.began.insert(*connection, event.at);
            }
            EventKind::Connected { connection } | EventKind::ConnectFailed { connection, .. } => {
                state.waits.ended();
                state.handshakes.ended(connection, event.at);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        let trips = RoundTrips::new(Concurrency::Measured);
        Arc::into_inner(trips.0).unwrap().into_inner()
    }

    /// The concurrency after round trips of this length.
    fn after(state: &mut State, count: usize, milliseconds: u64) -> usize {
        state.requests.times.extend((0..count).map(|_| Duration::from_millis(milliseconds)));
        state.took(state.requests.times.len() + state.handshakes.times.len());
        state.current
    }

    #[test]
    fn the_concurrency_grows_with_the_round_trip() {
        assert_eq!(after(&mut state(), 64, 5), NEAR);
        assert_eq!(after(&mut state(), 4, 200), NEAR, "too few");
        let mut state = state();
        let grown: Vec<_> = (0..4).map(|_| after(&mut state, 64, 200)).collect();
        assert_eq!(grown, [16, 32, 40, 40]);
        assert_eq!(after(&mut state, 64, 4_900), NEAR, "the target slows down");
    }

    #[test]
    fn round_trips_that_grow_under_load_do_not_raise_it() {
        let mut state = state();
        let grown: Vec<_> = [20, 55, 58, 59].map(|time| after(&mut state, 64, time)).into();
        assert_eq!(grown, [NEAR; 4]);
    }

    #[test]
    fn slow_handshakes_are_no_slowdown_of_requests() {
        let mut state = state();
        for _ in 0..5 {
            state.handshakes.times.extend((0..40).map(|_| Duration::from_secs(4)));
            after(&mut state, 24, 5);
        }
        assert_eq!(state.current, FAR);
        assert!(after(&mut state, 64, 5) >= FAR / 2, "other scenarios open no sockets");
        assert_eq!(after(&mut state, 64, 900), NEAR);
    }

    #[test]
    fn scenarios_that_wait_for_something_else_do_so_at_the_same_time() {
        let mut state = state();
        let mut after = |share| {
            state.waited(share);
            after(&mut state, 64, 5)
        };
        assert_eq!([0.9, 0.9, 0.9, 0.5, 0.1].map(&mut after), [16, 32, 32, 32, NEAR]);
    }

    #[test]
    fn pending_requests_are_no_waits() {
        let (mut waits, start) = (Waits::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(waits.share(4, start), None);
        waits.advance(start);
        waits.pending = 4;
        waits.advance(at(1));
        waits.pending = 0;
        assert_eq!(waits.share(4, at(4)), Some(0.75));
        waits.pending = 4;
        assert_eq!(waits.share(4, at(8)), Some(0.0));
        (waits.pending, waits.ended) = (0, 1_000);
        assert_eq!(waits.share(4, at(10)), Some(0.0), "they do not wait long");
    }

    #[test]
    fn a_given_concurrency_stays() {
        let trips = RoundTrips::new(Concurrency::Fixed(3));
        trips.0.lock().requests.times.extend([Duration::from_secs(1); 64]);
        assert_eq!(trips.concurrency(), 3);
    }
}
