//! Throttling by the target. Ambiguity `throttling`.
//!
//! The specification does not mention throttling, but deployments do it. A gate for each scope holds back
//! requests while the target demands a delay: one gate for all logins, since these are limited by address, and
//! one for each actor, since everything else is limited by user.

use std::collections::HashMap;
use std::time::Duration;

use hearback_history::ActorName;
use jiff::{RoundMode, SignedDuration, SignedDurationRound, Timestamp, Unit, Zoned};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::Instant;

use super::Limits;
use super::recognition::{LONGEST_DEMAND, ThrottleRule, throttled};
use crate::failure::{Failure, FailureKind};

/// Additional delay for each attempt that was throttled without a demand worth the name.
const IMPATIENT_DELAY: Duration = Duration::from_millis(100);

/// Number of times that delays without a demand are halved at most, if shorter ones suffice.
const MOST_HALVINGS: i32 = 4;

/// Number of delays that have to suffice, after one that did not, before they are halved.
const MISTRUST: i32 = -2;

/// The requests that a throttle concerns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// Logins of all actors.
    Logins,
    /// Everything else that an actor does.
    Actor(ActorName),
}

/// The gates of a target, closed while the target demands a delay.
#[derive(Debug)]
pub(crate) struct Throttle {
    gates: Mutex<HashMap<Scope, Gate>>,
    rules: Vec<ThrottleRule>,
    longest_delay: Duration,
    budget: Duration,
    login_budget: Duration,
    is_cancelled: watch::Sender<bool>,
}

#[derive(Debug)]
struct Gate {
    opens: Instant,
    /// Sum of the delays so far.
    delayed: Duration,
    /// Number of times that delays without a demand are halved; none if it is negative.
    halvings: i32,
}

impl Gate {
    fn new(now: Instant) -> Self {
        Self { opens: now, delayed: Duration::ZERO, halvings: 0 }
    }
}

