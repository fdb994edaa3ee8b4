//! Comparing the results of two runs, and gates that accept what the earlier one has.

use std::collections::{BTreeMap, BTreeSet};

use hearback_checker::State;
use hearback_contract::ReadingId;
use hearback_history::RunEnd;

use super::identity::{Identity, violations};
use super::response_time::slower;
use super::{
    ChangeVerdict, ChangedReading, Changes, ComparedRun, FORMAT, NoLongerTested, Violation,
};
use crate::requirement::{FindingResult, RequirementResult};
use crate::results::Results;

impl Changes {
    /// The changes from `before` to `after`, whose gate decides which of them matter.
    pub fn of(before: &Results, after: &Results) -> Self {
        let (old, new) = (violations(before), violations(after));
        let known_before: BTreeSet<&Identity> = old.iter().map(|(identity, _)| identity).collect();
        let known_after: BTreeSet<&Identity> = new.iter().map(|(identity, _)| identity).collect();
        let is_tested = |id: &str| after.requirements().any(|it| it.id == id && was_tested(it));
        let (known, added): (Vec<_>, Vec<_>) =
            new.iter().partition(|(identity, _)| known_before.contains(identity));
        let fixed = old.iter().filter(|(identity, violation)| {
            !known_after.contains(identity) && is_tested(&violation.requirement)
        });
        let of = |all: Vec<&(Identity, Violation)>| {
            all.into_iter().map(|(_, violation)| violation.clone()).collect::<Vec<_>>()
        };
        let mut changes = Self {
            format: FORMAT,
            before: ComparedRun::of(before),
            after: ComparedRun::of(after),
            fail_on: after.fail_on,
            fixed: of(fixed.collect()),
            new: of(added),
            known: of(known),
            no_longer_tested: no_longer_tested(before, after),
            readings: changed_readings(before, after),
            slower: slower(&before.response_times, &after.response_times),
            verdict: ChangeVerdict::NotWorse,
        };
        changes.verdict = if changes.new.iter().any(|violation| violation.is_failure) {
            ChangeVerdict::Worse
        } else if after.end != Some(RunEnd::Completed)
            || changes.no_longer_tested.iter().any(|lost| lost.is_unaccepted)
        {
            ChangeVerdict::Inconclusive
        } else {
            ChangeVerdict::NotWorse
        };
        changes
    }
}

impl Results {
    /// The same results with a gate that fails on new violations only: what the baseline has as well is known, and what
    /// it did not test either may be untested.
    #[must_use]
    pub fn against(mut self, baseline: &Self) -> Self {
        let changes = Changes::of(baseline, &self);
        let known: BTreeSet<_> = violations(baseline).into_iter().map(|(it, _)| it).collect();
        for requirement in self.families.iter_mut().flat_map(|family| &mut family.requirements) {
            let id = requirement.id.clone();
            for finding in &mut requirement.findings {
                finding.known = known.contains(&Identity::of(&id, finding));
            }
            let is_excused = |finding: &FindingResult| finding.known || finding.waived;
            requirement.known = !requirement.waived
                && !requirement.findings.is_empty()
                && requirement.findings.iter().all(is_excused);
        }
        let untested = baseline.requirements().filter(|it| !was_tested(it));
        self.accepted_untested.extend(untested.map(|it| it.id.clone()));
        let stopped = baseline.stopped_scenarios.iter().map(|it| it.scenario.clone());
        self.stopped_before = stopped.collect();
        self.changes = Some(changes);
        self.decide();
        self
    }
}

impl ComparedRun {
    fn of(results: &Results) -> Self {
        Self {
            run: results.run.clone(),
            target: results.target.clone(),
            started_at: results.started_at.clone(),
            hearback_version: results.hearback_version.clone(),
            outcome: results.outcome,
            tested: results.coverage.tested,
        }
    }
}

/// Returns whether a run decided a requirement, or observed a violation of it.
fn was_tested(requirement: &RequirementResult) -> bool {
    matches!(requirement.state, State::Held | State::Broken) || !requirement.findings.is_empty()
}

fn no_longer_tested(before: &Results, after: &Results) -> Vec<NoLongerTested> {
    let lost = before.requirements().filter(|it| was_tested(it)).filter_map(|requirement| {
        let now = after.requirements().find(|it| it.id == requirement.id);
        let reason = match now {
            Some(now) if was_tested(now) => return None,
            Some(now) => now.reason.as_ref().map_or_else(String::new, ToString::to_string),
            None => "it is not selected".to_owned(),
        };
        Some(NoLongerTested {
            requirement: requirement.id.clone(),
            level: requirement.level,
            reason,
            is_unaccepted: after.coverage.is_untested(&requirement.id),
        })
    });
    lost.collect()
}

fn changed_readings(before: &Results, after: &Results) -> Vec<ChangedReading> {
    let taken = |results: &Results| -> BTreeMap<_, Vec<ReadingId>> {
        let answers = results.answers.iter().filter(|answer| !answer.observed.is_empty());
        let sorted = answers.map(|answer| {
            let mut taken: Vec<_> = answer.observed.iter().map(|it| it.reading).collect();
            taken.sort_by_key(|reading| reading.as_str());
            (answer.question.as_str(), taken)
        });
        sorted.collect()
    };
    let (old, new) = (taken(before), taken(after));
    let question = |reading: &ReadingId| reading.reading().ambiguity;
    let changed = old.into_iter().filter_map(|(name, before)| {
        let after = new.get(name)?.clone();
        let question = before.first().map(question)?;
        (before != after).then_some(ChangedReading { question, before, after })
    });
    changed.collect()
}
