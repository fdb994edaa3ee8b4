//! Waivers: known deviations that do not fail a run until they are fixed or expire.
//!
//! A waived requirement is still checked and reported. A waiver that covers no finding any more, or that has
//! expired, fails the run until it is removed from the file.

mod file;

use hearback_checker::{Finding, State, Verdict};
use hearback_contract::{Operation, RequirementId};
use hearback_history::History;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use file::{parse, read};

/// JSON Schema of the table `[[waiver]]`.
pub const SCHEMA: &str = include_str!("waiver.schema.json");

/// A known deviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The requirement that is broken.
    pub requirement: RequirementId,
    /// The operation whose findings are covered; `None` covers those of all.
    pub operation: Option<Operation>,
    /// The variant that is covered, as reports name it; `None` covers all.
    pub variant: Option<String>,
    /// Reason for accepting the deviation; empty only if the waiver expires.
    pub reason: String,
    /// The issue that tracks the deviation.
    pub link: Option<String>,
    /// The last day on which the waiver is valid.
    pub expires: Option<Date>,
    /// True if the deviation does not occur in every run, so that its absence does not show that it is fixed.
    pub is_intermittent: bool,
    /// Where it is written.
    pub place: Place,
}

/// Where a waiver is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Path of the file.
    pub file: String,
    /// The line at which its table begins.
    pub line: u64,
}

/// A waiver and its state in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverResult {
    /// The id of the requirement.
    pub requirement: String,
    /// The operation whose findings are covered; absent if all are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The variant that is covered; absent if all are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Reason for accepting the deviation; empty if none was given yet.
    pub reason: String,
    /// The issue that tracks the deviation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The last day on which the waiver is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The state of the waiver in the run.
    pub state: WaiverState,
}

/// The state of a waiver in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaiverState {
    /// The waiver covers a finding of the run.
    Applied,
    /// The run exercised what the waiver covers without a finding.
    Stale,
    /// The last valid day has passed.
    Expired,
    /// The run did not exercise what the waiver covers, or the deviation is intermittent.
    NotExercised,
}

impl WaiverState {
    /// Returns whether the waiver is outdated, which fails the run.
    pub fn fails(self) -> bool {
        matches!(self, Self::Stale | Self::Expired)
    }

    /// The state after two parts of one run.
    pub(crate) fn merged(self, part: Self) -> Self {
        let rank = |state| match state {
            Self::NotExercised => 0,
            Self::Stale => 1,
            Self::Applied => 2,
            Self::Expired => 3,
        };
        std::cmp::max_by_key(self, part, |state| rank(*state))
    }
}

/// The waivers that apply to a run.
pub(crate) struct Waived<'r> {
    history: &'r History,
    waivers: &'r [Waiver],
    /// The day of the run, so that a stored run has the same outcome whenever it is checked.
    day: Option<Date>,
}

impl<'r> Waived<'r> {
    pub(crate) fn new(history: &'r History, waivers: &'r [Waiver]) -> Self {
        let started = history.start.as_ref().map(|start| start.started_at.parse::<Timestamp>());
        let day = started.and_then(Result::ok).map(|at| at.to_zoned(TimeZone::UTC).date());
        Self { history, waivers, day }
    }

    /// Returns whether a waiver that has not expired covers a finding of a requirement.
    pub(crate) fn covers(&self, requirement: RequirementId, finding: &Finding) -> bool {
        self.waivers.iter().any(|waiver| {
            !self.has_expired(waiver)
                && waiver.requirement == requirement
                && self.has_scope(waiver, finding)
        })
    }

    /// Each waiver with its state.
    pub(crate) fn results(&self, verdicts: &[Verdict]) -> Vec<WaiverResult> {
        let result = |waiver: &Waiver| WaiverResult {
            requirement: waiver.requirement.to_string(),
            operation: waiver.operation.map(|operation| operation.id().to_owned()),
            variant: waiver.variant.clone(),
            reason: waiver.reason.clone(),
            link: waiver.link.clone(),
            expires: waiver.expires,
            place: Some(waiver.place.clone()),
            state: self.state(waiver, verdicts),
        };
        self.waivers.iter().map(result).collect()
    }

    fn state(&self, waiver: &Waiver, verdicts: &[Verdict]) -> WaiverState {
        if self.has_expired(waiver) {
            return WaiverState::Expired;
        }
        let mut verdicts = verdicts.iter();
        let Some(verdict) = verdicts.find(|verdict| verdict.requirement == waiver.requirement)
        else {
            return WaiverState::NotExercised;
        };
        if verdict.findings.iter().any(|finding| self.has_scope(waiver, finding)) {
            return WaiverState::Applied;
        }
        if waiver.is_intermittent {
            return WaiverState::NotExercised;
        }
        // Without a finding of its operation, the waiver is stale only if the operation was called.
        let was_called = waiver.operation.is_none_or(|operation| {
            self.history.calls_of(operation).any(|call| call.status().is_some())
        });
        match verdict.state {
            State::Held | State::Broken if was_called => WaiverState::Stale,
            _ => WaiverState::NotExercised,
        }
    }

    fn has_expired(&self, waiver: &Waiver) -> bool {
        matches!((waiver.expires, self.day), (Some(last), Some(day)) if day > last)
    }

