//! Confirmation: how certain a finding is, after its scenario was repeated in fresh rooms.

use std::fmt;

use hearback_checker::Finding;
use hearback_contract::{Level, RequirementId};
use hearback_history::{History, Reproduction, RunEnd, Unrepeated};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

/// Number of repetitions of a finding that each of them reproduces.
pub const FEWEST_REPETITIONS: u32 = 3;

/// Number of repetitions of any other finding.
pub const MOST_REPETITIONS: u32 = 5;

/// The certainty of a finding.
///
/// Serialized with its `state` and the words that [`Display`](fmt::Display) writes as `text`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Confirmation {
    /// Every repetition reproduced it.
    Confirmed {
        /// Number of repetitions.
        repetitions: u32,
    },
    /// Some repetitions reproduced it.
    Flaky {
        /// Number of these.
        reproduced: u32,
        /// Number of repetitions.
        repetitions: u32,
    },
    /// None of [`MOST_REPETITIONS`] repetitions reproduced it: one observation is all the evidence.
    NotReproduced {
        /// Number of repetitions.
        repetitions: u32,
    },
    /// One observation is proof.
    NotNeeded {
        /// The reason, in words.
        reason: String,
    },
    /// It was not repeated, or not often enough to tell.
    NotAttempted {
        /// The reason.
        reason: Unrepeated,
    },
}

impl Confirmation {
    /// The certainty of a finding of a history.
    pub(crate) fn of(history: &History, requirement: RequirementId, finding: &Finding) -> Self {
        let row = requirement.requirement();
        if let Some(reason) = row.conclusive {
            return Self::NotNeeded { reason: reason.to_owned() };
        }
        let repetitions = (history.repetitions.iter())
            .find(|it| it.requirement == requirement && it.variant == finding.variant);
        let counted = repetitions.and_then(|it| Self::counted(it.reproduced, it.repetitions));
        let shrunk =
            || history.reproduction(requirement, &finding.variant).and_then(Self::of_shrunk);
        let reason = match repetitions.and_then(|it| it.obstacle) {
            Some(obstacle) => obstacle,
            None if row.level == Level::Note => Unrepeated::Note,
            None => match history.end {
                Some(RunEnd::Interrupted) => Unrepeated::Interrupted,
                Some(RunEnd::Aborted { .. }) => Unrepeated::TargetGone,
                Some(RunEnd::Completed) | None => Unrepeated::NotRequested,
            },
        };
        counted.or_else(shrunk).unwrap_or(Self::NotAttempted { reason })
    }

    /// The certainty that the repetitions of a shrunk scenario provide; `None` if there were too few.
    pub(crate) fn of_shrunk(reproduction: &Reproduction) -> Option<Self> {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self::counted(count(reproduction.reproduced), count(reproduction.repetitions))
    }

    /// The certainty that some repetitions provide; `None` if there were too few.
    pub(crate) fn counted(reproduced: u32, repetitions: u32) -> Option<Self> {
        Some(match reproduced {
            _ if repetitions == 0 => return None,
            0 if repetitions < MOST_REPETITIONS => return None,
            0 => Self::NotReproduced { repetitions },
            _ if reproduced >= repetitions => Self::Confirmed { repetitions },
            _ => Self::Flaky { reproduced, repetitions },
        })
    }

    /// Returns whether the finding was repeated and never reproduced, so that it is not certain.
    pub fn is_not_reproduced(&self) -> bool {
        matches!(self, Self::NotReproduced { .. })
    }

    /// Returns whether the finding was repeated.
    pub fn is_repeated(&self) -> bool {
        matches!(self, Self::Confirmed { .. } | Self::Flaky { .. } | Self::NotReproduced { .. })
    }

    /// Returns whether only some repetitions, or none, reproduced the finding.
    pub fn is_intermittent(&self) -> bool {
        matches!(self, Self::Flaky { .. } | Self::NotReproduced { .. })
    }

