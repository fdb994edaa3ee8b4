//! Watches a run, and ends the start of scenarios once enough requirements are broken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hearback_contract::RequirementId;
use hearback_history::Event;
use hearback_results::Results;
use parking_lot::Mutex;
use tokio_util::task::AbortOnDropHandle;

use crate::checking::check_events;
use crate::run::FailureLimit;

/// Time between two checks of the events so far.
const INTERVAL: Duration = Duration::from_millis(500);

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
                let mut seen = 0;
                loop {
                    tokio::time::sleep(INTERVAL).await;
                    let known = events.lock().clone();
                    if known.len() == seen {
                        continue;
                    }
                    seen = known.len();
                    let (history, verdicts) = check_events(known, selected.clone()).await;
                    let results = Results::new(&history, &verdicts, limit.gate.clone());
                    let failures = results.requirements().filter(|it| results.is_failure(it));
                    if failures.count() >= limit.maximum {
                        return reached.store(true, Ordering::Relaxed);
                    }
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
