//! Doing as the target asks when it throttles.
//!
//! The document does not mention throttling (ambiguity `throttling`), yet real deployments do it. One
//! gate holds back everybody, so that the other actors do not go on filling the bucket.

use std::time::Duration;

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp, Zoned};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::failure::{Failure, FailureKind};

/// How much of a body is looked at for the words of a rate limit, in bytes.
const LOOKED_AT: usize = 1024;

/// What rate-limit bodies say.
const WORDS: [&str; 3] = ["throttl", "rate limit", "too many requests"];

/// No wait that is asked for is taken for longer than this.
const LONGEST_ASKED: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// The gate of one target.
#[derive(Debug)]
pub(crate) struct Throttle {
    opens: Mutex<Instant>,
    longest_wait: Duration,
}

impl Throttle {
    /// An open gate; nobody waits at it for longer than `longest_wait`.
    pub(crate) fn new(longest_wait: Duration) -> Self {
        Self { opens: Mutex::new(Instant::now()), longest_wait }
    }

    /// ThrottleNotifications until the gate is open.
    ///
    /// # Errors
    /// At once, if that is longer than anybody waits: to ask earlier is not what the target asked for.
    pub(crate) async fn pass(&self) -> Result<(), Failure> {
        loop {
            let opens = *self.opens.lock();
            let wait = opens.saturating_duration_since(Instant::now());
            if wait.is_zero() {
                return Ok(());
            }
            if wait > self.longest_wait {
                return Err(Failure {
                    kind: FailureKind::Throttled,
                    text: too_long(wait, &Zoned::now()),
                    maybe_done: false,
                });
            }
            tokio::time::sleep_until(opens).await;
        }
    }

    /// If the answer is a throttle's, closes the gate; returns for how long. What the target asks for is not
    /// shortened.
    pub(crate) fn judge(
        &self,
        status: u16,
        retry_after: Option<&str>,
        body: &[u8],
        attempt: u32,
    ) -> Option<Duration> {
        let throttled = match status {
            429 => true,
            403 | 503 => retry_after.is_some() || speaks_of_a_limit(body),
            _ => false,
        };
        if !throttled {
            return None;
        }
        let wait = retry_after
            .and_then(|text| wait_asked_for(text, Timestamp::now()))
            .unwrap_or_else(|| backoff(attempt).min(self.longest_wait))
            .min(LONGEST_ASKED);
        let mut opens = self.opens.lock();
        *opens = (*opens).max(Instant::now() + wait);
        Some(wait)
    }
}

fn speaks_of_a_limit(body: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&body[..body.len().min(LOOKED_AT)]).to_lowercase();
    WORDS.iter().any(|word| head.contains(word))
}

/// The wait that a `Retry-After` header asks for: seconds, or an HTTP date.
fn wait_asked_for(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

/// That nobody waits for so long, and until when that would be.
fn too_long(wait: Duration, now: &Zoned) -> String {
    let minutes = wait.as_secs().div_ceil(60);
    let length = match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    };
    let until = SignedDuration::try_from(wait).ok().and_then(|wait| now.checked_add(wait).ok());
    let until = until.map_or_else(String::new, |until| {
        let form = if until.date() == now.date() { "%H:%M" } else { "%F %H:%M" };
        format!("; try again at {}", until.strftime(form))
    });
    format!("throttled: the target asks to wait {length}{until}")
}

/// One second, two, four …, each between half and one and a half of that.
fn backoff(attempt: u32) -> Duration {
    let seconds = f64::from(1_u32 << attempt.saturating_sub(1).min(10));
    Duration::from_secs_f64(seconds * (0.5 + fastrand::f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "1994-11-06T08:49:30Z".parse().unwrap();
        let wait = |text: &str| wait_asked_for(text, now);
        assert_eq!(wait(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("-1"), None);
        assert_eq!(wait("soon"), None);
    }

    #[test]
    fn a_throttle_is_told_from_a_refusal() {
        let throttle = Throttle::new(Duration::from_secs(60));
        let waits = |status, header, body: &str| {
            throttle.judge(status, header, body.as_bytes(), 1).is_some()
        };
        assert!(waits(429, None, ""));
        assert!(waits(403, None, r#"{"detail": "Rate Limit exceeded"}"#));
        assert!(waits(503, None, "Request was THROTTLED."));
        assert!(waits(503, Some("1"), ""));
        assert!(!waits(403, None, r#"{"error": "no permission"}"#));
        assert!(!waits(503, None, "maintenance"));
        assert!(!waits(400, Some("1"), "too many requests"));
        let far = format!("{}rate limit", " ".repeat(LOOKED_AT));
        assert!(!waits(403, None, &far));
    }

    #[test]
    fn waits_of_our_own_are_bounded_and_grow() {
        let throttle = Throttle::new(Duration::from_secs(3));
        assert!(throttle.judge(429, None, b"", 10) <= Some(Duration::from_secs(3)));
        assert_eq!(throttle.judge(429, Some("86400"), b"", 1), Some(Duration::from_secs(86_400)));
        assert!(throttle.judge(429, Some("18446744073709551615"), b"", 1).is_some());
        for attempt in 1..5 {
            let expected = f64::from(1 << (attempt - 1));
            let seconds = backoff(attempt).as_secs_f64();
            assert!((expected * 0.5..=expected * 1.5).contains(&seconds), "{attempt}: {seconds}");
        }
    }

    #[tokio::test]
    async fn nobody_waits_for_an_hour_and_nobody_asks_before() {
        let throttle = Throttle::new(Duration::from_secs(60));
        throttle.judge(429, Some("3600"), b"", 1);
        throttle.judge(429, Some("1"), b"", 1);
        for _ in 0..2 {
            let failure = throttle.pass().await.unwrap_err();
            assert_eq!((failure.kind, failure.maybe_done), (FailureKind::Throttled, false));
            assert!(failure.text.contains("asks to wait 1 h 0 min; try"), "{}", failure.text);
        }
    }

    #[test]
    fn when_to_try_again_is_said() {
        let now: Zoned = "2026-01-02T18:54:00[UTC]".parse().unwrap();
        let said = |seconds| too_long(Duration::from_secs(seconds), &now);
        let begin = "throttled: the target asks to wait";
        assert_eq!(said(3600), format!("{begin} 1 h 0 min; try again at 19:54"));
        assert_eq!(said(90), format!("{begin} 2 min; try again at 18:55"));
        assert_eq!(said(86_400), format!("{begin} 24 h 0 min; try again at 2026-01-03 18:54"));
    }

    #[tokio::test]
    async fn everybody_waits_at_a_closed_gate() {
        let throttle = Throttle::new(Duration::from_millis(50));
        let start = Instant::now();
        throttle.pass().await.unwrap();
        throttle.judge(429, None, b"", 1);
        let (one, other) = tokio::join!(throttle.pass(), throttle.pass());
        one.and(other).unwrap();
        assert!(start.elapsed() >= Duration::from_millis(50));
    }
}
