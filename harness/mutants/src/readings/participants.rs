//! Readings of participants.

use hearback_contract::Operation::{
    MessagesMarkRead, ParticipantsAdd, ParticipantsList, ParticipantsMute, ParticipantsRemove,
    RoomsArchive, RoomsCreate, RoomsGet,
};
use hearback_contract::{ReadingId, RequirementId};
use hearback_reference::input::parse_uuid;
use hearback_reference::store::participants::Participant;
use hearback_reference::store::rooms::RoomFilter;
use hearback_reference::store::{Store, Window};
use hearback_reference::timestamp::Timestamp;
use hearback_reference::users::{User, UserId};
use hearback_reference::views::{MessageView, ParticipantView};
use hearback_reference::{App, Refusal};
use serde_json::{Value, json};
use uuid::Uuid;

use super::lookup::{json_of, member, part, refusal};
use super::switch::{ReadingSwitch, row};
use crate::edit::Edit;
use crate::wire::{Change, Received, When};

pub(super) const ROWS: &[ReadingSwitch] = &[
    row(ReadingId::MutedUntilInParticipantAbsent, |reading| {
        reading.edit_responses(
            &[
                RoomsCreate,
                RoomsGet,
                RoomsArchive,
                ParticipantsList,
                ParticipantsAdd,
                ParticipantsMute,
            ],
            Edit::Remove(&[
                "/muted_until",
                "/participants/*/muted_until",
                "/results/*/muted_until",
            ]),
        );
    }),
    row(ReadingId::DepartedInParticipantsListed, |reading| {
        reading.rendering.participants = Some(|_, _, store, room| everyone(store, room));
        reading.listing.participants =
            Some(|_, _, store, room, window| Ok(part(everyone(store, room)?, window)));
        reading.edit_responses(
            &[RoomsCreate, RoomsGet, RoomsArchive],
            Edit::Map(&[""], |room| {
                let participants = room["participants"].as_array();
                let current = participants
                    .map(|all| all.iter().filter(|one| one["left_at"].is_null()).count());
                room["participant_count"] = json!(current);
            }),
        );
    }),
    row(ReadingId::ReaddMember200, |reading| {
        reading.answer_requests(ParticipantsAdd, |app, request, user| {
            let present = added(app, request, user)?;
            let is_valid = request.body.get("is_admin").is_none_or(Value::is_boolean);
            let is_member = present.left_at.is_none();
            (is_member && is_valid)
                .then(|| (200, json_of(ParticipantView::of(&app.directory, present))))
        });
    }),
    row(ReadingId::ReaddMember400, |reading| {
        reading.answer_requests(ParticipantsAdd, |app, request, user| {
            added(app, request, user).map(|_| (400, refusal("The user was in the room before.")))
        });
    }),
    row(ReadingId::DirectMembership403, |reading| {
        reading.validation.check_addition =
            Some(|base, _, room| base.check_addition(room).map_err(|_| forbidden()));
        reading.validation.check_removal =
            Some(|base, _, room| base.check_removal(room).map_err(|_| forbidden()));
    }),
    row(ReadingId::DirectMembershipRemoval, |reading| {
        reading.validation.check_removal = Some(|_, _, _| Ok(()));
    }),
    row(ReadingId::MutePast400, |reading| {
        reading.answer_requests(ParticipantsMute, |app, request, user| {
            let until = Timestamp::parse(request.text("muted_until"))?;
            let is_past = request.body["muted"] == true && until <= Timestamp::now();
            own_participant(app, request, user).filter(|_| is_past)?;
            Some((400, refusal("`muted_until` has passed.")))
        });
    }),
    row(ReadingId::MuteOthers404, |reading| {
        reading.permissions.check_mute = Some(|base, _, membership, participant| {
            let missing = Refusal::NotFound("There is no such participant of yours.");
            base.check_mute(membership, participant).map_err(|_| missing)
        });
    }),
    row(ReadingId::UndocumentedBodiesObjects, |reading| {
        reading.change_responses(
            &[ParticipantsRemove],
            When::Success,
            Change::With(|app, _, exchange| {
                let Some(id) = exchange.received().number_in_path() else { return };
                if let Ok(Some(participant)) = app.chat().store.participant(id) {
                    exchange.body = json_of(ParticipantView::of(&app.directory, participant));
                }
            }),
        );
        reading.change_responses(
            &[MessagesMarkRead],
            When::Success,
            Change::With(|app, _, exchange| {
                let Some(id) = exchange.received().id_in_path() else { return };
                let chat = app.chat();
                if let Ok(Some(message)) = chat.store.message(id) {
                    let view = MessageView::of(&chat, &exchange.base_url(), message);
                    exchange.body = view.map(json_of).unwrap_or_default();
                }
            }),
        );
    }),
    row(ReadingId::UndocumentedBodiesMessages, |reading| {
        reading.edit_responses(
            &[ParticipantsAdd, ParticipantsMute],
            Edit::Map(&[""], |body| *body = json!({ "message": "Done" })),
        );
    }),
    row(ReadingId::UndocumentedBodiesEmpty, |reading| {
        reading.change_responses(
            &[ParticipantsMute, ParticipantsRemove, MessagesMarkRead],
            When::Success,
            Change::With(|_, _, exchange| exchange.clear(204)),
        );
    })
    .leaving_open(&[RequirementId::ParticipantMuteIgnoresOtherFields]),
    row(ReadingId::ParticipantsWithoutRoomEmpty, |reading| {
        reading.answer_requests(ParticipantsList, |_, request, _| {
            let is_missing = request.query("room").is_none();
            is_missing.then(|| (200, envelope(&Vec::new())))
        });
    }),
    row(ReadingId::ParticipantsWithoutRoomAll, |reading| {
        reading.answer_requests(ParticipantsList, |app, request, user| {
            let is_missing = request.query("room").is_none();
            is_missing.then(|| (200, envelope(&of_all_rooms(app, user))))
        });
    }),
];

