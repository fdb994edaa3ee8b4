//! The server's clock.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// Smallest difference between two timestamps.
const MICROSECOND: Duration = Duration::from_micros(1);

/// Issues strictly increasing timestamps.
#[derive(Debug)]
pub struct Clock {
    last: Timestamp,
}

impl Clock {
    /// A clock whose first tick is later than `last`.
    pub fn after(last: Timestamp) -> Self {
        Self { last }
    }

    /// The current time, or the microsecond after the last tick if the system clock has not advanced since.
    pub fn tick(&mut self) -> Timestamp {
        self.last = Timestamp::now().max(self.last + MICROSECOND);
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_increase_ahead_of_the_system_clock() {
        let future = Timestamp::parse("2999-01-01T00:00:00Z").unwrap();
        let mut clock = Clock::after(future);
        let first = clock.tick();
        assert!(future < first);
        assert!(first < clock.tick());
        assert_eq!(first.to_string(), "2999-01-01T00:00:00.000001Z");
    }
}
