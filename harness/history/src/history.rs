//! The history of a run, ready to be checked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hearback_contract::{Operation, RequirementId, RoomId, UserId};

use crate::call::{Call, Interval};
use crate::connection::{Body, Connection};
use crate::expectation::RecordedExpectation;
use crate::lag::MeasuredLag;
use crate::names::{ActorName, ScenarioName};
use crate::nanoseconds::Nanoseconds;
use crate::obstacle::Obstacle;
use crate::repetition::Repetitions;
use crate::reproduction::Reproduction;
use crate::room_creation::OrphanedRoom;
use crate::run::{RunEnd, RunStart};

/// Length of a stall from which on it may change what a scenario sees; waits make up for shorter ones.
const LONG_STALL: Nanoseconds = Nanoseconds::from_millis(3_000);

/// The history of a run that ended or was cut off at any event.
#[derive(Debug, Default)]
pub struct History {
    /// The first event, if the journal has one.
    pub start: Option<RunStart>,
    /// Actors of the run, by name.
    pub actors: BTreeMap<ActorName, Actor>,
    /// All requests, in order of invocation.
    pub calls: Vec<Call>,
    /// All connections, in order of the handshake.
    pub connections: Vec<Connection>,
    /// Contents of all frames, without duplicates.
    pub bodies: Vec<Arc<Body>>,
    /// Scenarios that began, in order.
    pub scenarios: Vec<ScenarioName>,
    /// Times at which the audits of scenarios began.
    pub audits: BTreeMap<ScenarioName, Nanoseconds>,
    /// The times of the scenarios that began, in order.
    pub scenario_times: Vec<ScenarioTime>,
    /// Scenarios that could not be run to the end, each with the reason.
    pub aborted_scenarios: Vec<(ScenarioName, String)>,
    /// Scenarios that the target or the accounts cannot run, each with what they lack.
    pub skipped_scenarios: Vec<(ScenarioName, String)>,
    /// Requirements that scenarios which began should exercise; `None` if the journal does not state them.
    pub planned: Option<BTreeSet<RequirementId>>,
    /// Obstacles that kept scenarios from exercising their requirements.
    pub impediments: Vec<(ScenarioName, Obstacle)>,
    /// Requirements that a scenario could not exercise, each with the reason.
    pub not_exercised: Vec<(RequirementId, Obstacle)>,
    /// Rooms that existed before the run and that the target returned for a creation.
    pub existing_rooms: BTreeSet<RoomId>,
    /// Rooms that the run left behind, as its cleanup verified; `None` if the cleanup did not end.
    pub left_rooms: Option<Vec<OrphanedRoom>>,
    /// Expectations of scenarios, in the order in which they were checked.
    pub expectations: Vec<RecordedExpectation>,
    /// The lag of reads behind writes, if it was noticed.
    pub lag: Option<MeasuredLag>,
    /// Times in which hearback itself did not run.
    pub stalls: Vec<Interval>,
    /// Repetitions of violations.
    pub repetitions: Vec<Repetitions>,
    /// Results of shrinking violations.
    pub reproductions: Vec<Reproduction>,
    /// The last event; `None` if the journal was cut off.
    pub end: Option<RunEnd>,
    /// Time of the last recorded event.
    pub last: Nanoseconds,
}

/// The time that a scenario took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioTime {
    /// Name of the scenario.
    pub scenario: ScenarioName,
    /// Requirements that it should exercise.
    pub requirements: Vec<RequirementId>,
    /// Time of its beginning.
    pub began: Nanoseconds,
    /// Time of its end; that of its beginning if the journal ends before it.
    pub ended: Nanoseconds,
}

impl ScenarioTime {
    /// Time from its beginning to its end.
    pub fn duration(&self) -> Nanoseconds {
        self.ended - self.began
    }
}

/// An actor of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Name with which it logs in.
    pub name: ActorName,
    /// User id at the target, if known.
    pub user_id: Option<UserId>,
    /// Username in responses of the target, if known.
    pub username: Option<String>,
}

impl History {
    /// Calls of one operation, in order of invocation.
    pub fn calls_of(&self, operation: Operation) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(move |call| call.operation() == Some(operation))
    }

    /// User id of an actor, if known.
    pub fn user_id(&self, actor: &ActorName) -> Option<UserId> {
        self.actors.get(actor)?.user_id
    }

    /// Username of an actor in responses of the target, if known.
    pub fn username(&self, actor: &ActorName) -> Option<&str> {
        self.actors.get(actor)?.username.as_deref()
    }

    /// The reproduction of a finding, if one was attempted, unless its scenario did not show the finding again.
    pub fn reproduction(&self, requirement: RequirementId, variant: &str) -> Option<&Reproduction> {
        self.reproductions.iter().find(|it| {
            let is_shown = it.reproduced > 0 || it.repetitions == 0;
            it.requirement == requirement && it.variant == variant && is_shown
        })
    }

    /// Returns whether hearback itself stalled during a scenario for long, so that it saw late what the target did.
    ///
    /// Requests outside of scenarios count as stalled if there was any long stall.
    pub fn is_stalled(&self, scenario: &ScenarioName) -> bool {
        let long = |stall: &&Interval| stall.returned.saturating_sub(stall.invoked) >= LONG_STALL;
        let stalls: Vec<_> = self.stalls.iter().filter(long).collect();
        if stalls.is_empty() {
            return false;
        }
        let mut times = self.scenario_times.iter().filter(|it| it.scenario == *scenario).peekable();
        times.peek().is_none()
            || times.any(|time| {
                let has_ended = time.ended > time.began;
                let returned = if has_ended { time.ended } else { Nanoseconds::MAX };
                let meanwhile = Interval { invoked: time.began, returned };
                stalls.iter().any(|stall| stall.overlaps(meanwhile))
            })
    }

    /// Timeout for one response; zero if the journal has no first event.
    pub fn timeout(&self) -> Nanoseconds {
        self.start.as_ref().map_or(Nanoseconds::ZERO, RunStart::timeout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_during_a_stall_are_stalled() {
        let seconds = |number: u64| Nanoseconds::from_millis(number * 1_000);
        let time = |name: &str, began, ended| ScenarioTime {
            scenario: name.into(),
            requirements: Vec::new(),
            began: seconds(began),
            ended: seconds(ended),
        };
        let mut history = History {
            scenario_times: vec![
                time("before", 1, 4),
                time("partly", 2, 6),
                time("interrupted", 3, 3),
                time("after", 10, 12),
                time("later", 13, 13),
            ],
            ..History::default()
        };
        assert!(!history.is_stalled(&"partly".into()));
        let brief = Interval { invoked: seconds(1), returned: seconds(3) };
        history.stalls.push(brief);
        assert!(!history.is_stalled(&"partly".into()), "waits make up for it");
        let stall = Interval { invoked: seconds(5), returned: seconds(9) };
        history.stalls.push(stall);
        for (name, is_stalled) in [
            ("before", false),
            ("partly", true),
            ("interrupted", true),
            ("after", false),
            ("later", false),
            ("outside", true),
        ] {
            assert_eq!(history.is_stalled(&name.into()), is_stalled, "{name}");
        }
    }
}
