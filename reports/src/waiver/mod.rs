//! Known deviations: excused while they last, and no longer.
//!
//! A waived requirement is examined as any other. What it shows is told, but fails nothing; a waiver that
//! has nothing to excuse any more, or whose date has passed, fails until it is taken out of the file.

mod file;

use hearback_checker::{Finding, State, Verdict};
use hearback_contract::{Level, Operation, RequirementId};
use hearback_history::History;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use file::{InvalidWaivers, Problem, parse};

/// A deviation that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The requirement that does not hold.
    pub requirement: RequirementId,
    /// The operation whose findings are excused; all findings if there is none.
    pub operation: Option<Operation>,
    /// Why it is put up with.
    pub reason: String,
    /// Where it is being dealt with.
    pub link: Option<String>,
    /// The last day on which it excuses anything.
    pub expires: Option<Date>,
}

/// What decides whether a run passes.
#[derive(Clone, Debug)]
pub struct Gate {
    /// The lowest level at which a broken requirement fails the run.
    pub fail_on: Level,
    /// Known deviations.
    pub waivers: Vec<Waiver>,
}

impl From<Level> for Gate {
    fn from(fail_on: Level) -> Self {
        Self { fail_on, waivers: Vec::new() }
    }
}

/// A waiver and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverRecord {
    /// The requirement.
    pub requirement: String,
    /// The operation that it is limited to, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Why it is put up with.
    pub reason: String,
    /// Where it is being dealt with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The last day on which it excuses anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// What came of it.
    pub state: WaiverState,
}

/// What came of a waiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaiverState {
    /// It excused a finding.
    Excuses,
    /// What it speaks of was looked at in this run, and holds.
    Stale,
    /// Its date has passed.
    Expired,
    /// The run shows nothing of what it speaks of.
    Unseen,
}

impl WaiverState {
    /// Whether the file must be mended.
    pub fn fails(self) -> bool {
        matches!(self, Self::Stale | Self::Expired)
    }

    /// What it means, a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Excuses => "excused",
            Self::Stale => "holds now: take the waiver out",
            Self::Expired => "the waiver has expired",
            Self::Unseen => "not seen in this run",
        }
    }
}

/// The waivers of a run, held against what was found.
pub(crate) struct Excuses<'r> {
    history: &'r History,
    waivers: &'r [Waiver],
    /// When the run was made: judged again later, it passes or fails as it did.
    day: Option<Date>,
}

impl<'r> Excuses<'r> {
    pub(crate) fn new(history: &'r History, waivers: &'r [Waiver]) -> Self {
        let started = history.start.as_ref().map(|start| start.started_at.parse::<Timestamp>());
        let day = started.and_then(Result::ok).map(|at| at.to_zoned(TimeZone::UTC).date());
        Self { history, waivers, day }
    }

    /// Whether every finding of a broken requirement is excused.
    pub(crate) fn cover(&self, verdict: &Verdict) -> bool {
        !verdict.findings.is_empty()
            && verdict.findings.iter().all(|finding| {
                self.waivers.iter().any(|waiver| {
                    !self.has_expired(waiver)
                        && waiver.requirement == verdict.requirement
                        && self.speaks_of(waiver, finding)
                })
            })
    }

    /// What came of each waiver.
    pub(crate) fn records(&self, verdicts: &[Verdict]) -> Vec<WaiverRecord> {
        let record = |waiver: &Waiver| WaiverRecord {
            requirement: waiver.requirement.to_string(),
            operation: waiver.operation.map(|operation| operation.id().to_owned()),
            reason: waiver.reason.clone(),
            link: waiver.link.clone(),
            expires: waiver.expires,
            state: self.state(waiver, verdicts),
        };
        self.waivers.iter().map(record).collect()
    }

    fn state(&self, waiver: &Waiver, verdicts: &[Verdict]) -> WaiverState {
        if self.has_expired(waiver) {
            return WaiverState::Expired;
        }
        let mut verdicts = verdicts.iter();
        let Some(verdict) = verdicts.find(|verdict| verdict.requirement == waiver.requirement)
        else {
            return WaiverState::Unseen;
        };
        if verdict.findings.iter().any(|finding| self.speaks_of(waiver, finding)) {
            return WaiverState::Excuses;
        }
        // Without a finding of its operation it is stale only if the operation was tried at all.
        let was_tried = waiver.operation.is_none_or(|operation| {
            self.history.calls_of(operation).any(|call| call.status().is_some())
        });
        match verdict.state {
            State::Held | State::Broken if was_tried => WaiverState::Stale,
            _ => WaiverState::Unseen,
        }
    }

