//! The record of a finished run: the JSON report itself, and what every other format is made of.

use std::ops::Deref;

use hearback_checker::{Finding, State, Verdict, Verdicts, matrix};
use hearback_contract::requirement::{self, Family};
use hearback_contract::{Level, Requirement, SPECIFICATION_VERSION};
use hearback_history::{FrameDirection, History, OrphanedRoom, Outcome as CallOutcome};
use serde::{Deserialize, Serialize};

use crate::authorization::Authorization;
use crate::outcome::{Counts, End, Outcome};
use crate::sequence::{Scripts, Sequence};
use crate::waiver::{Excuses, Gate, WaiverRecord};

/// The version of the record's own shape; it grows when a member changes its meaning or goes.
pub const FORMAT: u32 = 1;

/// Everything that is told of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The version of this shape.
    pub format: u32,
    /// The version of hearback that made the run.
    pub hearback_version: String,
    /// The version of the document that it was held against.
    pub document_version: String,
    /// Name of the run, where the history has a beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// Base URL of the target, without credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Seed of everything random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Wall-clock time, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// From the beginning to the last recorded event, in milliseconds.
    pub duration_ms: u64,
    /// How the run ended.
    pub end: End,
    /// The lowest level at which a broken requirement fails the run.
    pub fail_on: Level,
    /// What comes of it all.
    pub outcome: Outcome,
    /// How many requirements are in which state.
    pub counts: Counts,
    /// How much passed between hearback and the target.
    pub traffic: Traffic,
    /// Known deviations, and what came of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<WaiverRecord>,
    /// The judged requirements by family, in the order of the table.
    pub families: Vec<FamilyRecord>,
    /// Who was seen to be allowed what, if any of it was exercised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization: Option<Authorization>,
    /// Scripts that could not be carried out to the end.
    pub stopped_scenarios: Vec<StoppedScenario>,
    /// Rooms that are still at the target, or may be; somebody has to put them away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orphaned_rooms: Vec<OrphanedRoom>,
}

/// Numbers of what passed between hearback and the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Requests, repeated ones included.
    pub calls: u64,
    /// Requests that the target throttled instead of handling them.
    pub throttled: u64,
    /// Socket frames to the target.
    pub frames_sent: u64,
    /// Socket frames from the target.
    pub frames_received: u64,
    /// Handshakes, refused ones included.
    pub connections: u64,
}

/// The judged requirements of one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyRecord {
    /// The part of the ids before the slash.
    pub id: String,
    /// Its subject, in words.
    pub title: String,
    /// Its judged requirements; at least one.
    pub requirements: Vec<RequirementRecord>,
}

/// A requirement and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementRecord {
    /// Stable name, `family/name`.
    pub id: String,
    /// How binding it is.
    pub level: Level,
    /// Heading of the document.
    pub section: String,
    /// What it rests on.
    pub basis: Basis,
    /// The requirement itself, one sentence.
    pub statement: String,
    /// The answer.
    pub state: State,
    /// How many observations were checked; never zero when held.
    pub observations: u64,
    /// Whether it is broken, and waivers excuse all of its findings.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waived: bool,
    /// Causes, if broken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingRecord>,
    /// Why nothing can be said, if nothing can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A variant of a broken requirement, and what happened around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRecord {
    /// What the judge says of it.
    #[serde(flatten)]
    pub finding: Finding,
    /// Who did and saw what around it, where the record shows that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<Sequence>,
}

impl Deref for FindingRecord {
    type Target = Finding;

    fn deref(&self) -> &Finding {
        &self.finding
    }
}

/// What a requirement rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The document's own words or example.
    Quote(String),
    /// Why it is asked although the document does not say it.
    Reason(String),
}

/// A scenario that could not be carried out to the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoppedScenario {
    /// Its name.
    pub scenario: String,
    /// Why.
    pub reason: String,
}

