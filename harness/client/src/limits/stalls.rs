//! Stalls: times in which hearback itself did not run, because the machine was suspended or had no free processor.
//!
//! Events that arrive in such a time are seen late, so waits last as long once more.

use std::pin::pin;
use std::sync::Weak;
use std::time::{Duration, SystemTime};

use hearback_history::{EventKind, Recorder};
use parking_lot::Mutex;
use tokio::time::{Instant, sleep, timeout};

/// Time between two beats of the watch.
const BEAT: Duration = Duration::from_millis(100);

/// Shortest delay of a beat that is a stall.
const SHORTEST: Duration = Duration::from_secs(1);

/// The stalls so far.
#[derive(Debug, Default)]
pub(crate) struct Stalls {
    watch: Mutex<Watch>,
}

#[derive(Debug, Default)]
struct Watch {
    /// Time of the last beat, by two clocks: the first may stop while the machine is suspended.
    last: Option<(Instant, SystemTime)>,
    stalls: u64,
}

impl Watch {
    /// The current stall, if the next beat is that late.
    fn stall(&self) -> Option<Duration> {
        let (monotonic, wall) = self.last?;
        let passed = monotonic.elapsed().max(wall.elapsed().unwrap_or_default());
        passed.checked_sub(BEAT).filter(|late| *late >= SHORTEST)
    }
}

impl Stalls {
    /// Ends the stall, if there is one.
    fn beat(&self) -> Option<Duration> {
        let mut watch = self.watch.lock();
        let stall = watch.stall();
        watch.stalls += u64::from(stall.is_some());
        watch.last = Some((Instant::now(), SystemTime::now()));
        stall
    }

    /// Number of stalls, with the current one.
    fn count(&self) -> u64 {
        let watch = self.watch.lock();
        watch.stalls + u64::from(watch.stall().is_some())
    }

    /// The output of `future`, or `None` if it takes longer than `limit`; after a stall it may take as long once more.
    pub(crate) async fn timeout<F: Future>(&self, limit: Duration, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        let before = self.count();
        match timeout(limit, &mut future).await {
            Ok(output) => Some(output),
            Err(_) if self.count() == before => None,
            Err(_) => timeout(limit, future).await.ok(),
        }
    }
}

/// Records the stalls as long as both exist.
pub(crate) async fn watch(stalls: Weak<Stalls>, recorder: Weak<Recorder>) {
    while let (Some(stalls), Some(recorder)) = (stalls.upgrade(), recorder.upgrade()) {
        if let Some(lasted) = stalls.beat() {
            tracing::warn!(?lasted, "hearback itself stalled");
            recorder.record(EventKind::Stalled { lasted: lasted.into() });
        }
        drop((stalls, recorder));
        sleep(BEAT).await;
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::time::advance;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_late_beat_is_a_stall() {
        let stalls = Stalls::default();
        assert_eq!(stalls.beat(), None);
        advance(BEAT).await;
        assert_eq!(stalls.beat(), None);
        advance(BEAT + SHORTEST).await;
        assert_eq!(stalls.count(), 1, "before the beat");
        assert_eq!(stalls.beat(), Some(SHORTEST));
        assert_eq!(stalls.count(), 1);
        assert_eq!(stalls.beat(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_stall_there_is_as_much_time_again() {
        let stalls = Stalls::default();
        stalls.beat();
        let began = Instant::now();
        assert_eq!(stalls.timeout(LIMIT, ready(1)).await, Some(1));
        // No beat came in this time.
        assert_eq!(stalls.timeout(LIMIT, pending::<()>()).await, None);
        assert_eq!(began.elapsed(), 2 * LIMIT);
        let late = sleep(LIMIT + SHORTEST);
        assert_eq!(stalls.timeout(LIMIT, late).await, None, "the stall began before");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_watch_there_is_no_stall() {
        let (stalls, began) = (Stalls::default(), Instant::now());
        assert_eq!(stalls.timeout(LIMIT, pending::<()>()).await, None);
        assert_eq!(began.elapsed(), LIMIT);
    }
}
