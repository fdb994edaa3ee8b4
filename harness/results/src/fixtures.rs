//! Verdicts and histories for tests.

use hearback_checker::{State, Verdict};
use hearback_history::{
    ExpectationResult, History, Nanoseconds, RecordedExpectation, RunEnd, RunStart,
};
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

/// An expectation of the scenario `a`.
pub(crate) fn expectation(holds: bool, requirement: Option<&str>) -> RecordedExpectation {
    RecordedExpectation {
        result: ExpectationResult {
            scenario: "a".into(),
            actor: "alice".into(),
            step: "1".to_owned(),
            location: "a.yaml:1".to_owned(),
            requirement: requirement.map(|id| id.parse().unwrap()),
            subject: "status".to_owned(),
            expected: "200".to_owned(),
            actual: None,
            holds,
        },
        at: Nanoseconds::from_millis(1),
        seq: 1,
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
        shard: None,
        depth: None,
        contract: None,
        host: None,
    };
    History { start: Some(start), end: Some(RunEnd::Completed), ..dsl::parse(text).unwrap() }
}
