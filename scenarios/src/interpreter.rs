//! Runs one scenario against a target.

mod audit;
mod context;
mod expectations;
mod requests;
mod saving;
mod sockets;
mod steps;

use std::sync::Arc;
use std::time::Duration;

use hearback_client::{Actor, Request};
use hearback_contract::{Operation, RequirementId};
use hearback_history::{EventKind, Obstacle, Recorder, ScenarioEnd, ScenarioName, synthetic_ids};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::scenario::{RoomKind, Scenario};
use crate::template::Variables;

use context::{ScenarioContext, Stop};

/// The accounts and fixtures of a target that scenarios use.
#[derive(Clone, Debug)]
pub struct Actors {
    /// Every actor, in the order of the accounts file.
    pub actors: Vec<Actor>,
    /// Id of a task at the target.
    pub task: Option<i64>,
    /// Id of a property at the target.
    pub property: Option<i64>,
}

/// Runs scenarios against one target.
#[derive(Clone)]
pub struct Interpreter {
    recorder: Arc<Recorder>,
    actors: Arc<Actors>,
    run: String,
    seed: u64,
    timeout: Duration,
    /// Maximum time that a scenario may wait for its own sake; unlimited if `None`.
    longest_wait: Option<Duration>,
    cancellation: CancellationToken,
}

impl Interpreter {
    /// An interpreter for the run with name `run`; cancellation interrupts the current step.
    pub fn new(
        recorder: Arc<Recorder>,
        actors: Actors,
        run: String,
        seed: u64,
        timeout: Duration,
        cancellation: CancellationToken,
    ) -> Self {
        Self {
            recorder,
            actors: Arc::new(actors),
            run,
            seed,
            timeout,
            longest_wait: None,
            cancellation,
        }
    }

    /// Runs one scenario and archives the rooms that it created.
    ///
    /// `index` distributes the scenarios of a run over the accounts, so that rooms do not accumulate in a
    /// single account.
    pub async fn run(&self, scenario: &Scenario, index: usize) -> ScenarioEnd {
        let name = scenario.name.clone();
        let is_too_long = self.longest_wait.is_some_and(|longest| scenario.waits() > longest);
        let actors = match is_too_long {
            true => Err(Obstacle::WaitBudget),
            false => self.assign_actors(scenario, index),
        };
        let roles = actors.as_deref().unwrap_or_default().iter();
        let names = roles.map(|(role, actor)| (role.clone(), actor.name().clone())).collect();
        let planned = if scenario.is_random() { &[][..] } else { &scenario.requirements };
        self.recorder.record(EventKind::ScenarioStarted {
            scenario: name.clone(),
            actors: names,
            requirements: Some(planned.to_vec()),
        });
        let (stopped, impediment) = match actors {
            Ok(actors) => self.run_with(scenario, actors).await,
            Err(obstacle) => (Err(Stop::obstacle(obstacle)), None),
        };
        // Reported only for requirements that no other scenario exercises.
        let end = match stopped {
            Ok(end) => {
                // The target rightly closes the sockets of former members and of outsiders.
                if end == ScenarioEnd::Completed
                    && let Some(obstacle) = &impediment
                    && !matches!(obstacle, Obstacle::SocketClosed(_))
                {
                    self.record_not_exercised(&scenario.requirements, obstacle);
                }
                end
            }
            Err(Stop::Unsupported { obstacle, detail }) => {
                self.record_not_exercised(&scenario.requirements, &obstacle);
                let reason = Stop::Unsupported { obstacle, detail }.to_string();
                ScenarioEnd::Skipped { reason }
            }
            Err(stop @ Stop::Failed { .. }) => {
                let reason = stop.to_string();
                let cause = impediment.clone().unwrap_or_else(|| Obstacle::Other(reason.clone()));
                self.record_not_exercised(&scenario.requirements, &cause);
                ScenarioEnd::Aborted { reason }
            }
        };
        if let Some(obstacle) = impediment {
            let scenario = name.clone();
            self.recorder.record(EventKind::ScenarioImpeded { scenario, obstacle });
        }
        self.recorder.record(EventKind::ScenarioEnded { scenario: name, end: end.clone() });
        end
    }

    /// The same interpreter, which does not run scenarios that wait longer.
    #[must_use]
    pub fn with_longest_wait(self, longest_wait: Option<Duration>) -> Self {
        Self { longest_wait, ..self }
    }

    /// The same interpreter with another cancellation.
    #[must_use]
    pub fn with_cancellation(&self, cancellation: CancellationToken) -> Self {
        Self { cancellation, ..self.clone() }
    }

    /// Interrupts scenarios.
    pub fn cancellation(&self) -> &CancellationToken {
        &self.cancellation
    }

