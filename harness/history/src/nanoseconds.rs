//! Times and durations of a run, in nanoseconds.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Sub};
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// A time since the run began, on one monotonic clock, or the duration between two such times.
///
/// A plain number in JSON. Arithmetic saturates, so that "never" ([`MAX`](Self::MAX)) plus a duration is never.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Nanoseconds(u64);

impl Nanoseconds {
    /// The beginning of the run, or no time.
    pub const ZERO: Self = Self(0);

    /// Never, or without end.
    pub const MAX: Self = Self(u64::MAX);

    /// This many nanoseconds.
    pub const fn new(nanoseconds: u64) -> Self {
        Self(nanoseconds)
    }

    /// This many milliseconds; saturates.
    pub const fn from_millis(milliseconds: u64) -> Self {
        Self(milliseconds.saturating_mul(1_000_000))
    }

    /// This many seconds; saturates. Negative numbers and NaN are zero.
    pub const fn from_secs_f64(seconds: f64) -> Self {
        Self((seconds * 1e9) as u64)
    }

    /// The number of nanoseconds.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whole milliseconds, rounded down.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }

    /// Rounded down to whole milliseconds.
    #[must_use]
    pub const fn floor_millis(self) -> Self {
        Self(self.0 / 1_000_000 * 1_000_000)
    }

    /// Seconds, rounded to the precision of the type.
    pub const fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Returns whether this is [`ZERO`](Self::ZERO).
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or [`MAX`](Self::MAX) if that is less.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, or zero if `other` is greater.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The distance between two times, whichever is earlier.
    #[must_use]
    pub const fn abs_diff(self, other: Self) -> Self {
        Self(self.0.abs_diff(other.0))
    }
}

/// As jiff writes durations: `1s 500ms`.
impl fmt::Display for Nanoseconds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = i64::try_from(self.0 / 1_000_000_000).unwrap_or(i64::MAX);
        let fraction = i32::try_from(self.0 % 1_000_000_000).unwrap_or_default();
        let text = format!("{:#}", SignedDuration::new(seconds, fraction));
        formatter.pad(&text)
    }
}

impl Add for Nanoseconds {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl AddAssign for Nanoseconds {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Nanoseconds {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.saturating_sub(other)
    }
}

impl Mul<u64> for Nanoseconds {
    type Output = Self;

    fn mul(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }
}

impl Div<u64> for Nanoseconds {
    type Output = Self;

    fn div(self, divisor: u64) -> Self {
        Self(self.0 / divisor)
    }
}

impl Sum for Nanoseconds {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Self::add)
    }
}

impl From<u64> for Nanoseconds {
    fn from(nanoseconds: u64) -> Self {
        Self(nanoseconds)
    }
}

impl From<Nanoseconds> for u64 {
    fn from(nanoseconds: Nanoseconds) -> Self {
        nanoseconds.0
    }
}

/// Durations of more than 584 years become [`MAX`](Nanoseconds::MAX).
impl From<Duration> for Nanoseconds {
    fn from(duration: Duration) -> Self {
        u64::try_from(duration.as_nanos()).map_or(Self::MAX, Self)
    }
}

impl From<Nanoseconds> for Duration {
    fn from(nanoseconds: Nanoseconds) -> Self {
        Self::from_nanos(nanoseconds.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_displayed_with_units() {
        let cases = [
            (Nanoseconds::ZERO, "0s"),
            (Nanoseconds::from_millis(1_500), "1s 500ms"),
            (Nanoseconds::new(250), "250ns"),
            (Nanoseconds::new(2_345_678).floor_millis(), "2ms"),
            (Nanoseconds::from_millis(3_600_000), "1h"),
        ];
        for (duration, expected) in cases {
            assert_eq!(duration.to_string(), expected);
        }
        assert!(Nanoseconds::MAX.to_string().ends_with("ns"));
    }

    #[test]
    fn arithmetic_saturates() {
        let second = Nanoseconds::from_millis(1_000);
        assert_eq!(Nanoseconds::MAX + second, Nanoseconds::MAX);
        assert_eq!(Nanoseconds::MAX * 2, Nanoseconds::MAX);
        assert_eq!(second - Nanoseconds::MAX, Nanoseconds::ZERO);
        assert_eq!([second, Nanoseconds::MAX].into_iter().sum::<Nanoseconds>(), Nanoseconds::MAX);
        assert_eq!(second.abs_diff(second * 3), second * 2);
    }

    #[test]
    fn conversions_saturate() {
        assert_eq!(Nanoseconds::from(Duration::MAX), Nanoseconds::MAX);
        assert_eq!(Nanoseconds::from_millis(u64::MAX), Nanoseconds::MAX);
        assert_eq!(Nanoseconds::from_secs_f64(1e300), Nanoseconds::MAX);
        assert_eq!(Nanoseconds::from_secs_f64(-1.0), Nanoseconds::ZERO);
        assert_eq!(Duration::from(Nanoseconds::new(7)), Duration::from_nanos(7));
    }
}
