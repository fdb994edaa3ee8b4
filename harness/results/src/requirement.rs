//! The result of one requirement: its verdict, with the sentence that it tests and the findings.

use std::ops::Deref;

use hearback_checker::{Finding, Reason, State, Verdict, Verdicts};
use hearback_contract::requirement::Family;
use hearback_contract::{self as contract, Level, Requirement};
use hearback_history::{History, Reproduction};
use serde::{Deserialize, Serialize};

use crate::confirmation::Confirmation;
use crate::durations::Durations;
use crate::reproduction::{self, Scripts};
use crate::sequence::{Exchanges, Sequence};
use crate::waiver::Waived;

/// The results of the requirements of one family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyResults {
    /// The part of the ids before the slash.
    pub id: String,
    /// The subject of the family.
    pub title: String,
    /// The requirements that were checked; at least one.
    pub requirements: Vec<RequirementResult>,
}

/// The result of one requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementResult {
    /// Stable id, `family/name`.
    pub id: String,
    /// The level of the requirement.
    pub level: Level,
    /// Heading of the section of the specification.
    pub section: String,
    /// The sentence or the inference that the requirement is based on.
    pub basis: Basis,
    /// The requirement itself, one sentence.
    pub statement: String,
    /// The user that a *should* protects, and the harm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protects: Option<String>,
    /// The verdict.
    pub state: State,
    /// Number of observations; never zero when held.
    pub observations: u64,
    /// Its share of the time of the scenarios that should exercise it, in milliseconds.
    #[serde(default)]
    pub duration_ms: u64,
    /// True if the requirement is broken and waivers cover all of its findings.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waived: bool,
    /// True if the baseline has all of its findings that are not waived, at least one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub known: bool,
    /// The variants in which the requirement is broken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingResult>,
    /// Reason for *undecided* or *not exercised*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// A variant of a broken requirement, with what surrounds it in the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingResult {
    /// The finding of the checker.
    #[serde(flatten)]
    pub finding: Finding,
    /// The certainty after repetitions in fresh rooms.
    pub confirmation: Confirmation,
    /// True if a waiver covers it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waived: bool,
    /// True if the baseline has it as well.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub known: bool,
    /// The lines of a shell script that reproduces it; tokens and passwords are variables.
    pub reproduce: Vec<String>,
    /// The outcome of the attempt to reproduce it, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reproduction: Option<Reproduction>,
    /// The exchanges around it, where the history contains them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<Sequence>,
}

impl FindingResult {
    /// The command that runs the scenario file which shows it, if there is one; a comment of its script.
    pub fn scenario_run(&self) -> Option<&str> {
        self.reproduce.iter().find_map(|line| reproduction::scenario_run_of(line))
    }

    /// The order in which findings convince: certainty, a script that reproduces them, number of observations.
    pub(crate) fn strength(&self) -> (bool, bool, u64) {
        let is_certain = !self.confirmation.is_intermittent();
        (is_certain, reproduction::is_script(&self.reproduce), self.count)
    }
}

impl Deref for FindingResult {
    type Target = Finding;

    fn deref(&self) -> &Finding {
        &self.finding
    }
}

/// The basis of a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A sentence or an example of the specification.
    Quote(String),
    /// The inference, where the specification does not state the requirement.
    Reason(String),
    /// The reason of the contract that adds the requirement.
    Contract(String),
}

/// Everything that the result of a requirement is made from, beside its verdict.
pub(crate) struct Sources<'h> {
    pub(crate) history: &'h History,
    pub(crate) exchanges: Exchanges<'h>,
    pub(crate) scripts: Scripts<'h>,
    pub(crate) waived: Waived<'h>,
    pub(crate) durations: Durations,
}

impl FamilyResults {
    pub(crate) fn of(family: &Family, verdicts: &Verdicts, sources: &Sources<'_>) -> Self {
        let verdicts = verdicts.verdicts.iter();
        Self {
            id: family.id.to_string(),
            title: family.title.to_owned(),
            requirements: verdicts
                .filter(|verdict| verdict.requirement.family() == family.id)
                .map(|verdict| RequirementResult::of(verdict, sources))
                .collect(),
        }
    }

    /// Adds the results of a later part of the same run.
    pub(crate) fn merge(&mut self, part: Self) {
        for requirement in part.requirements {
            match self.requirements.iter_mut().find(|known| known.id == requirement.id) {
                Some(known) => known.merge(requirement),
                None => self.requirements.push(requirement),
            }
        }
    }

    /// Number of requirements in one state.
    pub fn count(&self, state: State) -> usize {
        self.requirements.iter().filter(|requirement| requirement.state == state).count()
    }
}