impl Throttle {
    /// Open gates.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            gates: Mutex::default(),
            rules: limits.throttle_rules.clone(),
            longest_delay: limits.longest_delay,
            budget: limits.throttle_budget,
            login_budget: limits.login_budget,
            is_cancelled: watch::Sender::new(false),
        }
    }

    /// Ends every wait; requests at a closed gate fail from now on.
    pub(crate) fn cancel(&self) {
        self.is_cancelled.send_replace(true);
    }

    /// Waits until the gate of a scope is open.
    ///
    /// # Errors
    /// Immediately, if the gate stays closed for longer than the longest delay, if the delays of the scope
    /// exceed its budget, or after cancellation.
    pub(crate) async fn wait(&self, scope: &Scope) -> Result<(), Failure> {
        let mut cancelled = self.is_cancelled.subscribe();
        loop {
            let (opens, delayed) = match self.gates.lock().get(scope) {
                Some(gate) => (gate.opens, gate.delayed),
                None => return Ok(()),
            };
            let delay = opens.saturating_duration_since(Instant::now());
            if delay.is_zero() {
                return Ok(());
            }
            if delay > self.longest_delay {
                return Err(failure(too_long(delay, &Zoned::now())));
            }
            if delayed > self.budget(scope) {
                return Err(failure(format!(
                    "throttled: the target demanded delays of {} s in all",
                    delayed.as_secs()
                )));
            }
            tokio::select! {
                () = tokio::time::sleep_until(opens) => {}
                _ = cancelled.wait_for(|is_cancelled| *is_cancelled) => {
                    return Err(failure("throttled: the run was interrupted".to_owned()));
                }
            }
        }
    }

    /// Time until the gate of a scope opens; zero if it is open.
    pub(crate) fn remaining(&self, scope: &Scope) -> Duration {
        let opens = self.gates.lock().get(scope).map(|gate| gate.opens);
        opens.map_or(Duration::ZERO, |opens| opens.saturating_duration_since(Instant::now()))
    }

    /// Waits for a time; `false` if cancellation ended the wait.
    pub(crate) async fn pause(&self, time: Duration) -> bool {
        let mut cancelled = self.is_cancelled.subscribe();
        tokio::select! {
            () = tokio::time::sleep(time) => true,
            _ = cancelled.wait_for(|is_cancelled| *is_cancelled) => false,
        }
    }

    fn budget(&self, scope: &Scope) -> Duration {
        match scope {
            Scope::Logins => self.login_budget,
            Scope::Actor(_) => self.budget,
        }
    }

    /// Closes the gate of a scope if the response is throttled, and returns the delay.
    ///
    /// A delay that the target demands is not shortened. Without one, it doubles with each attempt, from 1 s, or from
    /// less if shorter delays of the actor sufficed.
    pub(crate) fn observe(
        &self,
        scope: &Scope,
        status: u16,
        retry_after: Option<&str>,
        body: &[u8],
        attempt: u32,
    ) -> Option<Duration> {
        let throttled = throttled(&self.rules, status, retry_after, body, Timestamp::now())?;
        let delay = throttled.demanded.unwrap_or_else(|| self.undemanded(scope, attempt));
        // Who demands no delay, again and again, is asked less and less often.
        let delay = delay.max(IMPATIENT_DELAY * attempt.saturating_sub(1).min(20));
        self.close(scope, delay);
        Some(delay)
    }

    /// The delay after a refusal without a demand.
    fn undemanded(&self, scope: &Scope, attempt: u32) -> Duration {
        let backoff = self.backoff(attempt);
        // Too many logins may lock an account.
        if *scope == Scope::Logins {
            return backoff;
        }
        let now = Instant::now();
        let mut gates = self.gates.lock();
        let gate = gates.entry(scope.clone()).or_insert_with(|| Gate::new(now));
        if attempt > 1 {
            gate.halvings = (gate.halvings - 2).max(MISTRUST);
        }
        let delay = backoff / (1 << gate.halvings.max(0));
        // Of several requests that meet a closed gate, one counts.
        if attempt == 1 && gate.opens <= now {
            gate.halvings = (gate.halvings + 1).min(MOST_HALVINGS);
        }
        delay
    }

    /// The delay before an attempt to repeat a request that was refused without a demand.
    pub(crate) fn backoff(&self, attempt: u32) -> Duration {
        backoff(attempt).min(self.longest_delay)
    }

    /// Closes the gate of a scope for at least this time.
    pub(crate) fn close(&self, scope: &Scope, delay: Duration) {
        let now = Instant::now();
        let opens = now + delay.min(LONGEST_DEMAND);
        let mut gates = self.gates.lock();
        let gate = gates.entry(scope.clone()).or_insert_with(|| Gate::new(now));
        gate.delayed += opens.saturating_duration_since(gate.opens.max(now));
        gate.opens = gate.opens.max(opens);
    }
}

fn failure(text: String) -> Failure {
    Failure { kind: FailureKind::Throttled, text, maybe_done: false }
}

/// Error message for a delay that is not respected: its length in minutes, rounded up, and its end.
fn too_long(delay: Duration, now: &Zoned) -> String {
    if delay >= LONGEST_DEMAND - Duration::from_secs(60) {
        return "throttled: the target demands a delay of a year or more".to_owned();
    }
    let delay = SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX);
    let in_minutes = SignedDurationRound::new().smallest(Unit::Minute).mode(RoundMode::Ceil);
    let length = delay.round(in_minutes).unwrap_or(delay);
    let until = now.checked_add(delay).map_or_else(
        |_| String::new(),
        |until| {
            let format = if until.date() == now.date() { "%H:%M" } else { "%F %H:%M" };
            format!("; try again at {}", until.strftime(format))
        },
    );
    format!("throttled: the target demands a delay of {length:#}{until}")
}

