//! Readings of rooms.

use hearback_contract::Operation::{RoomsArchive, RoomsCreate, RoomsGet, RoomsLeave, RoomsList};
use hearback_contract::ReadingId;
use hearback_contract::RequirementId;
use hearback_reference::rules::Management;
use hearback_reference::store::Window;
use hearback_reference::users::User;
use hearback_reference::views::{MessageView, RoomView};
use hearback_reference::{App, Refusal};
use serde_json::{Value, json};

use super::lookup::{direct_room, json_of, member, refusal};
use super::switch::{ReadingSwitch, row};
use crate::distortion::change_text;
use crate::edit::Edit;
use crate::wire::{Change, Received, When};

/// A response that arrives first may return the room that a simultaneous request creates, which then counts as foreign.
const SHARED: &[RequirementId] = &[RequirementId::RoomDirectCreatedOnce];

pub(super) const ROWS: &[ReadingSwitch] = &[
    row(ReadingId::LastMessageSubsetComplete, |reading| {
        reading.change_responses(
            &[RoomsCreate, RoomsGet, RoomsArchive],
            When::Success,
            Change::With(|app, _, exchange| {
                let base_url = exchange.base_url();
                let last = &mut exchange.body["last_message"];
                let Some(id) = last["id"].as_str().and_then(|id| id.parse().ok()) else { return };
                let chat = app.chat();
                if let Ok(Some(message)) = chat.store.message(id) {
                    let view = MessageView::of(&chat, &base_url, message);
                    *last = view.map(json_of).unwrap_or_default();
                }
            }),
        );
    }),
    row(ReadingId::SecondDirectRoomExisting200, |reading| {
        reading.answer_requests(RoomsCreate, |app, request, user| {
            existing(app, request, user).map(|room| (200, room))
        });
    })
    .leaving_open(SHARED),
    row(ReadingId::SecondDirectRoomExisting201, |reading| {
        reading.answer_requests(RoomsCreate, |app, request, user| {
            existing(app, request, user).map(|room| (201, room))
        });
    })
    .leaving_open(SHARED),
    row(ReadingId::SecondDirectRoom400, |reading| {
        reading.answer_requests(RoomsCreate, |app, request, user| {
            existing(app, request, user).map(|_| (400, refusal("This room exists.")))
        });
    }),
    row(ReadingId::GroupNameRequired, |reading| {
        reading.answer_requests(RoomsCreate, |_, request, _| {
            let is_unnamed =
                request.text("room_type") == "group" && request.text("name").is_empty();
            is_unnamed.then(|| (400, refusal("A group needs a name.")))
        });
    }),
    row(ReadingId::TaskAndPropertyOptional, |reading| {
        reading.validation.subject = Some(|base, _, kind, number| match number {
            None => Ok(None),
            number => base.subject(kind, number),
        });
    }),
    row(ReadingId::CreateResponseMembers400, |reading| {
        reading.answer_requests(RoomsCreate, |_, request, user| {
            let ids = participant_ids(request)?;
            // The creator may belong to the crew (`task-members=crew`).
            let has_crew = matches!(request.text("room_type"), "task" | "property");
            let is_surplus = |(index, id): (usize, &i64)| {
                *id == user.id && !has_crew || ids[..index].contains(id)
            };
            let has_surplus = ids.iter().enumerate().any(is_surplus);
            has_surplus.then(|| (400, refusal("A participant is named twice.")))
        });
    }),
    row(ReadingId::LastAdminLeavesNoAdmin, |reading| {
        reading.storage.end_membership =
            Some(|_, _, store, participant, now| store.end_participant(participant.id, now));
    }),
    row(ReadingId::LastAdminLeaves400, |reading| {
        reading.answer_requests(RoomsLeave, |app, request, user| {
            is_last_admin(app, request, user).then(|| (400, refusal("Name another admin first.")))
        });
    }),
    row(ReadingId::LastAdminLeaves403, |reading| {
        reading.answer_requests(RoomsLeave, |app, request, user| {
            is_last_admin(app, request, user).then(|| (403, refusal("Name another admin first.")))
        });
    }),
    row(ReadingId::WhoMayArchiveMembers, |reading| {
        reading.permissions.check_management =
            Some(|base, _, membership, management| match management {
                Management::Archive => Ok(()),
                _ => base.check_management(membership, management),
            });
    }),
    row(ReadingId::WhoMayArchiveCreator, |reading| {
        reading.permissions.check_management =
            Some(|base, _, membership, management| match management {
                Management::Archive if membership.user() == membership.room.created_by => Ok(()),
                Management::Archive => Err(Refusal::Forbidden("Only the creator may do this.")),
                _ => base.check_management(membership, management),
            });
    }),
    row(ReadingId::TaskMembersCrew, |reading| {
        reading.rewrite_requests(&[RoomsCreate], |request| {
            if matches!(request.text("room_type"), "task" | "property") {
                let mut ids = participant_ids(request).unwrap_or_default();
                ids.extend(CREW.into_iter().filter(|id| !ids.contains(id)).collect::<Vec<_>>());
                request.body["participant_ids"] = json!(ids);
            }
        });
    }),
    row(ReadingId::ArchivedRoomAll, |reading| {
        reading.permissions.check_write = Some(|_, _, _| Ok(()));
        reading.permissions.check_typing = Some(|_, _, membership| membership.map(drop));
    }),
    row(ReadingId::RoomsPagingLinks, |reading| {
        reading.rewrite_requests(&[RoomsList], |request| {
            request.query.retain(|(name, _)| name != "page" && name != "page_size");
            for (name, _) in &mut request.query {
                if name == "cursor" {
                    "page".clone_into(name);
                }
            }
        });
        let cursor = |link: &mut Value| change_text(link, |link| link.replace("page=", "cursor="));
        reading.edit_responses(&[RoomsList], Edit::Map(&["/next", "/previous"], cursor));
    }),
    row(ReadingId::RoomSearchScopeName, |reading| {
        reading.listing.room_matches =
            Some(|base, _, name, _, text| base.room_matches(name, name, text));
    }),
];

/// The users who work on every task and property.
const CREW: [i64; 2] = [1, 2];

/// The ids in `participant_ids`.
fn participant_ids(request: &Received) -> Option<Vec<i64>> {
    request.body.get("participant_ids")?.as_array()?.iter().map(Value::as_i64).collect()
}

/// The room that exists for the direct room of a request.
fn existing(app: &App, request: &Received, user: &User) -> Option<Value> {
    // A body with other fields may be invalid.
    let is_plain = request
        .body
        .as_object()?
        .keys()
        .all(|name| matches!(name.as_str(), "room_type" | "participant_ids"));
    if request.text("room_type") != "direct" || !is_plain {
        return None;
    }
    let mut others = participant_ids(request)?;
    others.retain(|id| *id != user.id);
    others.dedup();
    let [other] = others[..] else { return None };
    let room = direct_room(app, user.id, other)?;
    RoomView::of(&app.chat(), user.id, room).ok().map(json_of)
}

/// True if a user is the only admin of a room that has other members.
fn is_last_admin(app: &App, request: &Received, user: &User) -> bool {
    let Some(room) = request.id_in_path() else { return false };
    let chat = app.chat();
    let Some(member) = member(&chat.store, room, user.id) else { return false };
    let participants = chat.store.participants(room, Window::ALL).unwrap_or_default();
    let has_other_admin = participants.iter().any(|other| other.is_admin && other.user != user.id);
    member.is_admin && participants.len() > 1 && !has_other_admin
}
