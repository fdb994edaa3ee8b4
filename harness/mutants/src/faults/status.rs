//! Faults of statuses and error bodies.

use hearback_contract::Operation::{
    MessagesEdit, MessagesList, MessagesSend, ParticipantsAdd, ParticipantsMute, RoomsCreate,
    RoomsLeave, RoomsMarkRead, RoomsStats,
};
use hearback_contract::RequirementId;

use crate::edit::Edit;
use crate::fault::{FaultSpec, row};
use crate::wire::{Change, RequestChange, When};

/// An empty page.
pub(super) const EMPTY: &str = r#"{"count":0,"next":null,"previous":null,"results":[]}"#;

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "status/mute-conflicts",
        RequirementId::StatusDocumented,
        "Muting another member returns 409.",
        |fault| fault.change_responses(&[ParticipantsMute], When::Status(403), Change::Status(409)),
    ),
    row(
        "status/mute-fails",
        RequirementId::StatusNoServerError,
        "Muting with an invalid body returns 500.",
        |fault| fault.change_responses(&[ParticipantsMute], When::Status(400), Change::Status(500)),
    ),
    row(
        "status/fails-at-nul",
        RequirementId::StatusNoServerError,
        "Sending content with an escaped NUL returns 500.",
        |fault| {
            fault.change_requests(
                MessagesSend,
                RequestChange::Respond(|request| request.text.contains("\\u0000"), 500),
            )
        },
    ),
    row(
        "status/fails-at-half-a-pair",
        RequirementId::StatusNoServerError,
        "Editing a message to content with half of a surrogate pair returns 500.",
        |fault| {
            fault.change_requests(
                MessagesEdit,
                RequestChange::Respond(|request| request.text.contains("\\ud800"), 500),
            )
        },
    ),
    row(
        "status/fails-at-big-numbers",
        RequirementId::StatusNoServerError,
        "Adding a user with an id of more than 32 bits returns 500.",
        |fault| {
            fault.change_requests(
                ParticipantsAdd,
                RequestChange::Respond(
                    |request| {
                        request.body["user"].as_f64().is_some_and(|user| user > f64::from(i32::MAX))
                    },
                    500,
                ),
            )
        },
    ),
    row(
        "status/fails-at-pages-of-nothing",
        RequirementId::StatusNoServerError,
        "Requesting a page of 0 messages returns 500.",
        |fault| {
            fault.change_requests(
                MessagesList,
                RequestChange::Respond(|request| request.query("page_size") == Some("0"), 500),
            )
        },
    ),
    row(
        "status/stats-hang",
        RequirementId::StatusAnswers,
        "Requests for statistics never get a response.",
        |fault| fault.change_requests(RoomsStats, RequestChange::Hang(|_| true)),
    ),
    row(
        "status/big-pages-hang",
        RequirementId::StatusInTime,
        "Requests for pages of more than 100 messages never get a response.",
        |fault| {
            fault.change_requests(
                MessagesList,
                RequestChange::Hang(|request| {
                    let size = request.query("page_size").and_then(|size| size.parse::<u64>().ok());
                    size.is_some_and(|size| size > 100)
                }),
            )
        },
    ),
    row(
        "status/create-answers-ok",
        RequirementId::StatusCreated,
        "Creating a room returns 200.",
        |fault| fault.change_responses(&[RoomsCreate], When::Success, Change::Status(200)),
    ),
    row(
        "status/mark-read-answers-accepted",
        RequirementId::StatusOk,
        "Marking a room as read returns 202.",
        |fault| fault.change_responses(&[RoomsMarkRead], When::Success, Change::Status(202)),
    ),
    row(
        "status/refusals-without-detail",
        RequirementId::StatusErrorBody,
        "Refusals have no `detail`.",
        |fault| {
            fault.change_responses(&[], When::Refusal, Change::Body(Edit::Remove(&["/detail"])))
        },
    ),
    row(
        "status/unknown-room-is-invalid",
        RequirementId::StatusUnknownId,
        "Leaving a room that does not exist returns 400.",
        |fault| fault.change_responses(&[RoomsLeave], When::Status(404), Change::Status(400)),
    ),
    row(
        "status/invalid-is-forbidden",
        RequirementId::StatusInvalidInput,
        "Adding a participant with an invalid body returns 403.",
        |fault| fault.change_responses(&[ParticipantsAdd], When::Status(400), Change::Status(403)),
    ),
    row(
        "status/malformed-room-is-empty",
        RequirementId::StatusRequiredQuery,
        "Listing the messages of a malformed room returns an empty page.",
        |fault| {
            fault.change_responses(
                &[MessagesList],
                When::StatusWith(400, "room=not-a-uuid"),
                Change::Replace(200, EMPTY),
            )
        },
    ),
];