/// A random delay between three quarters and one and a quarter of 1 s, 2 s, 4 s, ….
fn backoff(attempt: u32) -> Duration {
    let seconds = f64::from(1_u32 << attempt.saturating_sub(1).min(10));
    Duration::from_secs_f64(seconds * (0.75 + fastrand::f64() / 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttle(longest_delay: u64) -> Throttle {
        let longest_delay = Duration::from_secs(longest_delay);
        Throttle::new(&Limits { longest_delay, ..Limits::default() })
    }

    fn alice() -> Scope {
        Scope::Actor("alice".into())
    }

    #[test]
    fn delays_without_demand_are_bounded_and_grow() {
        let throttle = throttle(3);
        let observe =
            |header, attempt| throttle.observe(&alice(), 429, header, b"", attempt).unwrap();
        assert!(observe(None, 10) <= Duration::from_secs(3));
        assert_eq!(observe(Some("86400"), 1), Duration::from_secs(86_400));
        for attempt in 1..5 {
            let expected = f64::from(1 << (attempt - 1));
            let seconds = backoff(attempt).as_secs_f64();
            assert!((expected * 0.75..=expected * 1.25).contains(&seconds), "{attempt}: {seconds}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn delays_without_demand_are_as_short_as_suffices() {
        let throttle = throttle(60);
        let refuse = async |attempt| {
            let delay = throttle.observe(&alice(), 429, None, b"", attempt).unwrap();
            tokio::time::advance(delay).await;
            delay.as_secs_f64()
        };
        let mut shortest = f64::MAX;
        for _ in 0..8 {
            shortest = shortest.min(refuse(1).await);
        }
        assert!((0.04..0.08).contains(&shortest), "{shortest}");
        // A longer refusal is waited for as patiently as ever.
        let attempts: Vec<_> =
            [refuse(1).await, refuse(2).await, refuse(3).await, refuse(4).await].into();
        assert!(attempts[0] < 0.1 && attempts[3] > 5.0, "{attempts:?}");
        let next = refuse(1).await;
        assert!(next > 0.7, "{next}");
    }

    #[tokio::test]
    async fn a_delay_over_the_maximum_fails_at_once_and_is_not_shortened() {
        let throttle = throttle(60);
        throttle.observe(&alice(), 429, Some("3600"), b"", 1);
        throttle.observe(&alice(), 429, Some("1"), b"", 1);
        for _ in 0..2 {
            let failure = throttle.wait(&alice()).await.unwrap_err();
            assert_eq!((failure.kind, failure.maybe_done), (FailureKind::Throttled, false));
            assert!(failure.text.contains("demands a delay of 1h; try"), "{}", failure.text);
        }
        throttle.wait(&Scope::Logins).await.unwrap();
        throttle.wait(&Scope::Actor("bob".into())).await.unwrap();
    }

    #[test]
    fn errors_name_the_end_of_the_delay() {
        let now: Zoned = "2026-01-02T18:54:00[UTC]".parse().unwrap();
        let text = |seconds| too_long(Duration::from_secs(seconds), &now);
        let begin = "throttled: the target demands a delay of";
        assert_eq!(text(3600), format!("{begin} 1h; try again at 19:54"));
        assert_eq!(text(90), format!("{begin} 2m; try again at 18:55"));
        assert_eq!(text(86_400), format!("{begin} 24h; try again at 2026-01-03 18:54"));
        assert_eq!(too_long(LONGEST_DEMAND, &now), format!("{begin} a year or more"));
    }

    #[tokio::test(start_paused = true)]
    async fn all_requests_of_a_scope_wait_at_its_gate() {
        let throttle = throttle(60);
        throttle.close(&alice(), Duration::from_secs(5));
        let (start, scope) = (Instant::now(), alice());
        let (one, other) = tokio::join!(throttle.wait(&scope), throttle.wait(&scope));
        one.and(other).unwrap();
        assert!(start.elapsed() >= Duration::from_secs(5));
        throttle.wait(&alice()).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn the_delays_of_a_scope_have_a_budget() {
        let throttle = throttle(60);
        let start = Instant::now();
        let mut waits = 0;
        while throttle.wait(&alice()).await.is_ok() {
            throttle.close(&alice(), Duration::from_secs(10));
            waits += 1;
            assert!(waits < 100, "{:?}", start.elapsed());
        }
        assert!(start.elapsed() <= Limits::default().throttle_budget + Duration::from_secs(10));
    }

    #[tokio::test]
    async fn cancellation_ends_every_wait() {
        let throttle = throttle(60);
        throttle.close(&alice(), Duration::from_secs(50));
        let scope = alice();
        let (waited, ()) = tokio::join!(throttle.wait(&scope), async { throttle.cancel() });
        assert!(waited.unwrap_err().text.contains("interrupted"));
        throttle.wait(&scope).await.unwrap_err();
        throttle.wait(&Scope::Logins).await.unwrap();
    }
}
