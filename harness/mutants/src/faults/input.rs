//! Faults of accepted and rejected input.

use hearback_contract::Operation::{
    MessagesEdit, MessagesList, MessagesSearch, MessagesSend, ParticipantsAdd, ParticipantsMute,
    ParticipantsRemove, RoomsCreate,
};
use hearback_contract::RequirementId;
use hearback_reference::input::parse_uuid;
use serde_json::{Value, json};

use crate::fault::{FaultSpec, row};
use crate::wire::{Received, RequestChange};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "input/edits-are-short",
        RequirementId::InputValidAccepted,
        "Edits of more than 255 characters are rejected.",
        |fault| {
            fault.change_requests(
                MessagesEdit,
                RequestChange::Respond(
                    |request| request.text("content").chars().count() > 255,
                    400,
                ),
            )
        },
    ),
    row(
        "input/no-single-newest",
        RequirementId::InputValidAccepted,
        "Pages of one message, newest first, are rejected.",
        |fault| {
            fault.change_requests(
                MessagesList,
                RequestChange::Respond(
                    |request| {
                        request.query("page_size") == Some("1")
                            && request.query("ordering") == Some("-created_at")
                    },
                    400,
                ),
            )
        },
    ),
    row(
        "input/objects-become-text",
        RequirementId::InputInvalidBodyRefused,
        "An object as `content` is stored as its JSON text.",
        |fault| fault.change_requests(MessagesSend, RequestChange::Rewrite(object_to_text)),
    ),
    row(
        "input/skips-odd-participants",
        RequirementId::InputInvalidBodyRefused,
        "Participant ids of a new room that are not numbers are ignored.",
        |fault| fault.change_requests(RoomsCreate, RequestChange::Rewrite(keep_numbers)),
    ),
    row(
        "input/any-word-mutes",
        RequirementId::InputInvalidBodyRefused,
        "Any string counts as true in `muted`.",
        |fault| fault.change_requests(ParticipantsMute, RequestChange::Rewrite(word_to_true)),
    ),
    row(
        "input/odd-room-is-every-room",
        RequirementId::InputInvalidQueryRefused,
        "A search with a malformed `room` searches all rooms.",
        |fault| fault.change_requests(MessagesSearch, RequestChange::Rewrite(forget_odd_room)),
    ),
    row(
        "input/search-takes-query",
        RequirementId::InputValidAccepted,
        "Search reads the words to find from `query`, and ignores `q`.",
        |fault| fault.change_requests(MessagesSearch, RequestChange::Rewrite(query_for_q)),
    ),
    row(
        "input/removes-nobody",
        RequirementId::InputMalformedIdRefused,
        "Removing a participant with a malformed id returns 200.",
        |fault| {
            fault.change_requests(
                ParticipantsRemove,
                RequestChange::Respond(
                    |request| request.last_segment().parse::<f64>().is_err(),
                    200,
                ),
            )
        },
    ),
    row(
        "input/mutes-before-it-refuses",
        RequirementId::InputRefusalChangesNothing,
        "A mute that is rejected for its `muted_until` takes effect.",
        |fault| {
            fault.change_requests(
                ParticipantsMute,
                RequestChange::ExecuteRejected(|request| request.forget("muted_until")),
            )
        },
    ),
    row(
        "input/adds-before-it-refuses",
        RequirementId::InputRefusalChangesNothing,
        "A participant who is rejected for an invalid `is_admin` is added.",
        |fault| {
            fault.change_requests(
                ParticipantsAdd,
                RequestChange::ExecuteRejected(|request| request.forget("is_admin")),
            )
        },
    ),
    row(
        "input/makes-rooms-that-it-refuses",
        RequirementId::InputRefusalChangesNothing,
        "A room that is rejected for one participant is created without them.",
        |fault| fault.change_requests(RoomsCreate, RequestChange::ExecuteRejected(keep_numbers)),
    ),
];

fn object_to_text(request: &mut Received) {
    if let Some(content) = request.body.get_mut("content").filter(|content| content.is_object()) {
        *content = json!(content.to_string());
    }
}

fn word_to_true(request: &mut Received) {
    if let Some(muted) = request.body.get_mut("muted").filter(|muted| muted.is_string()) {
        *muted = json!(true);
    }
}

fn keep_numbers(request: &mut Received) {
    if let Some(Value::Array(ids)) = request.body.get_mut("participant_ids") {
        ids.retain(Value::is_i64);
    }
}

fn query_for_q(request: &mut Received) {
    request.query.retain(|(name, _)| name != "q");
    let mut names = request.query.iter_mut().map(|(name, _)| name);
    names.by_ref().filter(|name| *name == "query").for_each(|name| "q".clone_into(name));
}

fn forget_odd_room(request: &mut Received) {
    request.query.retain(|(name, value)| name != "room" || parse_uuid(value).is_some());
}
