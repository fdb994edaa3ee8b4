//! Circuit breaker: skips requests to operations that never respond, since each costs the whole timeout.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hearback_contract::Operation;
use parking_lot::Mutex;

use crate::failure::{Failure, FailureKind};

/// Consecutive timeouts that open a circuit which never succeeded.
const TIMEOUTS_WITHOUT_SUCCESS: u32 = 3;

/// Consecutive timeouts that open a circuit which succeeded before: the target may only be paused.
const TIMEOUTS_AFTER_SUCCESS: u32 = 24;

/// Number of circuits that never succeeded, from which one timeout opens any other such circuit.
const MANY: usize = 3;

/// Minimum time between the first and the last timeout of a silent target: it may only be paused.
const SILENCE: Duration = Duration::from_secs(10);

/// Delay after a timeout before an open circuit permits one probe.
const PROBE_DELAY: Duration = Duration::from_secs(20);

/// A kind of request for which responses are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Circuit {
    /// A REST operation.
    Operation(Operation),
    /// A handshake, answered by `connection_established`.
    Handshake,
    /// A message sent on a socket, answered by its broadcast.
    Message,
}

/// The circuits of a target.
///
/// A circuit opens after several consecutive timeouts. While it is open, requests fail without being sent,
/// except for one probe at a time that detects when the target responds again. All circuits are open while the target
/// is silent.
#[derive(Debug)]
pub(crate) struct CircuitBreaker {
    is_enabled: bool,
    states: Mutex<States>,
}

#[derive(Debug, Default)]
struct States {
    circuits: HashMap<Circuit, State>,
    /// Timeouts of all circuits since the last success of any.
    silence: Option<Silence>,
}

#[derive(Debug)]
struct Silence {
    /// The first timeout.
    began: Instant,
    /// The last timeout.
    latest: Instant,
    timeouts: u32,
    next_probe: Instant,
}

impl Silence {
    fn is_whole(&self) -> bool {
        self.timeouts >= TIMEOUTS_AFTER_SUCCESS && self.latest - self.began >= SILENCE
    }
}

#[derive(Debug, Default)]
struct State {
    has_succeeded: bool,
    /// Timeouts since the last success.
    timeouts: u32,
    next_probe: Option<Instant>,
}

impl State {
    fn never_responds(&self) -> bool {
        !self.has_succeeded && self.timeouts >= TIMEOUTS_WITHOUT_SUCCESS
    }

    fn is_open(&self, many_never_respond: bool) -> bool {
        let limit = match self.has_succeeded {
            true => TIMEOUTS_AFTER_SUCCESS,
            false if many_never_respond => 1,
            false => TIMEOUTS_WITHOUT_SUCCESS,
        };
        self.timeouts >= limit
    }
}

/// Permission to send one request, which takes its outcome.
#[derive(Debug)]
pub struct Permit<'s> {
    circuit_breaker: &'s CircuitBreaker,
    circuit: Option<Circuit>,
}

impl CircuitBreaker {
    /// A circuit breaker with closed circuits; they never open unless it is enabled.
    pub(crate) fn new(is_enabled: bool) -> Self {
        Self { is_enabled, states: Mutex::default() }
    }

    /// A permit for one request; always granted to requests without a circuit.
    ///
    /// # Errors
    /// If the circuit is open and no probe is due.
    pub(crate) fn permit(&self, circuit: Option<Circuit>) -> Result<Permit<'_>, Failure> {
        self.permit_at(circuit, Instant::now())
    }

    fn permit_at(&self, circuit: Option<Circuit>, now: Instant) -> Result<Permit<'_>, Failure> {
        if let Some(circuit) = circuit {
            let mut states = self.states.lock();
            if let Some(silence) =
                states.silence.as_mut().filter(|it| self.is_enabled && it.is_whole())
            {
                if now < silence.next_probe {
                    return Err(not_sent("the target did not answer", silence.timeouts));
                }
                silence.next_probe = now + PROBE_DELAY;
            }
            let circuits = &mut states.circuits;
            let never_responding = circuits.values().filter(|state| state.never_responds()).count();
            let state = circuits.entry(circuit).or_default();
            if self.is_enabled && state.is_open(never_responding >= MANY) {
                if state.next_probe.is_some_and(|next| now < next) {
                    return Err(circuit.not_sent(state.timeouts));
                }
                state.next_probe = Some(now + PROBE_DELAY);
            }
        }
        Ok(self.sent(circuit))
    }

    /// Permits a probe of an open circuit before its time.
    pub(crate) fn allow_probe(&self, circuit: Circuit) {
        let now = Instant::now();
        let mut states = self.states.lock();
        if let Some(silence) = &mut states.silence {
            silence.next_probe = now;
        }
        if let Some(state) = states.circuits.get_mut(&circuit) {
            state.next_probe = Some(now);
        }
    }

    /// The permit of a request that was sent already.
    pub(crate) fn sent(&self, circuit: Option<Circuit>) -> Permit<'_> {
        Permit { circuit_breaker: self, circuit }
    }
}