impl RunRecord {
    /// The record of `history`, of which `verdicts` was made; the gate decides what fails the run.
    pub fn new(history: &History, verdicts: &Verdicts, gate: impl Into<Gate>) -> Self {
        let gate = gate.into();
        let start = history.start.as_ref();
        let end = End::from(history.end.as_ref());
        let excuses = Excuses::new(history, &gate.waivers);
        let counts = Counts::of(verdicts, |verdict| excuses.cover(verdict));
        let waivers = excuses.records(&verdicts.verdicts);
        let findings: Vec<_> =
            verdicts.verdicts.iter().flat_map(|verdict| &verdict.findings).collect();
        let scenarios = Scripts::of(history, &findings);
        Self {
            format: FORMAT,
            hearback_version: start.map_or_else(
                || env!("CARGO_PKG_VERSION").to_owned(),
                |start| start.version.clone(),
            ),
            document_version: start
                .map_or_else(|| SPECIFICATION_VERSION.to_owned(), |start| start.document.clone()),
            run: start.map(|start| start.run.clone()),
            target: start.map(|start| start.target.clone()),
            seed: start.map(|start| start.seed),
            started_at: start.map(|start| start.started_at.clone()),
            duration_ms: history.last / 1_000_000,
            outcome: Outcome::of(counts, &waivers, gate.fail_on, &end),
            end,
            fail_on: gate.fail_on,
            waivers,
            counts,
            traffic: Traffic::of(history),
            families: requirement::families()
                .iter()
                .map(|family| FamilyRecord::of(family, verdicts, &scenarios, &excuses))
                .filter(|family| !family.requirements.is_empty())
                .collect(),
            authorization: Authorization::of(&matrix(history)),
            stopped_scenarios: history
                .stopped
                .iter()
                .map(|(scenario, reason)| StoppedScenario {
                    scenario: scenario.to_string(),
                    reason: reason.clone(),
                })
                .collect(),
            orphaned_rooms: history.orphaned_rooms(),
        }
    }

    /// What the process ends with; see [`Outcome::exit_code`].
    pub fn exit_code(&self) -> u8 {
        self.outcome.exit_code()
    }

    /// Every judged requirement, in the order of the table.
    pub fn requirements(&self) -> impl Iterator<Item = &RequirementRecord> {
        self.families.iter().flat_map(|family| &family.requirements)
    }

    /// The requirements in one state, in the order of the table.
    pub fn in_state(&self, state: State) -> impl Iterator<Item = &RequirementRecord> {
        self.requirements().filter(move |requirement| requirement.state == state)
    }

    /// Ids of the requirements in a state that has reasons, by the reason.
    pub(crate) fn by_reason(&self, state: State) -> Vec<(&str, Vec<&str>)> {
        grouped(self.in_state(state).map(|entry| {
            (entry.reason.as_deref().unwrap_or("no reason is given"), entry.id.as_str())
        }))
    }

    /// Names of the scenarios that stopped, by the reason.
    pub(crate) fn stopped_by_reason(&self) -> Vec<(&str, Vec<&str>)> {
        let stopped = self.stopped_scenarios.iter();
        grouped(stopped.map(|stopped| (stopped.reason.as_str(), stopped.scenario.as_str())))
    }

    /// The broken requirements that no waiver excuses, the most binding first.
    pub fn broken(&self) -> Vec<&RequirementRecord> {
        let mut broken: Vec<_> = self.in_state(State::Broken).filter(|it| !it.waived).collect();
        broken.sort_by_key(|requirement| std::cmp::Reverse(requirement.level));
        broken
    }
}

/// What has the same reason together, in the order in which the reasons came.
fn grouped<'r>(pairs: impl Iterator<Item = (&'r str, &'r str)>) -> Vec<(&'r str, Vec<&'r str>)> {
    let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
    for (reason, name) in pairs {
        match by_reason.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, names)) => names.push(name),
            None => by_reason.push((reason, vec![name])),
        }
    }
    by_reason
}

