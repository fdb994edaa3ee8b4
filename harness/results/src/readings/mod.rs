//! The readings that a target takes, and those that the configuration pins.

mod pinned;

use hearback_checker::{Evidence, ObservedReading};
use hearback_contract::{AmbiguityId, ReadingId, ambiguity};
use hearback_history::History;
use serde::{Deserialize, Serialize};

pub use pinned::{SCHEMA, parse, read};

/// The answer of the target to an open question of the specification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The question.
    pub question: AmbiguityId,
    /// The readings that were observed; more than one if the target answers the question in several ways.
    pub observed: Vec<Observation>,
    /// The reading that the configuration pins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<ReadingId>,
}

/// A reading that was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The reading.
    pub reading: ReadingId,
    /// Number of observations; never zero.
    pub observations: u64,
    /// Position in the journal of the event that shows the first one.
    pub seq: u64,
    /// That event in words.
    pub event: String,
}

/// The state of a pinned reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// It was observed, and no other was.
    Kept,
    /// Another reading was observed.
    Changed,
    /// No reading of the question was observed.
    Unobserved,
}

impl Answer {
    /// The state of the pinned reading, if one is pinned.
    pub fn pin(&self) -> Option<Pin> {
        let pinned = self.pinned?;
        Some(match &self.observed[..] {
            [] => Pin::Unobserved,
            [only] if only.reading == pinned => Pin::Kept,
            _ => Pin::Changed,
        })
    }

    /// Returns whether the target answers the question in several ways.
    pub fn is_mixed(&self) -> bool {
        self.observed.len() > 1
    }
}

/// The answers to all questions of which a reading was observed or is pinned, in the order of the register.
pub(crate) fn answers(
    history: &History,
    observed: &[ObservedReading],
    pinned: &[ReadingId],
) -> Vec<Answer> {
    let of = |question: AmbiguityId| Answer {
        question,
        observed: (observed.iter())
            .filter(|it| it.reading.reading().ambiguity == question)
            .map(|it| Observation {
                reading: it.reading,
                observations: it.observations,
                seq: it.evidence,
                event: event(history, it.evidence),
            })
            .collect(),
        pinned: pinned.iter().find(|id| id.reading().ambiguity == question).copied(),
    };
    let all = ambiguity::all().iter().map(|row| of(row.id));
    all.filter(|it| !it.observed.is_empty() || it.pinned.is_some()).collect()
}

/// Adds the answers of a later part of a run, and keeps the order of the register.
pub(crate) fn merge(known: &mut Vec<Answer>, part: Vec<Answer>) {
    for answer in part {
        let Some(own) = known.iter_mut().find(|own| own.question == answer.question) else {
            known.push(answer);
            continue;
        };
        for observation in answer.observed {
            match own.observed.iter_mut().find(|own| own.reading == observation.reading) {
                Some(own) => own.observations += observation.observations,
                None => own.observed.push(observation),
            }
        }
    }
    known.sort_by_key(|answer| answer.question);
}

/// An event of the journal in words.
fn event(history: &History, seq: u64) -> String {
    match Evidence::find(history, seq) {
        Some(Evidence::Call(call)) => {
            let operation = call.operation().map_or("a request", |operation| operation.id());
            let status = call.status().map_or_else(String::new, |status| format!(": {status}"));
            format!("{} {operation}{status}", call.invocation.actor)
        }
        Some(Evidence::Frame(connection, frame)) => {
            let kind = frame.kind().unwrap_or("frame");
            let verb = if frame.is_sent() { "sent" } else { "received" };
            format!("{} {verb} {kind}", connection.actor)
        }
        Some(Evidence::Connection(connection)) => format!("socket of {}", connection.actor),
        Some(Evidence::Expectation(_)) | None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use hearback_checker::check_history;
    use hearback_contract::Level;

    use super::*;
    use crate::fixtures::history_of;
    use crate::gate::Gate;
    use crate::outcome::Outcome;
    use crate::results::Results;

    fn results(lines: &str, pinned: &[ReadingId]) -> Results {
        let history = history_of(lines);
        let gate = Gate { pinned: pinned.to_vec(), needs_pinned: true, ..Level::Must.into() };
        Results::new(&history, &check_history(&history, |id| id.as_str() == "status/answers"), gate)
    }

    const ARRAY: &str = "bob messages.search ?q=abc => 200 []";
    const ENVELOPE: &str = r#"bob messages.search ?q=xyz => 200 {"count": 0, "results": []}"#;

    #[test]
    fn a_pinned_reading_that_changes_fails_the_run() {
        let pinned = [ReadingId::SearchShapeArray];
        let kept = results(ARRAY, &pinned);
        assert_eq!((kept.outcome, kept.answers[0].pin()), (Outcome::Holds, Some(Pin::Kept)));
        assert_eq!(kept.answers[0].observed[0].event, "bob messages.search: 200");
        for lines in [ENVELOPE.to_owned(), format!("{ARRAY}\n{ENVELOPE}")] {
            let changed = results(&lines, &pinned);
            assert_eq!(changed.outcome, Outcome::Broken, "{lines}");
            assert_eq!(changed.answers[0].pin(), Some(Pin::Changed));
        }
        assert_eq!(results(ENVELOPE, &[]).outcome, Outcome::Holds);
    }

    #[test]
    fn a_pinned_reading_that_nothing_shows_makes_the_run_incomplete() {
        let results = results(ARRAY, &[ReadingId::DeleteTwice404]);
        assert_eq!(results.outcome, Outcome::Incomplete);
        let pins: Vec<_> = results.answers.iter().map(|it| (it.question, it.pin())).collect();
        let expected =
            [(AmbiguityId::DeleteTwice, Some(Pin::Unobserved)), (AmbiguityId::SearchShape, None)];
        assert_eq!(pins, expected);
    }

    #[test]
    fn answers_of_parts_are_merged() {
        let mut whole = results(ARRAY, &[]);
        whole.merge(results(ARRAY, &[]));
        assert_eq!(whole.answers[0].observed[0].observations, 2);
        whole.merge(results(ENVELOPE, &[]));
        assert!(whole.answers[0].is_mixed());
    }
}
