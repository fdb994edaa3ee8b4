//! The server's time: microseconds that never repeat and never go back.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Serialize, Serializer};

/// A moment, in microseconds since 1970; RFC 3339 with `Z` on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp(i64);

impl Timestamp {
    /// The wall clock's moment.
    pub(crate) fn now() -> Self {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX))
    }

    /// A moment ten seconds before.
    pub(crate) fn earlier(self) -> Self {
        Self(self.0 - 10_000_000)
    }

    /// Reads RFC 3339; a zone is required.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let moment: jiff::Timestamp = text.parse().ok()?;
        Some(Self(moment.as_microsecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = jiff::Timestamp::from_microsecond(self.0).map_err(|_| fmt::Error)?;
        write!(formatter, "{moment:.6}")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self)
    }
}

/// Gives out strictly increasing timestamps.
#[derive(Debug)]
pub(crate) struct Clock {
    last: Timestamp,
}

impl Clock {
    /// A clock whose first tick lies after `last`.
    pub(crate) fn after(last: Timestamp) -> Self {
        Self { last }
    }

    /// The present, or the microsecond after the last tick where the wall clock stands still or goes
    /// back.
    pub(crate) fn tick(&mut self) -> Timestamp {
        self.last = Timestamp::now().max(Timestamp(self.last.0 + 1));
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_increase_even_ahead_of_the_wall_clock() {
        let future = Timestamp::parse("2999-01-01T00:00:00Z").unwrap();
        let mut clock = Clock::after(future);
        let first = clock.tick();
        assert!(future < first);
        assert!(first < clock.tick());
        assert_eq!(first.to_string(), "2999-01-01T00:00:00.000001Z");
    }

    #[test]
    fn a_zone_is_required() {
        assert_eq!(
            Timestamp::parse("2025-10-20T16:30:00+02:00"),
            Timestamp::parse("2025-10-20T14:30:00Z")
        );
        for text in ["2025-10-20T14:30:00", "2025-10-20", "tomorrow", ""] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
