//! The results of a run, which are also the JSON report.

use std::collections::BTreeSet;

use hearback_checker::{Reason, State, Verdicts};
use hearback_contract::{Level, RequirementId, SPECIFICATION_VERSION, requirement};
use hearback_history::{History, MeasuredLag, OrphanedRoom, RunEnd, ScenarioName};
use serde::{Deserialize, Serialize};

use crate::authorization::Authorization;
use crate::changes::{Changes, ResponseTime, response_times};
use crate::contract::ContractOverlay;
use crate::coverage::Coverage;
use crate::durations::Durations;
use crate::exit_status::ExitStatus;
use crate::expectations::Expectations;
use crate::gate::{FlakyFindings, Gate};
use crate::group::{Evidence, Group};
use crate::outcome::{Counts, Outcome};
use crate::readings::{self, Answer, Pin};
use crate::reproduction::Scripts;
use crate::requirement::{FamilyResults, FindingResult, RequirementResult, Sources};
use crate::sequence::Exchanges;
use crate::shards::Shards;
use crate::traffic::Traffic;
use crate::waiver::{Waived, WaiverResult, WaiverState};

/// The version of the JSON report; it grows when a member is removed or changes its meaning.
pub const FORMAT: u32 = 1;

/// The results of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Results {
    /// The version of this format.
    pub format: u32,
    /// The version of hearback that recorded the run.
    pub hearback_version: String,
    /// The version of the specification that the target was tested against.
    pub specification_version: String,
    /// The overlay of the contract that the run was checked with, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractOverlay>,
    /// Name of the run, if the history has a beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The parts of the run that were executed, if it has parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shards: Option<Shards>,
    /// Base URL of the target, without credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Name of the machine that ran hearback, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Seed of everything random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Wall-clock time, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// Time from the beginning to the last recorded event, in milliseconds.
    pub duration_ms: u64,
    /// End of the run; `None` if the journal is truncated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<RunEnd>,
    /// The lowest level at which a broken requirement fails the run.
    pub fail_on: Level,
    /// The maximum number of gateway errors of the gate, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_gateway_errors: Option<u64>,
    /// Requirements that the gate accepts as untested.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_be_untested: Vec<String>,
    /// The effect of findings that not every repetition reproduces.
    #[serde(default)]
    pub flaky: FlakyFindings,
    /// The outcome of the run; decides the exit status.
    pub outcome: Outcome,
    /// The requirements that were tested, and why others were not.
    pub coverage: Coverage,
    /// Number of requirements by state.
    pub counts: Counts,
    /// The amount of traffic between hearback and the target.
    pub traffic: Traffic,
    /// The lag of reads behind writes, if it was noticed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag: Option<MeasuredLag>,
    /// Known deviations, each with its state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<WaiverResult>,
    /// The findings by probable cause, in the order of their impact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// The requirements that were checked, by family, in the order of the table.
    pub families: Vec<FamilyResults>,
    /// The authorization matrix, if any of its cells was exercised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization: Option<Authorization>,
    /// True if the run is incomplete when it does not show a pinned reading.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_pinned: bool,
    /// The answers of the target to open questions of the specification.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// Expectations of scenarios that belong to no requirement.
    #[serde(default, skip_serializing_if = "Expectations::is_empty")]
    pub expectations: Expectations,
    /// The changes since the baseline, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// Requirements that other shards test, or that the baseline did not test either.
    #[serde(skip)]
    pub accepted_untested: BTreeSet<String>,
    /// Scenarios that stopped in the baseline as well.
    #[serde(skip)]
    pub stopped_before: BTreeSet<ScenarioName>,
    /// The median response times of the operations with enough samples.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_times: Vec<ResponseTime>,
    /// Scenarios that stopped before their last step.
    pub stopped_scenarios: Vec<StoppedScenario>,
    /// Rooms that are or may be left at the target and need to be archived by hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orphaned_rooms: Vec<OrphanedRoom>,
}

/// A scenario that stopped before its last step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoppedScenario {
    /// Its name.
    pub scenario: ScenarioName,
    /// The reason, in words.
    pub reason: String,
    /// The reason why an earlier step had no effect, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Reason>,
}

impl StoppedScenario {
    /// The reason, and what kept an earlier step from having its effect.
    pub fn explanation(&self) -> String {
        match &self.cause {
            Some(cause) => format!("{} ({cause})", self.reason),
            None => self.reason.clone(),
        }
    }

    /// Returns whether the behavior of the target stopped it, as opposed to its network or its limits.
    pub fn is_by_target(&self) -> bool {
        !matches!(self.cause, Some(Reason::Throttled | Reason::TargetUnavailable))
    }
}