    /// Returns whether scenarios are interrupted.
    pub fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }

    /// Records the reason why requirements were not exercised by a scenario.
    pub fn record_not_exercised(&self, requirements: &[RequirementId], reason: &Obstacle) {
        for requirement in requirements {
            let reason = reason.clone();
            self.recorder.record(EventKind::NotExercised { requirement: *requirement, reason });
        }
    }

    /// Assigns an account to each role of the scenario; the first role gets one that can create rooms.
    ///
    /// Accounts that shared a direct room before the run are avoided, since a new direct room needs others.
    fn assign_actors(
        &self,
        scenario: &Scenario,
        index: usize,
    ) -> Result<Vec<(String, Actor)>, Obstacle> {
        let actors = &self.actors.actors;
        let needed = scenario.actors.len();
        if actors.len() < needed {
            return Err(Obstacle::TooFewAccounts { needed });
        }
        let rotated: Vec<&Actor> =
            (0..actors.len()).map(|offset| &actors[(index + offset) % actors.len()]).collect();
        let creators: Vec<usize> = (0..actors.len())
            .filter(|position| rotated[*position].account().creates_rooms)
            .collect();
        let Some(first) = creators.first() else {
            return Err(Obstacle::NoRoomCreator);
        };
        let unrelated = creators.iter().find_map(|creator| unrelated(&rotated, *creator, needed));
        let chosen = match unrelated {
            Some(chosen) => chosen,
            None if scenario.room == RoomKind::Direct => return Err(Obstacle::SharedRoom),
            None => {
                let others = (0..actors.len()).filter(|position| position != first);
                std::iter::once(*first).chain(others).take(needed).collect()
            }
        };
        let chosen = chosen.into_iter().map(|position| rotated[position].clone());
        Ok(scenario.actors.iter().cloned().zip(chosen).collect())
    }

    async fn run_with(
        &self,
        scenario: &Scenario,
        actors: Vec<(String, Actor)>,
    ) -> (Result<ScenarioEnd, Stop>, Option<Obstacle>) {
        let context = ScenarioContext::new(
            scenario,
            actors,
            self.variables(scenario),
            self.run.clone(),
            self.seed,
            self.timeout,
        );
        let steps = async {
            self.create_room(scenario, &context).await?;
            context.run(&scenario.steps).await?;
            // Generated cases change little, and there are many.
            if context.impediment().is_none() && !scenario.is_generated() {
                context.audit().await;
            }
            Ok(())
        };
        let end = tokio::select! {
            result = steps => result.map(|()| ScenarioEnd::Completed),
            () = self.cancellation.cancelled() => Ok(ScenarioEnd::Interrupted),
        };
        let impediment = context.impediment();
        context.clean_up(self.cancellation.is_cancelled()).await;
        (end, impediment)
    }

    fn variables(&self, scenario: &Scenario) -> Variables {
        let mut variables = Variables::new();
        variables.insert("run".to_owned(), json!(self.run));
        let name = scenario.name.as_str();
        let n = name.bytes().fold(0_u64, |n, byte| n.wrapping_mul(131).wrapping_add(byte.into()));
        let unknown = json!({"uuid": synthetic_ids::uuid(n), "number": synthetic_ids::NUMBER});
        variables.insert("unknown".to_owned(), unknown);
        variables.extend(self.actors.task.map(|task| ("task".to_owned(), json!(task))));
        variables.extend(self.actors.property.map(|id| ("property".to_owned(), json!(id))));
        variables.extend(scenario.variables.clone());
        variables
    }

    /// Creates the room that exists when the scenario begins, if any.
    async fn create_room(
        &self,
        scenario: &Scenario,
        context: &ScenarioContext,
    ) -> Result<(), Stop> {
        let room_type = match scenario.room {
            RoomKind::None => return Ok(()),
            RoomKind::Group => "group",
            RoomKind::Direct => "direct",
        };
        let mut members = Vec::new();
        for member in &scenario.members {
            members.push(context.user_id(member)?);
        }
        let mut body = json!({"room_type": room_type, "participant_ids": members});
        if scenario.room == RoomKind::Group {
            body["name"] = Value::from(room_name(&self.run, &scenario.name));
        }
        let request = Request::new(Operation::RoomsCreate).json(body);
        let response = context.call(&scenario.actors[0], request).await?;
        match response.json.clone().filter(|_| response.is_success()) {
            Some(room) => {
                context.save("room", room);
                Ok(())
            }
            None => {
                let failure = response.shortcoming();
                Err(Stop::failed(format!("cannot create the room: rooms.create {failure}")))
            }
        }
    }
}

/// Positions of `needed` accounts, the first of which is the creator, of which no two shared a direct room.
fn unrelated(accounts: &[&Actor], creator: usize, needed: usize) -> Option<Vec<usize>> {
    let mut chosen = vec![creator];
    for position in 0..accounts.len() {
        let shares = |other: &usize| {
            let [one, other] = [accounts[position], accounts[*other]];
            one.client().ownership().share_a_room(one.name(), other.name())
        };
        if chosen.len() < needed && position != creator && !chosen.iter().any(shares) {
            chosen.push(position);
        }
    }
    (chosen.len() >= needed).then_some(chosen)
}

/// The name of a room, which identifies run and scenario in case the room is orphaned.
fn room_name(run: &str, scenario: &ScenarioName) -> String {
    format!("hearback {run} {scenario}")
}
