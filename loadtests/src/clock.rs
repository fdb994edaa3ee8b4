//! The one clock of a run.

use std::time::Duration;

use hearback_measure::Nanoseconds;
use rustix::time::{ClockId, Timespec, clock_gettime};

/// The system's monotonic clock, from the moment that the run began.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: u64,
}

impl Clock {
    /// Starts at 0.
    pub fn start() -> Self {
        Self { origin: monotonic() }
    }

    /// Time since the start.
    pub fn now(&self) -> Nanoseconds {
        monotonic().saturating_sub(self.origin)
    }

    /// How long it is until `moment`; nothing if it has passed.
    pub fn until(&self, moment: Nanoseconds) -> Duration {
        Duration::from_nanos(moment.saturating_sub(self.now()))
    }

    /// Sleeps until `moment`, on this thread.
    ///
    /// The time is absolute: what happens between asking and sleeping makes it no later.
    pub fn sleep_until(&self, moment: Nanoseconds) {
        #[cfg(target_os = "linux")]
        {
            let at = self.origin + moment;
            let request = Timespec {
                tv_sec: (at / 1_000_000_000) as i64,
                tv_nsec: (at % 1_000_000_000) as _,
            };
            // Interrupted by a signal, it goes on.
            while rustix::thread::clock_nanosleep_absolute(ClockId::Monotonic, &request).is_err()
                && self.now() < moment
            {}
        }
        #[cfg(not(target_os = "linux"))]
        std::thread::sleep(self.until(moment));
    }
}

fn monotonic() -> u64 {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::Monotonic);
    // A monotonic clock is never negative.
    tv_sec as u64 * 1_000_000_000 + tv_nsec as u64
}
