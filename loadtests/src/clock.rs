//! The clock of a run, and exact timers on it.

use std::time::Duration;

use hearback_history::Nanoseconds;

use crate::system::monotonic;

/// The system's monotonic clock, relative to the start of the run.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Nanoseconds,
}

impl Clock {
    /// Starts a clock at 0.
    pub fn start() -> Self {
        Self { origin: monotonic() }
    }

    /// The time since the start.
    pub fn now(&self) -> Nanoseconds {
        monotonic() - self.origin
    }

    /// A moment of the system's monotonic clock.
    pub fn at(&self, moment: Nanoseconds) -> Nanoseconds {
        moment - self.origin
    }

    /// The duration until `moment`; zero if it has passed.
    pub fn until(&self, moment: Nanoseconds) -> Duration {
        (moment - self.now()).into()
    }
}

/// Wakes a task at a time of the clock. Tokio's timers have a resolution of a millisecond, which would be part of
/// every latency that counts from an intended time.
#[derive(Debug)]
pub(crate) struct Alarm {
    clock: Clock,
    #[cfg(target_os = "linux")]
    timer: tokio::io::unix::AsyncFd<std::os::fd::OwnedFd>,
}

#[cfg(target_os = "linux")]
impl Alarm {
    /// Creates an alarm.
    ///
    /// # Errors
    /// If the system provides no timer.
    pub(crate) fn new(clock: Clock) -> std::io::Result<Self> {
        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};
        use tokio::io::Interest;
        use tokio::io::unix::AsyncFd;

        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        #[expect(
            deprecated,
            reason = "its successor is `unsafe`, because it accepts descriptors of others"
        )]
        let timer = AsyncFd::with_interest(timer, Interest::READABLE)?;
        Ok(Self { clock, timer })
    }

    /// Waits until `moment`. Falls back to tokio's less exact timer if the system's timer fails.
    pub(crate) async fn at(&self, moment: Nanoseconds) {
        if self.exactly_at(moment).await.is_err() {
            tokio::time::sleep(self.clock.until(moment)).await;
        }
    }

    async fn exactly_at(&self, moment: Nanoseconds) -> std::io::Result<()> {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};
        if self.clock.now() >= moment {
            return Ok(());
        }
        let at = (self.clock.origin + moment).get();
        let it_value =
            Timespec { tv_sec: (at / 1_000_000_000) as i64, tv_nsec: (at % 1_000_000_000) as _ };
        let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
        // The time is absolute, so that a delay between computing and setting it does not postpone the alarm.
        let setting = Itimerspec { it_interval, it_value };
        timerfd_settime(&self.timer, TimerfdTimerFlags::ABSTIME, &setting)?;
        // Setting the timer again clears it, so that it need not be read. It may still be ready from the last alarm.
        while self.clock.now() < moment {
            self.timer.readable().await?.clear_ready();
        }
        Ok(())
    }
}

/// Other systems use tokio's timer. Its delays count as the generator's lag.
#[cfg(not(target_os = "linux"))]
impl Alarm {
    /// Creates an alarm.
    ///
    /// # Errors
    /// Never on these systems.
    pub(crate) fn new(clock: Clock) -> std::io::Result<Self> {
        Ok(Self { clock })
    }

    /// Waits until `moment`.
    pub(crate) async fn at(&self, moment: Nanoseconds) {
        tokio::time::sleep(self.clock.until(moment)).await;
    }
}