impl Results {
    /// The results of `history`, from which `verdicts` were made; the gate decides whether the run passes.
    pub fn new(history: &History, verdicts: &Verdicts, gate: impl Into<Gate>) -> Self {
        let gate = gate.into();
        let start = history.start.as_ref();
        let findings: Vec<_> =
            verdicts.verdicts.iter().flat_map(|verdict| &verdict.findings).collect();
        let sources = Sources {
            history,
            exchanges: Exchanges::of(history, &findings),
            scripts: Scripts::of(history, &findings),
            waived: Waived::new(history, &gate.waivers),
            durations: Durations::of_history(history),
        };
        // What a shard does not show, another one may.
        let is_part = !gate.is_whole && start.is_some_and(|start| start.shard.is_some());
        let mut waivers = sources.waived.results(&verdicts.verdicts);
        for waiver in waivers.iter_mut().filter(|it| is_part && it.state == WaiverState::Stale) {
            waiver.state = WaiverState::NotExercised;
        }
        let planned = history.planned.clone().unwrap_or_default();
        let elsewhere = RequirementId::all().filter(|id| is_part && !planned.contains(id));
        let families: Vec<_> = requirement::families()
            .iter()
            .map(|family| FamilyResults::of(family, verdicts, &sources))
            .filter(|family| !family.requirements.is_empty())
            .collect();
        let mut results = Self {
            format: FORMAT,
            hearback_version: start.map_or_else(
                || env!("CARGO_PKG_VERSION").to_owned(),
                |start| start.version.clone(),
            ),
            specification_version: start.map_or_else(
                || SPECIFICATION_VERSION.to_owned(),
                |start| start.specification.clone(),
            ),
            contract: ContractOverlay::in_force(),
            run: start.map(|start| start.run.clone()),
            shards: Shards::of(history),
            target: start.map(|start| start.target.clone()),
            host: start.and_then(|start| start.host.clone()),
            seed: start.map(|start| start.seed),
            started_at: start.map(|start| start.started_at.clone()),
            duration_ms: history.last.as_millis(),
            may_be_untested: gate.may_be_untested.iter().map(ToString::to_string).collect(),
            flaky: gate.flaky,
            outcome: Outcome::Unfinished,
            coverage: Coverage::default(),
            max_gateway_errors: gate.max_gateway_errors,
            end: history.end.clone(),
            fail_on: gate.fail_on,
            waivers,
            counts: Counts::default(),
            traffic: Traffic::of(history),
            lag: history.lag,
            groups: Vec::new(),
            families,
            authorization: Authorization::of(&verdicts.matrix),
            needs_pinned: gate.needs_pinned && !is_part,
            answers: readings::answers(history, &verdicts.readings, &gate.pinned),
            expectations: Expectations::of(history),
            changes: None,
            accepted_untested: elsewhere.map(|id| id.to_string()).collect(),
            stopped_before: BTreeSet::new(),
            response_times: response_times(history),
            stopped_scenarios: history
                .aborted_scenarios
                .iter()
                .map(|(scenario, reason)| StoppedScenario {
                    scenario: scenario.clone(),
                    reason: reason.clone(),
                    cause: (history.impediments.iter())
                        .find(|(impeded, _)| impeded == scenario)
                        .map(|(_, obstacle)| Reason::from(obstacle)),
                })
                .collect(),
            orphaned_rooms: history.orphaned_rooms(),
        };
        results.decide();
        results
    }

    /// Adds the results of a later part of the same run, which has the same gate.
    pub fn merge(&mut self, part: Self) {
        self.duration_ms = self.duration_ms.max(part.duration_ms);
        let rooms = part.orphaned_rooms;
        match part.end.is_some() {
            // The cleanup at the end of the run knows the state of every room.
            true => self.orphaned_rooms = rooms,
            false => self.orphaned_rooms.extend(rooms),
        }
        self.end = part.end;
        self.traffic += part.traffic;
        self.lag = self.lag.or(part.lag);
        for family in part.families {
            match self.families.iter_mut().find(|known| known.id == family.id) {
                Some(known) => known.merge(family),
                None => self.families.push(family),
            }
        }
        for (waiver, part) in self.waivers.iter_mut().zip(part.waivers) {
            waiver.state = waiver.state.merged(part.state);
        }
        self.authorization = match (self.authorization.take(), part.authorization) {
            (Some(mut known), Some(part)) => {
                known.merge(&part);
                Some(known)
            }
            (known, part) => known.or(part),
        };
        readings::merge(&mut self.answers, part.answers);
        self.stopped_scenarios.extend(part.stopped_scenarios);
        self.expectations.merge(part.expectations);
        // Medians of parts have no common interval; those with more samples are known better.
        for part in part.response_times {
            match self.response_times.iter_mut().find(|it| it.operation == part.operation) {
                Some(known) if known.samples < part.samples => *known = part,
                Some(_) => {}
                None => self.response_times.push(part),
            }
        }
        self.decide();
    }

    /// The exit status of the run.
    pub fn exit_status(&self) -> ExitStatus {
        self.outcome.into()
    }

    /// Returns whether the run finished.
    pub fn is_complete(&self) -> bool {
        self.end == Some(RunEnd::Completed)
    }

    /// Every requirement that was checked, in the order of the table.
    pub fn requirements(&self) -> impl Iterator<Item = &RequirementResult> {
        self.families.iter().flat_map(|family| &family.requirements)
    }