impl std::ops::AddAssign for Traffic {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.throttled += other.throttled;
        self.frames_sent += other.frames_sent;
        self.frames_received += other.frames_received;
        self.connections += other.connections;
    }
}

impl Traffic {
    fn of(history: &History) -> Self {
        let mut traffic = Self {
            calls: history.calls.len() as u64,
            connections: history.connections.len() as u64,
            ..Self::default()
        };
        for call in &history.calls {
            if let CallOutcome::Response { throttled_s: Some(_), .. } = call.outcome {
                traffic.throttled += 1;
            }
        }
        for frame in history.connections.iter().flat_map(|connection| &connection.frames) {
            match frame.direction {
                FrameDirection::Sent => traffic.frames_sent += 1,
                FrameDirection::Received => traffic.frames_received += 1,
            }
        }
        traffic
    }
}

impl FamilyRecord {
    fn of(
        family: &Family,
        verdicts: &Verdicts,
        scenarios: &Scripts<'_>,
        excuses: &Excuses<'_>,
    ) -> Self {
        let verdicts = verdicts.verdicts.iter();
        Self {
            id: family.id.to_string(),
            title: family.title.to_owned(),
            requirements: verdicts
                .filter(|verdict| verdict.requirement.family() == family.id)
                .map(|verdict| RequirementRecord::of(verdict, scenarios, excuses.cover(verdict)))
                .collect(),
        }
    }

    /// The number of its requirements in one state.
    pub fn count(&self, state: State) -> usize {
        self.requirements.iter().filter(|requirement| requirement.state == state).count()
    }
}

impl RequirementRecord {
    fn of(verdict: &Verdict, scenarios: &Scripts<'_>, waived: bool) -> Self {
        let requirement = verdict.requirement.requirement();
        Self {
            id: requirement.id.to_string(),
            level: requirement.level,
            section: requirement.section.to_owned(),
            basis: Basis::from(requirement),
            statement: requirement.statement.to_owned(),
            state: verdict.state,
            observations: verdict.observations,
            waived,
            findings: verdict
                .findings
                .iter()
                .map(|finding| FindingRecord {
                    finding: finding.clone(),
                    sequence: scenarios.around(finding),
                })
                .collect(),
            reason: verdict.reason.clone(),
        }
    }
}

impl From<&Requirement> for Basis {
    fn from(requirement: &Requirement) -> Self {
        match requirement.quote {
            Some(quote) => Self::Quote(quote.to_owned()),
            None => Self::Reason(requirement.reason.unwrap_or_default().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn traffic_is_counted_both_ways() {
        let history = hearback_testkit::dsl::parse(
            r#"
            alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}
            bob@r1 open
            bob@r1 -> {"type": "typing", "is_typing": true}
            bob@r1 <- @typing {"user_id": 1}
            "#,
        )
        .unwrap();
        let verdicts = Verdicts { verdicts: Vec::new() };
        let record = RunRecord::new(&history, &verdicts, Level::Must);
        let expected =
            Traffic { calls: 1, throttled: 0, frames_sent: 1, frames_received: 2, connections: 1 };
        assert_eq!(record.traffic, expected);
        assert_eq!(record.duration_ms, history.last / 1_000_000);
        assert_eq!(record.end, End::Unknown);
    }

    #[test]
    fn counts_and_families_leave_nothing_out() {
        let record = fixtures::broken();
        let counts = record.counts;
        assert_eq!(
            (counts.held, counts.broken, counts.not_exercised, counts.undecided),
            (5, 2, 3, 2)
        );
        assert_eq!(record.requirements().count(), 12);
        assert!(record.families.iter().all(|family| !family.requirements.is_empty()));
        assert_eq!(record.broken()[0].level, Level::Must);
    }

    #[test]
    fn a_record_read_back_is_the_same() {
        for record in fixtures::all() {
            let json = serde_json::to_string(&record).unwrap();
            assert_eq!(serde_json::from_str::<RunRecord>(&json).unwrap(), record);
        }
    }
}
