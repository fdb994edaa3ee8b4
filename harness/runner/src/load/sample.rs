//! Checks the traffic of sampled rooms by the rules of `check`.

use std::sync::Arc;

use hearback_checker::{State, check_history};
use hearback_contract::Level;
use hearback_history::{Event, History, Sink};
use hearback_stats::record::{SampleFinding, SampleRecord};
use parking_lot::Mutex;

/// The events of sampled rooms; clones share them.
#[derive(Clone, Default)]
pub(super) struct Events(Arc<Mutex<Vec<Event>>>);

impl Sink for Events {
    fn accept(&mut self, event: &Event) {
        self.0.lock().push(event.clone());
    }
}

impl Events {
    /// Checks the events, and forgets them.
    pub(super) fn check(&self, rooms: u64) -> SampleRecord {
        let events = std::mem::take(&mut *self.0.lock());
        let count = events.len() as u64;
        let verdicts = check_history(&History::from_events(events), |_| true);
        let held = verdicts.in_state(State::Held).count() as u64;
        let broken = verdicts
            .in_state(State::Broken)
            .filter(|verdict| verdict.requirement.requirement().level == Level::Must)
            .map(|verdict| SampleFinding {
                requirement: verdict.requirement.to_string(),
                statement: verdict.requirement.requirement().statement.to_owned(),
                finding: verdict.findings.first().map_or_else(String::new, |finding| {
                    format!("expected {}; {}", finding.expected, finding.actual)
                }),
                findings: verdict.findings.len() as u64,
            })
            .collect();
        SampleRecord { rooms, events: count, held, broken }
    }
}