    /// Returns whether a finding is of the waiver's variant and operation.
    fn has_scope(&self, waiver: &Waiver, finding: &Finding) -> bool {
        let is_variant = waiver.variant.as_ref().is_none_or(|variant| *variant == finding.variant);
        is_variant
            && waiver.operation.is_none_or(|operation| {
                finding.subject.operation == Some(operation) || self.involves(finding, operation)
            })
    }

    /// Returns whether the evidence of a finding includes a call of an operation.
    fn involves(&self, finding: &Finding, operation: Operation) -> bool {
        let calls = &self.history.calls;
        finding.evidence.iter().any(|seq| {
            let place = calls.partition_point(|call| call.seq < *seq);
            calls
                .get(place)
                .is_some_and(|call| call.seq == *seq && call.operation() == Some(operation))
        })
    }
}

#[cfg(test)]
mod tests {
    use hearback_checker::check_history;
    use hearback_config::{Document, Excerpt};
    use hearback_contract::Level;

    use super::*;
    use crate::fixtures;
    use crate::gate::Gate;
    use crate::outcome::Outcome;
    use crate::results::Results;

    /// rooms.get and messages.get respond with 500, rooms.list does not.
    fn results(waivers: &str) -> Results {
        let history = fixtures::history_of(
            "alice rooms.get $r1 => 500 @error\n\
             alice messages.get $m1 => 500 @error\n\
             alice rooms.list => 200 @page_of_rooms",
        );
        let waivers = parse(&Document::new("waivers.toml", waivers, Excerpt::Full)).unwrap();
        let only = |id: RequirementId| id.as_str() == "status/no-server-error";
        Results::new(
            &history,
            &check_history(&history, only),
            Gate { waivers, ..Level::Must.into() },
        )
    }

    fn waiver(more: &str) -> String {
        format!(
            "[[waiver]]\nrequirement = \"status/no-server-error\"\nreason = \"known\"\n{more}\n"
        )
    }

    fn states(results: &Results) -> Vec<WaiverState> {
        results.waivers.iter().map(|waiver| waiver.state).collect()
    }

    #[test]
    fn a_waived_requirement_is_reported_but_does_not_fail() {
        let without = results("");
        assert_eq!((without.outcome, without.counts.waived), (Outcome::Broken, 0));
        let with = results(&waiver(""));
        assert_eq!((with.outcome, with.counts.waived), (Outcome::Holds, 1));
        assert_eq!(states(&with), [WaiverState::Applied]);
        assert!(with.broken().is_empty());
        let entry = with.requirements().next().unwrap();
        assert!(entry.waived && entry.state == State::Broken && entry.findings.len() == 2);
    }

    #[test]
    fn a_waiver_of_one_operation_covers_only_that_operation() {
        let one = results(&waiver("operation = \"rooms.get\""));
        assert_eq!((one.outcome, states(&one)), (Outcome::Broken, vec![WaiverState::Applied]));
        let both = waiver("operation = \"rooms.get\"") + &waiver("operation = \"messages.get\"");
        assert_eq!(results(&both).outcome, Outcome::Holds);
    }

    #[test]
    fn a_waiver_without_a_finding_fails_if_its_operation_was_called() {
        let more = |operation| waiver("") + &waiver(&format!("operation = \"{operation}\""));
        let stale = results(&more("rooms.list"));
        assert_eq!(states(&stale), [WaiverState::Applied, WaiverState::Stale]);
        assert_eq!(stale.outcome, Outcome::Broken);
        let unseen = results(&more("rooms.stats"));
        assert_eq!(states(&unseen), [WaiverState::Applied, WaiverState::NotExercised]);
        assert_eq!(unseen.outcome, Outcome::Holds);
    }

    #[test]
    fn a_waiver_of_one_variant_covers_only_that_variant() {
        let variant = |name: &str| waiver(&format!("variant = \"{name}\""));
        let all = results("");
        let names: Vec<_> = all.broken()[0].findings.iter().map(|it| it.variant.clone()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
        let one = results(&variant(&names[0]));
        assert_eq!((one.outcome, states(&one)), (Outcome::Broken, vec![WaiverState::Applied]));
        let both = results(&(variant(&names[0]) + &variant(&names[1])));
        assert_eq!(both.outcome, Outcome::Holds);
        let other = results(&(waiver("") + &variant("rooms.leave")));
        assert_eq!(states(&other), [WaiverState::Applied, WaiverState::Stale]);
        let place = other.waivers[1].place.clone().unwrap();
        assert_eq!((place.file.as_str(), place.line), ("waivers.toml", 5));
    }

    #[test]
    fn an_intermittent_deviation_may_be_absent() {
        let more = "operation = \"rooms.list\"\nintermittent = true\nexpires = 2026-01-01";
        let absent = results(&(waiver("") + &waiver(more)));
        assert_eq!(states(&absent), [WaiverState::Applied, WaiverState::NotExercised]);
        assert_eq!(absent.outcome, Outcome::Holds);
    }

    #[test]
    fn a_waiver_is_valid_on_its_last_day() {
        // The run starts on 2026-01-01.
        let last = results(&waiver("expires = 2026-01-01"));
        assert_eq!((last.outcome, states(&last)), (Outcome::Holds, vec![WaiverState::Applied]));
        let past = results(&waiver("expires = 2025-12-31"));
        assert_eq!((past.outcome, states(&past)), (Outcome::Broken, vec![WaiverState::Expired]));
        assert_eq!(past.counts.waived, 0);
    }
}
