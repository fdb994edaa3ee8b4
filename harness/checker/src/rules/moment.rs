//! Moments, which servers write with different precision.

use std::cmp::Ordering;

use jiff::Timestamp;

/// A moment and the precision with which it was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    timestamp: Timestamp,
    /// Number of digits of the fraction of the second.
    digits: u32,
}

impl Moment {
    /// Parses an RFC 3339 date-time.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let timestamp = text.parse().ok()?;
        let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        Some(Self { timestamp, digits: u32::try_from(digits.min(9)).unwrap_or(9) })
    }

    /// Microseconds from `earlier` to this moment; 0 if it is not earlier.
    pub(super) fn microseconds_since(self, earlier: Self) -> u64 {
        let difference = self.timestamp.as_microsecond() - earlier.timestamp.as_microsecond();
        u64::try_from(difference).unwrap_or_default()
    }

    /// Compares two moments with the lower of the two precisions.
    pub(super) fn compare(self, other: Self) -> Ordering {
        let unit = 10_i128.pow(9 - self.digits.min(other.digits));
        let coarse = |moment: Self| moment.timestamp.as_nanosecond().div_euclid(unit);
        coarse(self).cmp(&coarse(other))
    }
}

/// Returns whether two date-times denote the same moment; equal texts always do.
pub(super) fn is_same(left: &str, right: &str) -> bool {
    let moments = || Moment::parse(left).zip(Moment::parse(right));
    left == right || moments().is_some_and(|(left, right)| left.compare(right).is_eq())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_compared_with_the_lower_precision() {
        let cases = [
            ("2026-01-01T00:00:00.9Z", "2026-01-01T00:00:00Z", Ordering::Equal),
            ("2026-01-01T00:00:00.91Z", "2026-01-01T00:00:00.9123Z", Ordering::Equal),
            ("2026-01-01T00:00:00.90Z", "2026-01-01T00:00:00.9123Z", Ordering::Less),
            ("2026-01-01T02:00:00+02:00", "2026-01-01T00:00:00.000Z", Ordering::Equal),
            ("2026-01-01T00:00:01Z", "2026-01-01T00:00:00.999Z", Ordering::Greater),
        ];
        for (left, right, expected) in cases {
            let (one, other) = (Moment::parse(left).unwrap(), Moment::parse(right).unwrap());
            assert_eq!(one.compare(other), expected, "{left} {right}");
            assert_eq!(is_same(left, right), expected.is_eq());
        }
        assert!(Moment::parse("yesterday").is_none());
        assert!(is_same("yesterday", "yesterday"));
    }
}
