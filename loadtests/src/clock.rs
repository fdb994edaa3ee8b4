//! The one clock of a run, and what wakes a task by it.

use std::time::Duration;

use hearback_stats::Nanoseconds;
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
}

fn monotonic() -> u64 {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::Monotonic);
    // A monotonic clock is never negative.
    tv_sec as u64 * 1_000_000_000 + tv_nsec as u64
}

/// Wakes a task at a moment of the clock. Tokio's own timers are exact to a millisecond, which would stand in
/// every latency that counts from an intended time.
#[derive(Debug)]
pub(crate) struct Alarm {
    clock: Clock,
    #[cfg(target_os = "linux")]
    timer: tokio::io::unix::AsyncFd<std::os::fd::OwnedFd>,
}

#[cfg(target_os = "linux")]
impl Alarm {
    /// An alarm that is not set.
    ///
    /// # Errors
    /// If the system gives no timer.
    pub(crate) fn new(clock: Clock) -> std::io::Result<Self> {
        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};
        use tokio::io::Interest;
        use tokio::io::unix::AsyncFd;

        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        #[expect(
            deprecated,
            reason = "its heir is `unsafe`, for descriptors that may not be one's own"
        )]
        let timer = AsyncFd::with_interest(timer, Interest::READABLE)?;
        Ok(Self { clock, timer })
    }

    /// Comes back at `moment`, at once if it has passed; later, if the system takes back the timer that it gave,
    /// since tokio's has to do then.
    pub(crate) async fn at(&self, moment: Nanoseconds) {
        if self.exactly_at(moment).await.is_err() {
            tokio::time::sleep(self.clock.until(moment)).await;
        }
    }

    async fn exactly_at(&self, moment: Nanoseconds) -> std::io::Result<()> {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, timerfd_settime};
        if self.clock.now() >= moment {
            return Ok(());
        }
        let at = self.clock.origin + moment;
        let it_value =
            Timespec { tv_sec: (at / 1_000_000_000) as i64, tv_nsec: (at % 1_000_000_000) as _ };
        let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
        // The time is absolute: what happens between asking and waiting makes it no later.
        let setting = Itimerspec { it_interval, it_value };
        timerfd_settime(&self.timer, TimerfdTimerFlags::ABSTIME, &setting)?;
        // Setting it again makes it unread again, so it need not be read; it may still be ready from before.
        while self.clock.now() < moment {
            self.timer.readable().await?.clear_ready();
        }
        Ok(())
    }
}

/// Elsewhere there is tokio's timer. What it is late shows as the generator's lag.
#[cfg(not(target_os = "linux"))]
impl Alarm {
    /// An alarm that is not set.
    ///
    /// # Errors
    /// None here.
    pub(crate) fn new(clock: Clock) -> std::io::Result<Self> {
        Ok(Self { clock })
    }

    /// Comes back at `moment`, at once if it has passed.
    pub(crate) async fn at(&self, moment: Nanoseconds) {
        tokio::time::sleep(self.clock.until(moment)).await;
    }
}
