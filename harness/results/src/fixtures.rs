//! Verdicts and histories for tests.

use hearback_checker::{State, Verdict};
use hearback_history::{History, RunEnd, RunStart};
use hearback_testkit::dsl;

pub(crate) fn verdict(id: &str, state: State) -> Verdict {
    Verdict {
        requirement: id.parse().unwrap(),
        state,
        observations: u64::from(matches!(state, State::Held | State::Broken)),
        findings: Vec::new(),
        reason: None,
    }
}

/// A complete run of 2026-01-01 that contains `text`.
pub(crate) fn history_of(text: &str) -> History {
    let start = RunStart {
        run: "quiet-harbour".to_owned(),
        version: "0.1.0".to_owned(),
        specification: "1.0.0".to_owned(),
        target: "https://staging.example.com/api".to_owned(),
        socket: "wss://staging.example.com/ws".to_owned(),
        target_options: None,
        seed: 42,
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        timeout_ms: 2_000,
        selection: Vec::new(),
    };
    History { start: Some(start), end: Some(RunEnd::Completed), ..dsl::parse(text).unwrap() }
}
