//! The changes of a configuration after which the gate passes, and fails on anything new.

use hearback_checker::{Reason, State};
use hearback_contract::ReadingId;
use hearback_history::escape::escape;

use crate::readings::Pin;
use crate::requirement::{FindingResult, RequirementResult};
use crate::results::Results;
use crate::waiver::{WaiverResult, WaiverState};

/// Maximum length of the summary of a violation, in characters.
const LONGEST_SUMMARY: usize = 160;

/// Number of observations from which on a reading is pinned: fewer may be absent in the next run.
const ENOUGH_OBSERVATIONS: u64 = 3;

/// The changes of a configuration after which the gate passes with the same results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adoption {
    /// Violations that need a waiver, in the order of the report.
    pub waivers: Vec<NewWaiver>,
    /// Positions of waivers to delete, since they excuse nothing.
    pub outdated: Vec<usize>,
    /// Positions of expired waivers whose deviation still occurs.
    pub renewed: Vec<usize>,
    /// The readings to pin, one per question that the target answers in one way and often enough.
    pub readings: Vec<ReadingId>,
    /// Pinned readings that the run did not show, although it should have.
    pub unobserved: Vec<ReadingId>,
    /// Pinned readings that the target no longer takes, with the one that it takes; `None` if it takes several.
    pub changed: Vec<(ReadingId, Option<ReadingId>)>,
    /// Requirements that are untested, with the reasons.
    pub untested: Vec<(String, Vec<String>)>,
}

/// A violation that needs a waiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWaiver {
    /// The id of the requirement.
    pub requirement: String,
    /// The operation whose response shows it, if one does.
    pub operation: Option<String>,
    /// The variant.
    pub variant: String,
    /// Expected and observed behavior in one line.
    pub summary: String,
    /// True if not every repetition reproduced it.
    pub is_intermittent: bool,
}

impl Adoption {
    /// The changes for the results of a run; only violations that the gate does not accept need a waiver.
    pub fn of(results: &Results) -> Self {
        let needing: Vec<_> =
            results.requirements().filter(|it| needs_waiver(results, it)).collect();
        let unwaived = |requirement: &&RequirementResult| {
            let findings = requirement.findings.iter().filter(|finding| !finding.waived);
            findings.cloned().map(|finding| (requirement.id.clone(), finding)).collect::<Vec<_>>()
        };
        let mut found: Vec<(String, FindingResult)> = needing.iter().flat_map(unwaived).collect();
        let mut adoption = Self::default();
        for (position, waiver) in results.waivers.iter().enumerate() {
            match waiver.state {
                WaiverState::Applied | WaiverState::NotExercised => {}
                WaiverState::Stale => adoption.outdated.push(position),
                WaiverState::Expired => {
                    let before = found.len();
                    found.retain(|(requirement, finding)| !covers(waiver, requirement, finding));
                    match found.len() < before {
                        true => adoption.renewed.push(position),
                        false => adoption.outdated.push(position),
                    }
                }
            }
        }
        adoption.waivers = found.iter().map(|(id, finding)| NewWaiver::of(id, finding)).collect();
        for answer in &results.answers {
            let only = match &answer.observed[..] {
                [only] => Some(only),
                _ => None,
            };
            let often = only.filter(|only| only.observations >= ENOUGH_OBSERVATIONS);
            adoption.readings.extend(often.map(|only| only.reading));
            match (answer.pinned, answer.pin()) {
                (Some(pinned), Some(Pin::Changed)) => {
                    adoption.changed.push((pinned, only.map(|only| only.reading)));
                }
                (Some(pinned), Some(Pin::Unobserved)) if results.needs_pinned => {
                    adoption.unobserved.push(pinned);
                }
                _ => {}
            }
        }
        adoption.untested = untested(results, &needing);
        adoption
    }

    /// Number of requirements whose violations need a waiver.
    pub fn requirements(&self) -> usize {
        let mut ids: Vec<_> = self.waivers.iter().map(|waiver| &waiver.requirement).collect();
        ids.dedup();
        ids.len()
    }
}

impl NewWaiver {
    fn of(requirement: &str, finding: &FindingResult) -> Self {
        let summary = format!("expected {}; actual {}", finding.expected, finding.actual);
        Self {
            requirement: requirement.to_owned(),
            operation: finding.subject.operation.map(|operation| operation.id().to_owned()),
            variant: finding.variant.clone(),
            summary: escape(&summary, LONGEST_SUMMARY),
            is_intermittent: finding.confirmation.is_intermittent(),
        }
    }
}

