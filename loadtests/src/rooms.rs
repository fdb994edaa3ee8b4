//! Making the rooms of a run, and putting them away.

use hearback_client::{Actor, Request};
use hearback_contract::{Operation, RoomId, UserId};
use hearback_history::ScenarioName;
use serde_json::json;

use crate::plan::Plan;

/// Rooms made at once.
const AT_ONCE: usize = 8;

/// A room that could not be made.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("room {number} of {all}, with {members} members, could not be made: {answer}")]
#[diagnostic(help("the rooms made before it are archived again"))]
pub struct NotMade {
    number: usize,
    all: usize,
    members: usize,
    answer: String,
}

/// A room at the target.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) id: RoomId,
    creator: Actor,
    /// What its traffic is recorded as.
    pub(crate) scenario: ScenarioName,
}

/// Makes every room of a plan, marked with the run's name; those made so far come back with an error.
pub(crate) async fn make(
    plan: &Plan,
    actors: &[Actor],
    run: &str,
    told: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Made>, (Vec<Made>, NotMade)> {
    let creators: Vec<&Actor> =
        actors.iter().filter(|actor| actor.account().creates_rooms).collect();
    let mut made: Vec<Made> = Vec::with_capacity(plan.rooms.len());
    for chunk in (0..plan.rooms.len()).collect::<Vec<_>>().chunks(AT_ONCE) {
        let attempts = chunk.iter().map(|number| {
            // Of its members, the first one who may; strangers only where none may.
            let members = &plan.members[plan.rooms[*number].members.clone()];
            let own = members.iter().map(|member| &actors[member.account]);
            let own = own.into_iter().find(|actor| actor.account().creates_rooms);
            let creator = own.unwrap_or(creators[number % creators.len()]);
            one(plan, actors, run, *number, creator)
        });
        let mut failed = None;
        for attempt in futures_util::future::join_all(attempts).await {
            match attempt {
                Ok(room) => made.push(room),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        if let Some(error) = failed {
            return Err((made, error));
        }
        told(made.len());
    }
    Ok(made)
}

async fn one(
    plan: &Plan,
    actors: &[Actor],
    run: &str,
    number: usize,
    creator: &Actor,
) -> Result<Made, NotMade> {
    let room = &plan.rooms[number];
    let scenario = ScenarioName::from(format!("load-{number}"));
    let mut ids: Vec<UserId> = plan.members[room.members.clone()]
        .iter()
        .map(|member| &actors[member.account])
        .filter(|actor| actor.name() != creator.name())
        .filter_map(Actor::user_id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let body = json!({
        "room_type": "group",
        "name": format!("hearback {run} load {number}"),
        "participant_ids": ids,
    });
    let response = creator.call(&scenario, Request::new(Operation::RoomsCreate).json(body)).await;
    match response.text_at("/id").filter(|_| response.is_success()) {
        Some(id) => Ok(Made { id: id.into(), creator: creator.clone(), scenario }),
        None => Err(NotMade {
            number: number + 1,
            all: plan.rooms.len(),
            members: room.members.len(),
            answer: response.describe_redacted(200, creator.client().recorder()),
        }),
    }
}

/// Archives rooms; what the target says to it changes nothing any more.
pub(crate) async fn archive(rooms: &[Made]) {
    for chunk in rooms.chunks(AT_ONCE) {
        let calls = chunk.iter().map(|room| async {
            let request = Request::new(Operation::RoomsArchive).path(room.id.as_str());
            room.creator.call(&room.scenario, request).await
        });
        let responses = futures_util::future::join_all(calls).await;
        if responses.iter().all(|response| response.failure.is_some()) {
            // The target is gone: the others would only wait for it as well.
            return;
        }
    }
}
