//! Throttling by the target. Ambiguity `throttling`.
//!
//! The specification does not mention throttling, but deployments do it. One gate holds back all actors, so
//! that none of them sends requests while the target demands a delay.

use std::time::Duration;

use jiff::fmt::rfc2822;
use jiff::{RoundMode, SignedDuration, SignedDurationRound, Timestamp, Unit, Zoned};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::failure::{Failure, FailureKind};

/// Number of bytes of a body that are searched for [`PHRASES`].
const SEARCHED: usize = 1024;

/// Phrases in the bodies of throttled responses, in lower case.
const PHRASES: [&str; 3] = ["throttl", "rate limit", "too many requests"];

/// Longest delay that the gate keeps; longer demands are cut.
const LONGEST_DEMAND: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// The gate of a target, closed while the target demands a delay.
#[derive(Debug)]
pub(crate) struct Throttle {
    opens: Mutex<Instant>,
    longest_delay: Duration,
}

impl Throttle {
    /// An open gate, at which requests wait for at most `longest_delay`.
    pub(crate) fn new(longest_delay: Duration) -> Self {
        Self { opens: Mutex::new(Instant::now()), longest_delay }
    }

    /// Waits until the gate is open.
    ///
    /// # Errors
    /// Immediately, if the gate stays closed for longer than `longest_delay`.
    pub(crate) async fn wait(&self) -> Result<(), Failure> {
        loop {
            let opens = *self.opens.lock();
            let delay = opens.saturating_duration_since(Instant::now());
            if delay.is_zero() {
                return Ok(());
            }
            if delay > self.longest_delay {
                return Err(Failure {
                    kind: FailureKind::Throttled,
                    text: too_long(delay, &Zoned::now()),
                    maybe_done: false,
                });
            }
            tokio::time::sleep_until(opens).await;
        }
    }

    /// Time until the gate opens; zero if it is open.
    pub(crate) fn remaining(&self) -> Duration {
        self.opens.lock().saturating_duration_since(Instant::now())
    }

    /// Closes the gate if the response is throttled, and returns the delay.
    ///
    /// A delay that the target demands is not shortened; without one, it doubles with each attempt, from 1 s.
    pub(crate) fn observe(
        &self,
        status: u16,
        retry_after: Option<&str>,
        body: &[u8],
        attempt: u32,
    ) -> Option<Duration> {
        let is_throttled = match status {
            429 => true,
            403 | 503 => retry_after.is_some() || mentions_a_limit(body),
            _ => false,
        };
        if !is_throttled {
            return None;
        }
        let delay = retry_after
            .and_then(|text| demanded_delay(text, Timestamp::now()))
            .unwrap_or_else(|| backoff(attempt).min(self.longest_delay))
            .min(LONGEST_DEMAND);
        let mut opens = self.opens.lock();
        *opens = (*opens).max(Instant::now() + delay);
        Some(delay)
    }
}

/// Returns whether the beginning of a body contains one of [`PHRASES`].
fn mentions_a_limit(body: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&body[..body.len().min(SEARCHED)]).to_lowercase();
    PHRASES.iter().any(|phrase| head.contains(phrase))
}