impl Circuit {
    fn not_sent(self, timeouts: u32) -> Failure {
        let name = match self {
            Self::Operation(operation) => operation.id(),
            Self::Handshake => "the handshake",
            Self::Message => "a message on a socket",
        };
        not_sent(&format!("{name} was not answered"), timeouts)
    }
}

fn not_sent(reason: &str, timeouts: u32) -> Failure {
    Failure {
        kind: FailureKind::TimedOut,
        text: format!("not sent: {reason} {timeouts} times in a row"),
        maybe_done: false,
    }
}

impl Permit<'_> {
    /// Records that there was a response.
    pub fn succeeded(self) {
        self.record(|state, silence| {
            state.has_succeeded = true;
            state.timeouts = 0;
            *silence = None;
        });
    }

    /// Records that there was no response before the timeout.
    pub fn timed_out(self) {
        self.timed_out_at(Instant::now());
    }

    fn timed_out_at(self, now: Instant) {
        let probe = now + PROBE_DELAY;
        self.record(|state, silence| {
            state.timeouts += 1;
            state.next_probe = Some(probe);
            let none = Silence { began: now, latest: now, timeouts: 0, next_probe: probe };
            let silence = silence.get_or_insert(none);
            silence.timeouts += 1;
            silence.latest = now;
            silence.next_probe = probe;
        });
    }

    /// Records a failure; only a timeout counts.
    pub(crate) fn failed(self, failure: &Failure) {
        if failure.kind == FailureKind::TimedOut {
            self.timed_out();
        }
    }

    fn record(&self, change: impl FnOnce(&mut State, &mut Option<Silence>)) {
        if let Some(circuit) = self.circuit {
            let mut states = self.circuit_breaker.states.lock();
            let States { circuits, silence } = &mut *states;
            change(circuits.entry(circuit).or_default(), silence);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const STATS: Option<Circuit> = Some(Circuit::Operation(Operation::RoomsStats));

    fn time_out(circuit_breaker: &CircuitBreaker, circuit: Option<Circuit>, times: u32) {
        for _ in 0..times {
            let failure = Failure::timed_out("it", Duration::from_secs(5));
            circuit_breaker.permit(circuit).unwrap().failed(&failure);
        }
    }

    #[test]
    fn one_timeout_opens_a_circuit_if_many_others_never_respond() {
        let circuit_breaker = CircuitBreaker::new(true);
        let others = [Operation::RoomsGet, Operation::RoomsLeave, Operation::MessagesGet];
        for operation in others.map(Circuit::Operation) {
            time_out(&circuit_breaker, Some(operation), TIMEOUTS_WITHOUT_SUCCESS);
        }
        time_out(&circuit_breaker, STATS, 1);
        assert!(circuit_breaker.permit(STATS).is_err());
    }

    #[test]
    fn an_open_circuit_permits_probes_and_closes_after_success() {
        let circuit_breaker = CircuitBreaker::new(true);
        time_out(&circuit_breaker, STATS, TIMEOUTS_WITHOUT_SUCCESS);
        let failure = circuit_breaker.permit(STATS).unwrap_err();
        assert_eq!(failure.text, "not sent: rooms.stats was not answered 3 times in a row");
        assert!(!failure.maybe_done);
        assert!(circuit_breaker.permit(Some(Circuit::Handshake)).is_ok());
        assert!(circuit_breaker.permit(None).is_ok());
        let later = Instant::now() + PROBE_DELAY;
        let probe = circuit_breaker.permit_at(STATS, later).unwrap();
        assert!(circuit_breaker.permit_at(STATS, later).is_err());
        probe.succeeded();
        assert!((0..5).map(|_| circuit_breaker.permit(STATS)).all(|permit| permit.is_ok()));
    }

    #[test]
    fn a_circuit_that_succeeded_opens_later() {
        let circuit_breaker = CircuitBreaker::new(true);
        circuit_breaker.permit(STATS).unwrap().succeeded();
        time_out(&circuit_breaker, STATS, TIMEOUTS_AFTER_SUCCESS - 1);
        let together = (circuit_breaker.permit(STATS), circuit_breaker.permit(STATS));
        assert!(together.0.is_ok() && together.1.is_ok());
        time_out(&circuit_breaker, STATS, 1);
        assert!(circuit_breaker.permit(STATS).is_err());
    }

    /// Times out requests of many operations, one every `interval`; returns the time of the last.
    fn keep_silent(circuit_breaker: &CircuitBreaker, interval: Duration) -> Instant {
        let mut now = Instant::now();
        let circuits: Vec<_> = Operation::all().map(Circuit::Operation).map(Some).collect();
        for circuit in &circuits {
            circuit_breaker.permit(*circuit).unwrap().succeeded();
        }
        for circuit in circuits.into_iter().cycle().take(TIMEOUTS_AFTER_SUCCESS as usize) {
            now += interval;
            circuit_breaker.sent(circuit).timed_out_at(now);
        }
        now
    }

    #[test]
    fn a_silent_target_opens_all_circuits_until_a_probe_succeeds() {
        let circuit_breaker = CircuitBreaker::new(true);
        let now = keep_silent(&circuit_breaker, Duration::from_secs(1));
        let failure = circuit_breaker.permit_at(STATS, now).unwrap_err();
        assert_eq!(failure.text, "not sent: the target did not answer 24 times in a row");
        let later = now + PROBE_DELAY;
        let probe = circuit_breaker.permit_at(STATS, later).unwrap();
        let other = Some(Circuit::Handshake);
        assert!(circuit_breaker.permit_at(other, later).is_err(), "one probe for all circuits");
        probe.succeeded();
        assert!(circuit_breaker.permit_at(other, later).is_ok());
    }

    #[test]
    fn a_probe_can_be_sent_early() {
        let circuit_breaker = CircuitBreaker::new(true);
        keep_silent(&circuit_breaker, Duration::from_secs(1));
        assert!(circuit_breaker.permit(STATS).is_err());
        circuit_breaker.allow_probe(Circuit::Operation(Operation::RoomsStats));
        circuit_breaker.permit(STATS).unwrap().succeeded();
        assert!(circuit_breaker.permit(Some(Circuit::Handshake)).is_ok());
    }

    #[test]
    fn a_pause_of_a_busy_target_opens_no_circuit() {
        let circuit_breaker = CircuitBreaker::new(true);
        let now = keep_silent(&circuit_breaker, Duration::from_millis(10));
        assert!(circuit_breaker.permit_at(STATS, now).is_ok());
    }

    #[test]
    fn a_disabled_circuit_breaker_permits_everything() {
        let circuit_breaker = CircuitBreaker::new(false);
        time_out(&circuit_breaker, STATS, 9 * TIMEOUTS_AFTER_SUCCESS);
        assert!(circuit_breaker.permit(STATS).is_ok());
    }

    #[test]
    fn broken_connections_do_not_open_a_circuit() {
        let circuit_breaker = CircuitBreaker::new(true);
        let broken = Failure {
            kind: FailureKind::Broken,
            ..Failure::timed_out("it", Duration::from_secs(5))
        };
        (0..9).for_each(|_| circuit_breaker.permit(STATS).unwrap().failed(&broken));
        assert!(circuit_breaker.permit(STATS).is_ok());
    }
}