/// Returns whether a requirement has violations that keep the gate from passing.
fn needs_waiver(results: &Results, requirement: &RequirementResult) -> bool {
    results.is_failure(requirement)
        || requirement.state == State::Undecided
            && !requirement.findings.is_empty()
            && results.coverage.is_untested(&requirement.id)
}

/// The untested requirements by reason, without those that new waivers excuse.
fn untested(results: &Results, waived: &[&RequirementResult]) -> Vec<(String, Vec<String>)> {
    let is_waived = |id: &str| waived.iter().any(|it| it.id == id);
    let groups = results.coverage.untested.iter().filter(|group| match &group.reason {
        Reason::DependsOn(other) | Reason::Violates(other) => !is_waived(other.as_str()),
        _ => true,
    });
    let of_group = |group: &crate::Untested| {
        let ids = group.requirements.iter().filter(|id| !is_waived(id)).cloned();
        (group.reason.to_string(), ids.collect::<Vec<_>>())
    };
    groups.map(of_group).filter(|(_, ids)| !ids.is_empty()).collect()
}

/// Returns whether a waiver names a finding.
fn covers(waiver: &WaiverResult, requirement: &str, finding: &FindingResult) -> bool {
    let shown = || finding.subject.operation.iter().chain(&finding.scope.operations);
    waiver.requirement == requirement
        && waiver.variant.as_ref().is_none_or(|variant| *variant == finding.variant)
        && waiver.operation.as_ref().is_none_or(|id| shown().any(|it| it.id() == id.as_str()))
}

#[cfg(test)]
mod tests {
    use hearback_checker::check_history;
    use hearback_config::{Document, Excerpt};
    use hearback_contract::{Level, RequirementId};

    use super::*;
    use crate::fixtures;
    use crate::gate::Gate;
    use crate::outcome::Outcome;
    use crate::waiver;

    /// rooms.get and messages.get respond with 500, rooms.list does not.
    fn results(waivers: &str) -> Results {
        let history = fixtures::history_of(
            "alice rooms.get $r1 => 500 @error\n\
             alice messages.get $m1 => 500 @error\n\
             alice rooms.list => 200 @page_of_rooms",
        );
        let document = Document::new("waivers.toml", waivers, Excerpt::Full);
        let gate = Gate { waivers: waiver::parse(&document).unwrap(), ..Level::Must.into() };
        let only = |id: RequirementId| id.as_str() == "status/no-server-error";
        Results::new(&history, &check_history(&history, only), gate)
    }

    fn waiver(more: &str) -> String {
        format!("[[waiver]]\nrequirement = \"status/no-server-error\"\nreason = \"\"\n{more}\n")
    }

    #[test]
    fn waivers_for_all_violations_make_the_gate_pass() {
        let adoption = Adoption::of(&results(""));
        let operations: Vec<_> = adoption.waivers.iter().map(|it| it.operation.clone()).collect();
        let of = |id: &str| Some(id.to_owned());
        assert_eq!(operations, [of("rooms.get"), of("messages.get")]);
        assert_eq!((adoption.requirements(), &adoption.untested), (1, &Vec::new()));
        let new = |it: &NewWaiver| {
            let operation = it.operation.as_ref().unwrap();
            let (variant, day) = (&it.variant, "2026-04-01");
            waiver(&format!(
                "operation = \"{operation}\"\nvariant = \"{variant}\"\nexpires = {day}"
            ))
        };
        let adopted = results(&adoption.waivers.iter().map(new).collect::<String>());
        assert_eq!(adopted.outcome, Outcome::Holds);
        assert_eq!(Adoption::of(&adopted).waivers, []);
    }

    #[test]
    fn outdated_waivers_are_deleted_or_renewed() {
        let text = waiver("operation = \"rooms.list\"\nexpires = 2026-04-01")
            + &waiver("operation = \"rooms.get\"\nexpires = 2025-12-31")
            + &waiver("operation = \"rooms.list\"\nexpires = 2025-12-31");
        let adoption = Adoption::of(&results(&text));
        assert_eq!((adoption.outdated, adoption.renewed), (vec![0, 2], vec![1]));
        let operations: Vec<_> = adoption.waivers.into_iter().map(|it| it.operation).collect();
        assert_eq!(operations, [Some("messages.get".to_owned())]);
    }
}
