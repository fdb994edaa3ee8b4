//! Handshakes with and without an `Origin` header.

use hearback_client::{
    Actor, Client, ClientError, Connection, PreflightError, Request, RoomRegistry, socket_preflight,
};
use hearback_contract::{Operation, RoomId};
use serde_json::json;

use super::examination::Examination;
use super::finding::Finding;

pub(super) async fn check(examination: &mut Examination) -> Finding {
    let Some(creator) = examination.creator() else {
        return Finding::skipped("no account may create a room to connect to");
    };
    let actor = &examination.actors[creator];
    let rooms = RoomRegistry::default();
    let body = json!({
        "room_type": "group",
        "name": format!("hearback {} doctor", examination.name),
        "participant_ids": [],
    });
    let request = Request::new(Operation::RoomsCreate).json(body);
    let created = rooms.create(actor, &Examination::scenario(), request).await;
    let response = created.response;
    // A room that existed before is not entered.
    let room: Option<RoomId> = created.room.ok().flatten().map(|room| room.id);
    let finding = match room {
        Some(room) => in_room(examination, actor, &room).await,
        None => Finding::skipped(format!("no room can be created: {}", response.shortcoming())),
    };
    rooms.archive_all(examination.client.limits().timeout).await;
    finding
}

/// The finding of both handshakes. The one as configured decides; the other one explains.
async fn in_room(examination: &Examination, actor: &Actor, room: &RoomId) -> Finding {
    let connection = examination.client.target().connection();
    let configured = socket_preflight(actor, room).await;
    let sends_origin = connection.sends_origin();
    let other = match sends_origin {
        true => connection.without_origin(),
        false => connection.with_own_origin(),
    };
    let other = reached_by(examination, actor, room, other).await;
    let (with, without) = match sends_origin {
        true => (&configured, &other),
        false => (&other, &configured),
    };
    let word = |result: &Result<(), PreflightError>| match result {
        Ok(()) => "opens".to_owned(),
        Err(PreflightError::Socket { reason, .. }) => format!("fails ({reason})"),
        Err(error) => format!("fails ({error})"),
    };
    let found = format!("with Origin: {}; without: {}", word(with), word(without));
    match (&configured, &other) {
        (Ok(()), _) => Finding::passed(found),
        (Err(error), Err(_)) => Finding { found, ..Finding::failed(error) },
        (Err(error), Ok(())) => {
            let advice = match sends_origin {
                true => "set --origin to that of the web page of the target, or --origin none",
                false => "remove --origin none; the target requires an Origin",
            };
            Finding { found, advice: Some(advice.to_owned()), ..Finding::failed(error) }
        }
    }
}

/// The handshake of the same actor over another connection.
async fn reached_by(
    examination: &Examination,
    actor: &Actor,
    room: &RoomId,
    connection: Connection,
) -> Result<(), PreflightError> {
    let client = &examination.client;
    let target = client.target().clone().reached_by(connection);
    let (recorder, limits) = (client.recorder().clone(), client.limits().clone());
    match Client::new(target, recorder, limits, None) {
        Ok(client) => {
            // The rooms of the examination are rooms of this client as well.
            for room in examination.client.ownership().rooms() {
                client.ownership().add(room.creation, None);
            }
            socket_preflight(&actor.at(&client), room).await
        }
        Err(error) => Err(unbuilt(&error)),
    }
}

fn unbuilt(error: &ClientError) -> PreflightError {
    PreflightError::Broken { base: String::new(), reason: error.to_string() }
}