impl RequirementResult {
    fn of(verdict: &Verdict, sources: &Sources<'_>) -> Self {
        let requirement = verdict.requirement.requirement();
        let finding = |finding: &Finding| {
            let reproduction = sources.history.reproduction(verdict.requirement, &finding.variant);
            FindingResult {
                confirmation: Confirmation::of(sources.history, verdict.requirement, finding),
                waived: sources.waived.covers(verdict.requirement, finding),
                known: false,
                reproduce: reproduction::lines(
                    &sources.scripts,
                    sources.history,
                    verdict.requirement,
                    finding,
                ),
                reproduction: reproduction.cloned(),
                sequence: sources.exchanges.around(finding),
                finding: finding.clone(),
            }
        };
        let findings: Vec<FindingResult> = verdict.findings.iter().map(finding).collect();
        let waived = !findings.is_empty() && findings.iter().all(|finding| finding.waived);
        let mut result = Self {
            id: requirement.id.to_string(),
            level: requirement.level,
            section: requirement.section.to_owned(),
            basis: Basis::from(requirement),
            statement: requirement.statement.to_owned(),
            protects: protects(requirement),
            state: verdict.state,
            observations: verdict.observations,
            duration_ms: sources.durations.of(verdict.requirement),
            waived,
            known: false,
            findings,
            reason: verdict.reason.clone(),
        };
        result.judge();
        result
    }

    /// Returns whether the gate accepts its findings: all are waived or of the baseline.
    pub fn is_excused(&self) -> bool {
        self.waived || self.known
    }

    /// The finding that convinces most: certain, reproducible and observed often.
    pub fn strongest(&self) -> Option<&FindingResult> {
        self.findings.iter().rev().max_by_key(|finding| finding.strength())
    }

    /// Leaves a broken requirement undecided if no repetition reproduced any of its findings.
    fn judge(&mut self) {
        let repetitions = self.findings.iter().map(|finding| match finding.confirmation {
            Confirmation::NotReproduced { repetitions } => Some(repetitions),
            _ => None,
        });
        let repetitions = repetitions.collect::<Option<Vec<_>>>().unwrap_or_default();
        if let Some(most) = repetitions.into_iter().max()
            && self.state == State::Broken
            && !self.waived
        {
            self.state = State::Undecided;
            self.reason = Some(Reason::NotReproduced(most));
        }
    }

    /// Returns whether it is broken, and each of its findings was reproduced in some repetitions only.
    pub fn is_flaky(&self) -> bool {
        self.state == State::Broken
            && !self.findings.is_empty()
            && self.findings.iter().all(|finding| finding.confirmation.is_intermittent())
    }

    /// Adds the result of the same requirement in a later part of the run: a requirement that is broken in any
    /// part is broken, and one that is held in any part is exercised.
    pub(crate) fn merge(&mut self, part: Self) {
        let is_covered = |result: &Self| result.findings.is_empty() || result.waived;
        let waived = is_covered(self) && is_covered(&part);
        if rank(&part) > rank(self) {
            self.state = part.state;
            self.reason = part.reason;
        }
        self.waived = waived && self.state == State::Broken;
        self.observations += part.observations;
        self.duration_ms += part.duration_ms;
        for mut finding in part.findings {
            let known = self.findings.iter_mut().find(|known| known.variant == finding.variant);
            match known {
                Some(known) => {
                    if finding.magnitude > known.magnitude {
                        std::mem::swap(known, &mut finding);
                    }
                    known.finding.count += finding.finding.count;
                    known.finding.scope.merge(finding.finding.scope);
                    known.confirmation = known.confirmation.clone().merged(finding.confirmation);
                    if known.reproduction.is_none() && finding.reproduction.is_some() {
                        known.reproduction = finding.reproduction;
                        known.reproduce = finding.reproduce;
                    }
                }
                None => self.findings.push(finding),
            }
        }
    }
}

/// The precedence of a result where parts of a run differ.
fn rank(result: &RequirementResult) -> u8 {
    match result.state {
        State::Broken => 4,
        State::Undecided if !result.findings.is_empty() => 3,
        State::Held => 2,
        State::Undecided => 1,
        State::NotExercised => 0,
    }
}

/// The user that a *should* protects, and the harm.
fn protects(requirement: &Requirement) -> Option<String> {
    match requirement.basis {
        contract::Basis::Inferred { protects, .. } => Some(protects.to_owned()),
        contract::Basis::Stated(_) | contract::Basis::Silent(_) | contract::Basis::Added(_) => None,
    }
}

impl From<&Requirement> for Basis {
    fn from(requirement: &Requirement) -> Self {
        match requirement.basis {
            contract::Basis::Stated(quote) => Self::Quote(quote.to_owned()),
            contract::Basis::Inferred { reason, .. } | contract::Basis::Silent(reason) => {
                Self::Reason(reason.to_owned())
            }
            contract::Basis::Added(reason) => Self::Contract(reason.to_owned()),
        }
    }
}
