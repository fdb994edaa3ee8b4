//! Creates the rooms of a load run.

use futures_util::future::join_all;
use hearback_client::{Actor, CreatedRoom, Creation, Request, RoomRegistry};
use hearback_contract::{Operation, UserId};
use hearback_history::ScenarioName;
use hearback_loadtests::Plan;
use serde_json::json;

use crate::context::Context;
use crate::error::RunError;
use crate::event::Event;

/// Rooms created at the same time.
const CONCURRENCY: usize = 8;

/// Longest response in an error, in characters.
const LONGEST_RESPONSE: usize = 200;

/// The scenario under which the traffic of a room is recorded.
pub(super) fn scenario(number: usize) -> ScenarioName {
    ScenarioName::from(format!("load-{number}"))
}

/// Creates every room of a plan, in its order; their names contain the run's.
///
/// Ends early, with fewer rooms, if the run is cancelled.
///
/// # Errors
/// At the first room that cannot be created. The registry has those created until then.
pub(super) async fn create(
    plan: &Plan,
    actors: &[Actor],
    run: &str,
    registry: &RoomRegistry,
    context: &Context,
) -> Result<Vec<CreatedRoom>, RunError> {
    let creators: Vec<&Actor> =
        actors.iter().filter(|actor| actor.account().creates_rooms).collect();
    let all = plan.rooms.len();
    let mut created = Vec::with_capacity(all);
    for chunk in (0..all).collect::<Vec<_>>().chunks(CONCURRENCY) {
        if context.is_cancelled() {
            break;
        }
        let attempts = chunk.iter().map(|number| {
            // A member if one may create rooms, otherwise an account from outside of the room.
            let members = &plan.members[plan.rooms[*number].members.clone()];
            let mut own = members.iter().map(|member| &actors[member.account]);
            let own = own.find(|actor| actor.account().creates_rooms);
            let creator = own.unwrap_or(creators[number % creators.len()]);
            create_one(plan, actors, run, *number, creator, registry)
        });
        for attempt in join_all(attempts).await {
            created.push(attempt?);
        }
        context.emit(Event::CreatingRooms { done: created.len(), all });
    }
    Ok(created)
}

async fn create_one(
    plan: &Plan,
    actors: &[Actor],
    run: &str,
    number: usize,
    creator: &Actor,
    registry: &RoomRegistry,
) -> Result<CreatedRoom, RunError> {
    let room = &plan.rooms[number];
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
        "name": format!("hearback {run} load {}", room.number),
        "participant_ids": ids,
    });
    let scenario = scenario(room.number);
    let request = Request::new(Operation::RoomsCreate).json(body);
    let Creation { response, room: created } = registry.create(creator, &scenario, request).await;
    let response = match created {
        Ok(Some(created)) => return Ok(created),
        Ok(None) => response.describe_redacted(LONGEST_RESPONSE, creator.client().recorder()),
        Err(reason) => reason.to_string(),
    };
    Err(RunError::RoomNotCreated {
        number: number + 1,
        all: plan.rooms.len(),
        members: room.members.len(),
        response,
    })
}
