//! The difference between the clock of the target and that of this machine.

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

/// Tolerance if `Date` headers were received: their resolution, and the difference between the machines of a target.
const MEASURED: SignedDuration = SignedDuration::from_secs(5);

/// Tolerance if no `Date` header was received.
const UNMEASURED: SignedDuration = SignedDuration::from_mins(5);

/// Estimates the clock of the target from `Date` headers.
#[derive(Debug, Default)]
pub(crate) struct TargetClock {
    /// Smallest difference observed so far: the clock of the target minus that of this machine.
    behind: Mutex<Option<SignedDuration>>,
}

impl TargetClock {
    /// Observes a `Date` header that was received at `now`.
    pub(crate) fn observe(&self, date: &str, now: Timestamp) {
        let Ok(date) = rfc2822::DateTimeParser::new().parse_timestamp(date.trim()) else { return };
        let difference = date.duration_since(now);
        let mut behind = self.behind.lock();
        *behind = Some(behind.map_or(difference, |known| known.min(difference)));
    }

    /// The earliest time that the target can have stated for something that happened at `time` or later.
    pub(crate) fn earliest(&self, time: Timestamp) -> Timestamp {
        let shift = match *self.behind.lock() {
            Some(behind) => behind - MEASURED,
            None => -UNMEASURED,
        };
        time.checked_add(shift).unwrap_or(Timestamp::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_of_the_target_shifts_the_earliest_time() {
        let now: Timestamp = "2026-01-02T12:00:00Z".parse().unwrap();
        let clock = TargetClock::default();
        assert_eq!(clock.earliest(now), "2026-01-02T11:55:00Z".parse().unwrap());
        clock.observe("not a date", now);
        clock.observe("Fri, 02 Jan 2026 11:00:00 GMT", now);
        assert_eq!(clock.earliest(now), "2026-01-02T10:59:55Z".parse().unwrap());
        clock.observe("Fri, 02 Jan 2026 13:00:00 GMT", now);
        assert_eq!(clock.earliest(now), "2026-01-02T10:59:55Z".parse().unwrap(), "the smallest");
    }
}
