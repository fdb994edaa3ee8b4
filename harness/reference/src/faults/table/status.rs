//! Faults of statuses and of what refusals say.

use hearback_contract::Operation::{
    MessagesEdit, MessagesList, MessagesSend, ParticipantsAdd, ParticipantsList, ParticipantsMute,
    RoomsCreate, RoomsLeave, RoomsMarkRead, RoomsStats,
};

use super::{Edit, FaultSpec, changed, misread, row};
use crate::faults::request::Misreading;
use crate::faults::response::{Change, When};

pub(super) const EMPTY: &str = r#"{"count":0,"next":null,"previous":null,"results":[]}"#;

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "status/mute-conflicts",
        "status/documented",
        "Muting somebody else answers 409.",
        changed(&[ParticipantsMute], When::Status(403), Change::Status(409)),
    ),
    row(
        "status/mute-fails",
        "status/no-server-error",
        "Muting with a body that is not what it takes answers 500.",
        changed(&[ParticipantsMute], When::Status(400), Change::Status(500)),
    ),
    row(
        "status/fails-at-nul",
        "status/no-server-error",
        "Sending content with an escaped NUL answers 500.",
        misread(MessagesSend, Misreading::Answers(|asked| asked.text.contains("\\u0000"), 500)),
    ),
    row(
        "status/fails-at-half-a-pair",
        "status/no-server-error",
        "Editing a message to content with half of a surrogate pair answers 500.",
        misread(MessagesEdit, Misreading::Answers(|asked| asked.text.contains("\\ud800"), 500)),
    ),
    row(
        "status/fails-at-big-numbers",
        "status/no-server-error",
        "Adding a user whose number needs more than 32 bits answers 500.",
        misread(
            ParticipantsAdd,
            Misreading::Answers(
                |asked| asked.body["user"].as_f64().is_some_and(|user| user > f64::from(i32::MAX)),
                500,
            ),
        ),
    ),
    row(
        "status/fails-at-pages-of-nothing",
        "status/no-server-error",
        "Pages of no messages answer 500.",
        misread(
            MessagesList,
            Misreading::Answers(|asked| asked.query("page_size") == Some("0"), 500),
        ),
    ),
    row(
        "status/stats-hang",
        "status/answers",
        "Statistics are never answered.",
        misread(RoomsStats, Misreading::Hangs(|_| true)),
    ),
    row(
        "status/big-pages-hang",
        "status/in-time",
        "Lists of messages that ask for more than a page may hold are never answered.",
        misread(
            MessagesList,
            Misreading::Hangs(|asked| {
                let size = asked.query("page_size").and_then(|size| size.parse::<u64>().ok());
                size.is_some_and(|size| size > 100)
            }),
        ),
    ),
    row(
        "status/create-answers-ok",
        "status/created",
        "Creating a room answers 200.",
        changed(&[RoomsCreate], When::Success, Change::Status(200)),
    ),
    row(
        "status/mark-read-answers-accepted",
        "status/ok",
        "Marking a room read answers 202.",
        changed(&[RoomsMarkRead], When::Success, Change::Status(202)),
    ),
    row(
        "status/refusals-without-detail",
        "status/error-body",
        "Refusals have no `detail`.",
        changed(&[], When::Refusal, Change::Body(Edit::Remove(&["/detail"]))),
    ),
    row(
        "status/unknown-room-is-invalid",
        "status/unknown-id",
        "Leaving a room that does not exist answers 400.",
        changed(&[RoomsLeave], When::Status(404), Change::Status(400)),
    ),
    row(
        "status/invalid-is-forbidden",
        "status/invalid-input",
        "Adding a participant with a body that is not what it takes answers 403.",
        changed(&[ParticipantsAdd], When::Status(400), Change::Status(403)),
    ),
    row(
        "status/room-is-optional",
        "status/required-query",
        "Participants of no room are listed: none.",
        changed(&[ParticipantsList], When::Status(400), Change::Replace(200, EMPTY)),
    ),
];