/// The only page of a list.
fn envelope(results: &[Value]) -> Value {
    json!({ "count": results.len(), "next": null, "previous": null, "results": results })
}

/// The participants of all rooms of a user.
fn of_all_rooms(app: &App, user: &User) -> Vec<Value> {
    let chat = app.chat();
    let filter = RoomFilter { room_type: None, include_archived: true };
    let rooms = chat.store.rooms_of(user.id, filter, Window::ALL).unwrap_or_default();
    let participants = rooms
        .iter()
        .flat_map(|room| chat.store.participants(room.id, Window::ALL).unwrap_or_default());
    participants.map(|it| json_of(ParticipantView::of(&app.directory, it))).collect()
}

fn forbidden() -> Refusal {
    Refusal::Forbidden("A direct room keeps its two members.")
}

/// Current and former participants of a room, in the order in which they first joined.
fn everyone(store: &Store, room: Uuid) -> rusqlite::Result<Vec<Participant>> {
    let sql = "SELECT user FROM participants WHERE room = ? ORDER BY id";
    let users: Vec<UserId> = store.query(sql, [room], |row| row.get(0))?;
    let mut participants = Vec::new();
    for user in users {
        participants.extend(store.participant_of(room, user)?);
    }
    Ok(participants)
}

/// The participant, current or former, that an admin of a group asks to add.
fn added(app: &App, request: &Received, admin: &User) -> Option<Participant> {
    let room = parse_uuid(request.text("room"))?;
    let user = request.body.get("user").and_then(Value::as_i64)?;
    let chat = app.chat();
    let stored = chat.store.room(room).ok()??;
    let may_add = member(&chat.store, room, admin.id)?.is_admin && stored.archived_at.is_none();
    chat.store.participant_of(room, user).ok()?.filter(|_| may_add)
}

/// The participant in the path, if it is the user's own in a room that is not archived.
fn own_participant(app: &App, request: &Received, user: &User) -> Option<Participant> {
    let id = request.number_in_path()?;
    let chat = app.chat();
    let participant = chat.store.participant(id).ok()??;
    let room = chat.store.room(participant.room).ok()??;
    let is_own = participant.user == user.id && participant.left_at.is_none();
    Some(participant).filter(|_| is_own && room.archived_at.is_none())
}
