//! Faults of unread counts.

use hearback_contract::Operation::{ParticipantsList, RoomsGet, RoomsList, RoomsStats};
use hearback_contract::ServerEvent::ConnectionEstablished;

use super::{Edit, Effect, FaultSpec, behaviour, edited, event, row};
use crate::faults::behaviour::Behaviour;
use crate::faults::values::increment;

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "unread/detail-counts-one-more",
        "unread/detail",
        "`unread_count` of a room is one too many.",
        edited(&[RoomsGet], Edit::Map(&["/unread_count"], increment)),
    ),
    row(
        "unread/list-counts-one-more",
        "unread/list",
        "`unread_count` in the list is one too many.",
        edited(&[RoomsList], Edit::Map(&["/results/*/unread_count"], increment)),
    ),
    row(
        "unread/stats-are-zero",
        "unread/stats",
        "`unread_count` of the statistics is always zero.",
        edited(&[RoomsStats], Edit::Set(&["/unread_count"], "0")),
    ),
    row(
        "unread/participants-count-one-more",
        "unread/participants",
        "`unread_count` of participants is one too many.",
        edited(
            &[RoomsGet, ParticipantsList],
            Edit::Map(&["/participants/*/unread_count", "/results/*/unread_count"], increment),
        ),
    ),
    row(
        "unread/established-counts-one-more",
        "unread/established",
        "`unread_count` of `connection_established` is one too many.",
        event(ConnectionEstablished, Effect::Edit(Edit::Map(&["/unread_count"], increment))),
    ),
    row(
        "unread/own-messages-count",
        "unread/own-never-count",
        "One's own messages are unread.",
        behaviour(Behaviour::OwnMessagesCount),
    ),
    row(
        "unread/rest-mark-leaves-one",
        "unread/zero-after-mark-read",
        "Marking the room read by REST leaves one message unread.",
        behaviour(Behaviour::RestMarkLeavesOne),
    ),
    row(
        "unread/socket-mark-leaves-one",
        "unread/zero-after-socket-mark",
        "Marking the room read by socket leaves one message unread.",
        behaviour(Behaviour::SocketMarkLeavesOne),
    ),
    row(
        "unread/marks-for-everybody",
        "unread/others-unmoved",
        "Marking the room read leaves nothing unread for anybody.",
        behaviour(Behaviour::MarksForEverybody),
    ),
];