    /// The requirements in one state, in the order of the table.
    pub fn in_state(&self, state: State) -> impl Iterator<Item = &RequirementResult> {
        self.requirements().filter(move |requirement| requirement.state == state)
    }

    /// Ids of the requirements in a state that has reasons, grouped by the reason.
    pub fn by_reason(&self, state: State) -> Vec<(String, Vec<&str>)> {
        grouped(self.in_state(state).map(|entry| {
            let reason = entry.reason.as_ref().unwrap_or(&Reason::NothingObserved);
            (reason.to_string(), entry.id.as_str())
        }))
    }

    /// Names of the scenarios that stopped, grouped by the reason.
    pub fn stopped_by_reason(&self) -> Vec<(String, Vec<&str>)> {
        let stopped = self.stopped_scenarios.iter();
        grouped(stopped.map(|stopped| (stopped.explanation(), stopped.scenario.as_str())))
    }

    /// Returns whether a requirement fails the run: it is broken at or above the level of the gate, and neither waived,
    /// nor known from the baseline, nor accepted as flaky.
    pub fn is_failure(&self, requirement: &RequirementResult) -> bool {
        requirement.state == State::Broken
            && !requirement.is_excused()
            && requirement.level >= self.fail_on
            && (self.flaky == FlakyFindings::Fail || !requirement.is_flaky())
    }

    /// The broken requirements that are neither waived nor known from the baseline, by descending level.
    pub fn broken(&self) -> Vec<&RequirementResult> {
        let mut broken: Vec<_> =
            self.in_state(State::Broken).filter(|it| !it.is_excused()).collect();
        broken.sort_by_key(|requirement| std::cmp::Reverse(requirement.level));
        broken
    }

    /// The group with a finding of `requirement`, with its position.
    pub fn group_of(&self, requirement: &str) -> Option<(usize, &Group)> {
        let has = |group: &Group| group.members.iter().any(|it| it.requirement == requirement);
        self.groups.iter().enumerate().find(|(_, group)| has(group))
    }

    /// Number of pinned readings in a state.
    pub fn pins(&self, state: Pin) -> usize {
        self.answers.iter().filter(|answer| answer.pin() == Some(state)).count()
    }

    /// The finding that shows the cause of a group best, and its requirement.
    pub fn evidence(&self, group: &Group) -> Option<(&RequirementResult, &FindingResult)> {
        let Evidence { requirement, variant } = &group.evidence;
        let requirement = self.requirements().find(|it| it.id == *requirement)?;
        let finding = requirement.findings.iter().find(|it| it.variant == *variant)?;
        Some((requirement, finding))
    }

    /// The requirements whose findings a report shows: the broken ones, then those with findings that no repetition
    /// reproduced.
    pub fn violated(&self) -> Vec<&RequirementResult> {
        let mut violated = self.broken();
        let undecided = self.in_state(State::Undecided);
        violated.extend(undecided.filter(|it| !it.findings.is_empty() && !it.is_excused()));
        violated
    }
}

/// Groups names by their reason, in the order in which the reasons occur first.
fn grouped<'r, R: PartialEq>(pairs: impl Iterator<Item = (R, &'r str)>) -> Vec<(R, Vec<&'r str>)> {
    let mut by_reason: Vec<(R, Vec<&str>)> = Vec::new();
    for (reason, name) in pairs {
        match by_reason.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, names)) => names.push(name),
            None => by_reason.push((reason, vec![name])),
        }
    }
    by_reason
}

#[cfg(test)]
mod tests {
    use hearback_checker::check_history;
    use hearback_testkit::dsl;

    use super::*;
    use crate::fixtures;

    #[test]
    fn a_truncated_history_has_no_end() {
        let history = dsl::parse("alice rooms.list => 200 @page_of_rooms").unwrap();
        let results = Results::new(&history, &Verdicts::from_iter([]), Level::Must);
        assert_eq!(results.duration_ms, history.last.as_millis());
        assert_eq!(results.end, None);
        assert!(!results.is_complete());
    }

    #[test]
    fn parts_of_a_run_are_merged() {
        let text = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;
        let part = |text: &str| {
            let history = fixtures::history_of(text);
            Results::new(&history, &check_history(&history, |_| true), Level::Must)
        };
        let result = |results: &Results| {
            results.requirements().find(|it| it.id == "status/created").unwrap().clone()
        };
        let mut whole = part(text);
        let held = result(&whole).observations;
        whole.merge(part(""));
        assert_eq!((result(&whole).state, result(&whole).observations), (State::Held, held));
        assert_eq!(whole.counts, part(text).counts);
        whole.merge(part(&text.replace("201", "200")));
        whole.merge(part(&text.replace("201", "200")));
        let broken = result(&whole);
        assert_eq!((broken.state, broken.findings.len()), (State::Broken, 1));
        assert_eq!((broken.findings[0].count, broken.observations), (2, held * 3));
        assert_eq!(whole.outcome, Outcome::Broken);
        assert_eq!(whole.traffic.calls, 3);
    }
}