    fn has_expired(&self, waiver: &Waiver) -> bool {
        matches!((waiver.expires, self.day), (Some(last), Some(day)) if day > last)
    }

    /// Whether an event that shows the finding is a call of the waiver's operation.
    fn speaks_of(&self, waiver: &Waiver, finding: &Finding) -> bool {
        waiver.operation.is_none_or(|operation| {
            let calls = &self.history.calls;
            finding.evidence.iter().any(|seq| {
                let place = calls.partition_point(|call| call.seq < *seq);
                calls
                    .get(place)
                    .is_some_and(|call| call.seq == *seq && call.operation() == Some(operation))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use hearback_checker::check_history;

    use super::*;
    use crate::fixtures;
    use crate::outcome::Outcome;
    use crate::record::RunRecord;

    /// rooms.get and messages.get answer 500, rooms.list does not.
    fn record(waivers: &str) -> RunRecord {
        let history = fixtures::history_of(
            "alice rooms.get $r1 => 500 @error\n\
             alice messages.get $m1 => 500 @error\n\
             alice rooms.list => 200 @page_of_rooms",
        );
        let waivers = parse("waivers.toml", waivers).unwrap();
        let only = |id: RequirementId| id.as_str() == "status/no-server-error";
        RunRecord::new(
            &history,
            &check_history(&history, only),
            Gate { fail_on: Level::Must, waivers },
        )
    }

    fn waiver(more: &str) -> String {
        format!(
            "[[waiver]]\nrequirement = \"status/no-server-error\"\nreason = \"known\"\n{more}\n"
        )
    }

    fn states(record: &RunRecord) -> Vec<WaiverState> {
        record.waivers.iter().map(|waiver| waiver.state).collect()
    }

    #[test]
    fn a_waived_requirement_is_told_and_fails_nothing() {
        let without = record("");
        assert_eq!((without.outcome, without.counts.waived), (Outcome::Broken, 0));
        let with = record(&waiver(""));
        assert_eq!((with.outcome, with.counts.waived), (Outcome::Holds, 1));
        assert_eq!(states(&with), [WaiverState::Excuses]);
        assert!(with.broken().is_empty());
        let entry = with.requirements().next().unwrap();
        assert!(entry.waived && entry.state == State::Broken && entry.findings.len() == 2);
    }

    #[test]
    fn a_waiver_of_one_operation_excuses_nothing_else() {
        let one = record(&waiver("operation = \"rooms.get\""));
        assert_eq!((one.outcome, states(&one)), (Outcome::Broken, vec![WaiverState::Excuses]));
        let both = waiver("operation = \"rooms.get\"") + &waiver("operation = \"messages.get\"");
        assert_eq!(record(&both).outcome, Outcome::Holds);
    }

    #[test]
    fn a_waiver_with_nothing_to_excuse_fails_if_that_was_looked_at() {
        let more = |operation| waiver("") + &waiver(&format!("operation = \"{operation}\""));
        let stale = record(&more("rooms.list"));
        assert_eq!(states(&stale), [WaiverState::Excuses, WaiverState::Stale]);
        assert_eq!(stale.outcome, Outcome::Broken);
        let unseen = record(&more("rooms.stats"));
        assert_eq!(states(&unseen), [WaiverState::Excuses, WaiverState::Unseen]);
        assert_eq!(unseen.outcome, Outcome::Holds);
    }

    #[test]
    fn a_waiver_lasts_to_the_end_of_its_last_day() {
        // The run is of the first of January.
        let last = record(&waiver("expires = 2026-01-01"));
        assert_eq!((last.outcome, states(&last)), (Outcome::Holds, vec![WaiverState::Excuses]));
        let past = record(&waiver("expires = 2025-12-31"));
        assert_eq!((past.outcome, states(&past)), (Outcome::Broken, vec![WaiverState::Expired]));
        assert_eq!(past.counts.waived, 0);
    }
}