    /// The more certain of two confirmations of one finding, from parts of a run.
    pub(crate) fn merged(self, part: Self) -> Self {
        let rank = |it: &Self| match it {
            Self::NotAttempted { .. } => 0,
            Self::NotReproduced { .. } => 1,
            Self::Flaky { .. } => 2,
            Self::Confirmed { .. } => 3,
            Self::NotNeeded { .. } => 4,
        };
        std::cmp::max_by_key(part, self, rank)
    }

    fn id(&self) -> &'static str {
        match self {
            Self::Confirmed { .. } => "confirmed",
            Self::Flaky { .. } => "flaky",
            Self::NotReproduced { .. } => "not_reproduced",
            Self::NotNeeded { .. } => "not_needed",
            Self::NotAttempted { .. } => "not_attempted",
        }
    }
}

impl fmt::Display for Confirmation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Confirmed { repetitions } => {
                write!(formatter, "confirmed {repetitions} of {repetitions}")
            }
            Self::Flaky { reproduced, repetitions } => {
                write!(formatter, "flaky {reproduced} of {repetitions}")
            }
            Self::NotReproduced { repetitions } => {
                write!(formatter, "not reproduced (0 of {repetitions})")
            }
            Self::NotNeeded { reason } => write!(formatter, "no reproduction needed: {reason}"),
            Self::NotAttempted { reason } => write!(formatter, "not attempted: {reason}"),
        }
    }
}