/// The delay that a `Retry-After` header demands, in seconds or until an HTTP date.
fn demanded_delay(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

/// Error message for a delay that is not respected: its length in minutes, rounded up, and its end.
fn too_long(delay: Duration, now: &Zoned) -> String {
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

/// A random delay between half and one and a half of 1 s, 2 s, 4 s, ….
fn backoff(attempt: u32) -> Duration {
    let seconds = f64::from(1_u32 << attempt.saturating_sub(1).min(10));
    Duration::from_secs_f64(seconds * (0.5 + fastrand::f64()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "1994-11-06T08:49:30Z".parse().unwrap();
        let delay = |text: &str| demanded_delay(text, now);
        assert_eq!(delay(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(delay("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(delay("Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO));
        assert_eq!(delay("-1"), None);
        assert_eq!(delay("soon"), None);
    }

    #[test]
    fn throttled_responses_differ_from_refusals() {
        let throttle = Throttle::new(Duration::from_secs(60));
        let is_throttled = |status, header, body: &str| {
            throttle.observe(status, header, body.as_bytes(), 1).is_some()
        };
        assert!(is_throttled(429, None, ""));
        assert!(is_throttled(403, None, r#"{"detail": "Rate Limit exceeded"}"#));
        assert!(is_throttled(503, None, "Request was THROTTLED."));
        assert!(is_throttled(503, Some("1"), ""));
        assert!(!is_throttled(403, None, r#"{"error": "no permission"}"#));
        assert!(!is_throttled(503, None, "maintenance"));
        assert!(!is_throttled(400, Some("1"), "too many requests"));
        let far = format!("{}rate limit", " ".repeat(SEARCHED));
        assert!(!is_throttled(403, None, &far));
    }

    #[test]
    fn delays_without_demand_are_bounded_and_grow() {
        let throttle = Throttle::new(Duration::from_secs(3));
        assert!(throttle.observe(429, None, b"", 10) <= Some(Duration::from_secs(3)));
        assert_eq!(throttle.observe(429, Some("86400"), b"", 1), Some(Duration::from_secs(86_400)));
        assert!(throttle.observe(429, Some("18446744073709551615"), b"", 1).is_some());
        for attempt in 1..5 {
            let expected = f64::from(1 << (attempt - 1));
            let seconds = backoff(attempt).as_secs_f64();
            assert!((expected * 0.5..=expected * 1.5).contains(&seconds), "{attempt}: {seconds}");
        }
    }

    #[tokio::test]
    async fn a_delay_over_the_maximum_fails_at_once_and_is_not_shortened() {
        let throttle = Throttle::new(Duration::from_secs(60));
        throttle.observe(429, Some("3600"), b"", 1);
        throttle.observe(429, Some("1"), b"", 1);
        for _ in 0..2 {
            let failure = throttle.wait().await.unwrap_err();
            assert_eq!((failure.kind, failure.maybe_done), (FailureKind::Throttled, false));
            assert!(failure.text.contains("demands a delay of 1h; try"), "{}", failure.text);
        }
    }

    #[test]
    fn errors_name_the_end_of_the_delay() {
        let now: Zoned = "2026-01-02T18:54:00[UTC]".parse().unwrap();
        let text = |seconds| too_long(Duration::from_secs(seconds), &now);
        let begin = "throttled: the target demands a delay of";
        assert_eq!(text(3600), format!("{begin} 1h; try again at 19:54"));
        assert_eq!(text(90), format!("{begin} 2m; try again at 18:55"));
        assert_eq!(text(86_400), format!("{begin} 24h; try again at 2026-01-03 18:54"));
    }

    #[tokio::test]
    async fn all_requests_wait_at_a_closed_gate() {
        let throttle = Throttle::new(Duration::from_millis(50));
        let start = Instant::now();
        throttle.wait().await.unwrap();
        throttle.observe(429, None, b"", 1);
        let (one, other) = tokio::join!(throttle.wait(), throttle.wait());
        one.and(other).unwrap();
        assert!(start.elapsed() >= Duration::from_millis(50));
    }

    proptest! {
        #[test]
        fn any_retry_after_is_parsed_without_panic(text in "\\PC{0,40}", seconds in 0_u64.., offset in -400_000_i64..400_000) {
            let now: Timestamp = "1994-11-06T08:49:30Z".parse().unwrap();
            demanded_delay(&text, now);
            prop_assert_eq!(demanded_delay(&seconds.to_string(), now), Some(Duration::from_secs(seconds)));
            let date = (now + SignedDuration::from_secs(offset)).strftime("%a, %d %b %Y %T GMT").to_string();
            let expected = Duration::from_secs(u64::try_from(offset).unwrap_or_default());
            prop_assert_eq!(demanded_delay(&date, now), Some(expected));
        }

        #[test]
        fn any_response_is_observed_within_bounds(
            status in prop_oneof![0_u16..1000, prop::sample::select(vec![403, 429, 503])],
            header in proptest::option::of("[0-9]{0,25}|\\PC{0,20}"),
            body in prop::collection::vec(any::<u8>(), 0..3000),
            attempt in 0_u32..,
        ) {
            let throttle = Throttle::new(Duration::from_secs(3));
            let delay = throttle.observe(status, header.as_deref(), &body, attempt);
            prop_assert!(delay.unwrap_or_default() <= LONGEST_DEMAND);
            prop_assert!(!matches!(status, 0..=402 | 404..=428 | 430..=502 | 504..) || delay.is_none());
            prop_assert!(status != 429 || delay.is_some());
        }

        #[test]
        fn phrases_are_found_in_any_surroundings(
            before in prop::collection::vec(any::<u8>(), 0..900),
            after in prop::collection::vec(any::<u8>(), 0..900),
            phrase in prop::sample::select(PHRASES.to_vec()),
            is_upper in any::<bool>(),
        ) {
            let phrase = if is_upper { phrase.to_uppercase() } else { phrase.to_owned() };
            let body = [&before[..], phrase.as_bytes(), &after[..]].concat();
            prop_assert!(mentions_a_limit(&body));
        }
    }
}
