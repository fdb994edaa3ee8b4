//! Watches a run, and ends the start of scenarios once enough requirements are broken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hearback_contract::RequirementId;
use hearback_history::Event;
use hearback_results::Results;
use parking_lot::Mutex;
use tokio_util::task::AbortOnDropHandle;

use crate::checking::check_events;
use crate::run::FailureLimit;

/// Minimum time between two checks of the events so far.
const INTERVAL: Duration = Duration::from_millis(500);

/// Time between two checks, as a multiple of the duration of the last one. Each check reads all events so far, so checks
/// become slower; yet they take at most a fifth of the time of the run.
const REST: u32 = 4;

/// Checks the events of a run while it is in progress; stops when dropped.
pub(crate) struct FailureWatch {
    is_reached: Arc<AtomicBool>,
    _task: Option<AbortOnDropHandle<()>>,
}

impl FailureWatch {
    /// Watches `events` if there is a limit.
    pub(crate) fn begin(
        limit: Option<FailureLimit>,
        events: Arc<Mutex<Vec<Event>>>,
        selected: impl Fn(RequirementId) -> bool + Clone + Send + 'static,
    ) -> Self {
        let is_reached = Arc::new(AtomicBool::new(false));
        let reached = is_reached.clone();
        let task = limit.map(|limit| {
            AbortOnDropHandle::new(tokio::spawn(async move {
                let (mut seen, mut pause) = (0, INTERVAL);
                loop {
                    tokio::time::sleep(pause).await;
                    let Some(known) = news(&events, seen) else { continue };
                    seen = known.len();
                    let began = Instant::now();
                    let (history, verdicts) = check_events(known, selected.clone()).await;
                    let results = Results::new(&history, &verdicts, limit.gate.clone());
                    let failures = results.requirements().filter(|it| results.is_failure(it));
                    if failures.count() >= limit.maximum {
                        return reached.store(true, Ordering::Relaxed);
                    }
                    pause = pause_after(began.elapsed());
                }
            }))
        });
        Self { is_reached, _task: task }
    }

    /// Returns whether no more scenarios may start.
    pub(crate) fn is_reached(&self) -> bool {
        self.is_reached.load(Ordering::Relaxed)
    }
}

/// All events so far, if they are more than `seen`.
fn news(events: &Mutex<Vec<Event>>, seen: usize) -> Option<Vec<Event>> {
    let events = events.lock();
    (events.len() > seen).then(|| events.clone())
}

/// Time until the next check, after one that took `duration`.
fn pause_after(duration: Duration) -> Duration {
    INTERVAL.max(duration * REST)
}

#[cfg(test)]
mod tests {
    use hearback_history::{EventKind, Nanoseconds};

    use super::*;

    #[test]
    fn checks_take_at_most_a_fifth_of_the_time() {
        assert_eq!(pause_after(Duration::from_millis(10)), INTERVAL);
        assert_eq!(pause_after(Duration::from_secs(3)), Duration::from_secs(12));
    }

    #[test]
    fn only_new_events_are_a_reason_to_check() {
        let event = Event { seq: 0, at: Nanoseconds::ZERO, kind: EventKind::Repeating };
        let events = Mutex::new(vec![event]);
        let known = news(&events, 0).unwrap();
        assert_eq!(known.len(), 1);
        assert_eq!(news(&events, known.len()), None);
    }
}