impl Serialize for Confirmation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("state", self.id())?;
        match self {
            Self::Confirmed { repetitions } | Self::NotReproduced { repetitions } => {
                map.serialize_entry("repetitions", repetitions)?;
            }
            Self::Flaky { reproduced, repetitions } => {
                map.serialize_entry("reproduced", reproduced)?;
                map.serialize_entry("repetitions", repetitions)?;
            }
            Self::NotNeeded { reason } => map.serialize_entry("reason", reason)?,
            Self::NotAttempted { reason } => map.serialize_entry("reason", reason)?,
        }
        map.serialize_entry("text", &self.to_string())?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use hearback_checker::State;
    use hearback_history::Repetitions;

    use super::*;
    use crate::fixtures;
    use crate::gate::{FlakyFindings, Gate};
    use crate::outcome::Outcome;
    use crate::results::Results;

    /// A finding of one requirement, and the repetitions of its scenario: reproduced, all, obstacle.
    type Case<'c> = (&'c str, Option<(u32, u32, Option<Unrepeated>)>);

    fn results(cases: &[Case<'_>], gate: impl Into<Gate>) -> Results {
        let mut history = fixtures::history_of("");
        let mut verdicts = vec![fixtures::verdict("message/send", State::Held)];
        for (id, repeated) in cases {
            let mut verdict = fixtures::verdict(id, State::Broken);
            verdict.findings.push(Finding {
                variant: "rooms.get".to_owned(),
                expected: "1".to_owned(),
                actual: "2".to_owned(),
                count: 1,
                scenario: "a".into(),
                evidence: Vec::new(),
                ..Finding::default()
            });
            history.repetitions.extend(repeated.map(|(reproduced, repetitions, obstacle)| {
                Repetitions {
                    requirement: verdict.requirement,
                    variant: "rooms.get".to_owned(),
                    scenario: "a".into(),
                    reproduced,
                    repetitions,
                    obstacle,
                }
            }));
            verdicts.push(verdict);
        }
        Results::new(&history, &verdicts.into_iter().collect(), gate)
    }

    fn words(case: Case<'_>) -> String {
        let results = results(&[case], Level::Must);
        let requirement = results.requirements().find(|it| it.id == case.0).unwrap();
        requirement.findings[0].confirmation.to_string()
    }

    const COUNTED: &str = "unread/detail";

    #[test]
    fn repetitions_are_reported_in_the_same_words() {
        let run = |reproduced, all| (COUNTED, Some((reproduced, all, None)));
        assert_eq!(words(run(3, 3)), "confirmed 3 of 3");
        assert_eq!(words(run(1, 5)), "flaky 1 of 5");
        assert_eq!(words(run(0, 5)), "not reproduced (0 of 5)");
        assert_eq!(
            words((COUNTED, Some((0, 2, Some(Unrepeated::TimeBudget))))),
            "not attempted: the time for repetitions was used up"
        );
        assert_eq!(words((COUNTED, None)), "not attempted: this command does not repeat findings");
        assert_eq!(
            words(("schema/rooms.get", None)),
            "no reproduction needed: the recorded response or event violates the schema by itself"
        );
    }

    #[test]
    fn a_confirmation_is_stored_with_its_words() {
        let confirmations = [
            Confirmation::Confirmed { repetitions: 3 },
            Confirmation::Flaky { reproduced: 1, repetitions: 5 },
            Confirmation::NotReproduced { repetitions: 5 },
            Confirmation::NotNeeded { reason: "it shows it".to_owned() },
            Confirmation::NotAttempted { reason: Unrepeated::TooFewAccounts(3) },
        ];
        for confirmation in confirmations {
            let json = serde_json::to_value(&confirmation).unwrap();
            assert_eq!(json["text"], confirmation.to_string());
            assert_eq!(serde_json::from_value::<Confirmation>(json).unwrap(), confirmation);
        }
    }

    #[test]
    fn the_certainty_and_the_gate_decide_the_outcome() {
        let outcome = |repeated, flaky| {
            let gate = Gate { flaky, ..Level::Must.into() };
            let results = results(&[(COUNTED, repeated)], gate);
            (results.outcome, results.exit_status().code())
        };
        use FlakyFindings::{Fail, Warn};
        for (repeated, with_fail, with_warn) in [
            (Some((3, 3, None)), (Outcome::Broken, 1), (Outcome::Broken, 1)),
            (None, (Outcome::Broken, 1), (Outcome::Broken, 1)),
            (Some((2, 5, None)), (Outcome::Broken, 1), (Outcome::Holds, 0)),
            (Some((0, 5, None)), (Outcome::Incomplete, 4), (Outcome::Holds, 0)),
        ] {
            assert_eq!(outcome(repeated, Fail), with_fail, "{repeated:?}");
            assert_eq!(outcome(repeated, Warn), with_warn, "{repeated:?}");
        }
    }

    #[test]
    fn a_finding_that_was_not_reproduced_is_not_called_broken() {
        let results = results(&[(COUNTED, Some((0, 5, None)))], Level::Must);
        let requirement = results.requirements().find(|it| it.id == COUNTED).unwrap();
        assert_eq!(requirement.state, State::Undecided);
        assert_eq!(
            requirement.reason.as_ref().unwrap().to_string(),
            "a violation was observed, and not reproduced in 5 repetitions"
        );
        assert_eq!(requirement.findings.len(), 1, "its evidence is reported");
        assert_eq!((results.counts.broken, results.counts.undecided), (0, 1));
    }

    #[test]
    fn a_certain_finding_decides_beside_an_uncertain_one() {
        let cases = [(COUNTED, Some((0, 5, None))), ("unread/list", Some((3, 3, None)))];
        assert_eq!(results(&cases, Level::Must).outcome, Outcome::Broken);
    }

    #[test]
    fn a_violation_that_was_not_reproduced_outweighs_what_other_parts_of_the_run_held() {
        let held = Results::new(
            &fixtures::history_of(""),
            &[fixtures::verdict(COUNTED, State::Held)].into_iter().collect(),
            Level::Must,
        );
        let mut whole = held;
        whole.merge(results(&[(COUNTED, Some((0, 5, None)))], Level::Must));
        assert_eq!(whole.outcome, Outcome::Incomplete);
    }
}
