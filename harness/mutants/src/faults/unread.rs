//! Faults of unread counts.

use hearback_contract::Operation::{ParticipantsList, RoomsGet, RoomsList, RoomsStats};
use hearback_contract::RequirementId;
use hearback_contract::ServerEvent::ConnectionEstablished;
use hearback_reference::delivery::Source;
use hearback_reference::store::Store;
use hearback_reference::users::UserId;
use rusqlite::params;
use uuid::Uuid;

use crate::distortion::increment;
use crate::edit::Edit;
use crate::fault::{FaultSpec, row};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "unread/detail-counts-one-more",
        RequirementId::UnreadDetail,
        "`unread_count` of a single room is one too high.",
        |fault| fault.edit_responses(&[RoomsGet], Edit::Map(&["/unread_count"], increment)),
    ),
    row(
        "unread/list-counts-one-more",
        RequirementId::UnreadList,
        "`unread_count` in the list of rooms is one too high.",
        |fault| {
            fault.edit_responses(&[RoomsList], Edit::Map(&["/results/*/unread_count"], increment))
        },
    ),
    row(
        "unread/stats-are-zero",
        RequirementId::UnreadStats,
        "`unread_count` of the statistics is always 0.",
        |fault| fault.edit_responses(&[RoomsStats], Edit::Set(&["/unread_count"], "0")),
    ),
    row(
        "unread/participants-count-one-more",
        RequirementId::UnreadParticipants,
        "`unread_count` of participants is one too high.",
        |fault| {
            fault.edit_responses(
                &[RoomsGet, ParticipantsList],
                Edit::Map(&["/participants/*/unread_count", "/results/*/unread_count"], increment),
            )
        },
    ),
    row(
        "unread/established-counts-one-more",
        RequirementId::UnreadEstablished,
        "`unread_count` of `connection_established` is one too high.",
        |fault| fault.edit_events(ConnectionEstablished, Edit::Map(&["/unread_count"], increment)),
    ),
    row(
        "unread/own-messages-count",
        RequirementId::UnreadOwnNeverCount,
        "Messages are unread for their own sender.",
        |fault| {
            fault.storage.add_message = Some(|base, _, store, message, attachment, source| {
                base.add_message(store, message, attachment, source)?;
                add_unread(store, message.room, message.sender)
            });
        },
    ),
    row(
        "unread/rest-mark-leaves-one",
        RequirementId::UnreadZeroAfterMarkRead,
        "Marking a room as read by REST leaves one message unread.",
        |fault| {
            fault.storage.read_room = Some(|base, _, store, reader, source, now| {
                base.read_room(store, reader, source, now)?;
                match source {
                    Source::Operation => add_unread(store, reader.room, reader.user),
                    Source::Connection(_) => Ok(()),
                }
            });
        },
    ),
    row(
        "unread/socket-mark-leaves-one",
        RequirementId::UnreadZeroAfterSocketMark,
        "Marking a room as read by socket leaves one message unread.",
        |fault| {
            fault.storage.read_room = Some(|base, _, store, reader, source, now| {
                base.read_room(store, reader, source, now)?;
                match source {
                    Source::Operation => Ok(()),
                    Source::Connection(_) => add_unread(store, reader.room, reader.user),
                }
            });
        },
    ),
    row(
        "unread/marks-for-everybody",
        RequirementId::UnreadOthersUnmoved,
        "Marking a room as read marks it for all members.",
        |fault| {
            fault.storage.read_room = Some(|base, _, store, reader, source, now| {
                base.read_room(store, reader, source, now)?;
                let sql = "UPDATE participants SET seen =
                    (SELECT message_count FROM rooms WHERE id = room) WHERE room = ?";
                store.execute(sql, [reader.room]).map(drop)
            });
        },
    ),
];

/// Makes one more message unread for a user.
fn add_unread(store: &Store, room: Uuid, user: UserId) -> rusqlite::Result<()> {
    let sql = "UPDATE participants SET seen = seen - 1 WHERE room = ? AND user = ? AND seen > 0";
    store.execute(sql, params![room, user]).map(drop)
}
