//! Carrying out scenarios.

mod expecting;
mod sockets;
mod stage;

use std::sync::Arc;
use std::time::Duration;

use hearback_client::{Actor, Request};
use hearback_contract::{Operation, RequirementId};
use hearback_history::{EventKind, Recorder, ScenarioEnd, ScenarioName, synthetic_ids};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::scenario::{RoomKind, Scenario};
use crate::template::Variables;

use stage::{Stage, Stop};

/// The accounts that scenarios are given, and what exists at the target beside them.
#[derive(Clone, Debug)]
pub struct Actors {
    /// Everybody, in the order of the accounts file; who may create rooms is known to the account.
    pub actors: Vec<Actor>,
    /// Id of a task at the target.
    pub task: Option<i64>,
    /// Id of a property at the target.
    pub property: Option<i64>,
}

/// Carries out scenarios against one target.
#[derive(Clone)]
pub struct Interpreter {
    recorder: Arc<Recorder>,
    cast: Arc<Actors>,
    run: String,
    seed: u64,
    timeout: Duration,
    cancellation: CancellationToken,
}

impl Interpreter {
    /// An interpreter for the run called `run`; it stops at the current step once `cancellation` is cancelled.
    pub fn new(
        recorder: Arc<Recorder>,
        cast: Actors,
        run: String,
        seed: u64,
        timeout: Duration,
        cancellation: CancellationToken,
    ) -> Self {
        Self { recorder, cast: Arc::new(cast), run, seed, timeout, cancellation }
    }

    /// Carries out one scenario, and archives the rooms that it made.
    ///
    /// `turn` spreads the scenarios of a run over the accounts, so that nobody is in all rooms.
    pub async fn perform(&self, scenario: &Scenario, turn: usize) -> ScenarioEnd {
        let name = scenario.name.clone();
        let actors = self.cast_for(scenario, turn);
        let roles = actors.as_deref().unwrap_or_default().iter();
        let names = roles.map(|(role, actor)| (role.clone(), actor.name().clone())).collect();
        self.recorder.record(EventKind::ScenarioStarted { scenario: name.clone(), actors: names });
        let end = match actors {
            Ok(actors) => self.play(scenario, actors).await,
            Err(reason) => ScenarioEnd::Skipped { reason },
        };
        if let ScenarioEnd::Aborted { reason } | ScenarioEnd::Skipped { reason } = &end {
            // Reported only for requirements that no other scenario exercises.
            self.not_exercised(&scenario.requirements, reason);
        }
        self.recorder.record(EventKind::ScenarioEnded { scenario: name, end: end.clone() });
        end
    }

    fn not_exercised(&self, requirements: &[RequirementId], reason: &str) {
        for requirement in requirements {
            let reason = reason.to_owned();
            self.recorder.record(EventKind::NotExercised { requirement: *requirement, reason });
        }
    }

    /// Gives each role of the scenario an account of its own; the first gets one that may create rooms.
    fn cast_for(&self, scenario: &Scenario, turn: usize) -> Result<Vec<(String, Actor)>, String> {
        let actors = &self.cast.actors;
        let needed = scenario.actors.len();
        if actors.len() < needed {
            return Err(format!("it needs {needed} accounts, and there are {}", actors.len()));
        }
        let rotated = |offset: usize| &actors[(turn + offset) % actors.len()];
        let creator = (0..actors.len())
            .find(|offset| rotated(*offset).account().creates_rooms)
            .ok_or("no account may create rooms")?;
        let others = (0..actors.len()).filter(|offset| *offset != creator);
        let order = std::iter::once(creator).chain(others);
        Ok(scenario
            .actors
            .iter()
            .cloned()
            .zip(order.map(|offset| rotated(offset).clone()))
            .collect())
    }

    async fn play(&self, scenario: &Scenario, actors: Vec<(String, Actor)>) -> ScenarioEnd {
        let stage = Stage::new(
            scenario,
            actors,
            self.variables(scenario),
            self.run.clone(),
            self.seed,
            self.timeout,
        );
        let performance = async {
            self.open(scenario, &stage).await?;
            stage.perform(&scenario.steps).await
        };
        let end = tokio::select! {
            result = performance => match result {
                Ok(()) => ScenarioEnd::Completed,
                Err(Stop::Failed(reason)) => ScenarioEnd::Aborted { reason },
                Err(Stop::NotPossible(reason)) => ScenarioEnd::Skipped { reason },
            },
            () = self.cancellation.cancelled() => ScenarioEnd::Interrupted,
        };
        stage.clean_up().await;
        end
    }

    fn variables(&self, scenario: &Scenario) -> Variables {
        let mut variables = Variables::new();
        variables.insert("run".to_owned(), json!(self.run));
        let name = scenario.name.as_str();
        let n = name.bytes().fold(0_u64, |n, byte| n.wrapping_mul(131).wrapping_add(byte.into()));
        let unknown = json!({"uuid": synthetic_ids::uuid(n), "number": synthetic_ids::NUMBER});
        variables.insert("unknown".to_owned(), unknown);
        variables.extend(self.cast.task.map(|task| ("task".to_owned(), json!(task))));
        variables.extend(self.cast.property.map(|id| ("property".to_owned(), json!(id))));
        variables.extend(scenario.variables.clone());
        variables
    }

    /// Makes the room that the scenario begins with.
    async fn open(&self, scenario: &Scenario, stage: &Stage) -> Result<(), Stop> {
        let room_type = match scenario.room {
            RoomKind::None => return Ok(()),
            RoomKind::Group => "group",
            RoomKind::Direct => "direct",
        };
        let mut members = Vec::new();
        for member in &scenario.members {
            members.push(stage.user_id(member)?);
        }
        let mut body = json!({"room_type": room_type, "participant_ids": members});
        if scenario.room == RoomKind::Group {
            body["name"] = Value::from(room_name(&self.run, &scenario.name));
        }
        let request = Request::new(Operation::RoomsCreate).json(body);
        let response = stage.call(&scenario.actors[0], request).await?;
        match response.json.clone().filter(|_| response.is_success()) {
            Some(_) if room_type == "direct" && response.status == Some(200) => {
                Err(Stop::NotPossible("the direct room was there before this run".to_owned()))
            }
            Some(room) => {
                stage.save("room", room);
                Ok(())
            }
            None => {
                let why = response.shortcoming();
                Err(Stop::Failed(format!("its room could not be made: rooms.create {why}")))
            }
        }
    }
}

/// The name of a room: it says whose it is, should it ever be left behind.
fn room_name(run: &str, scenario: &ScenarioName) -> String {
    format!("hearback {run} {scenario}")
}
