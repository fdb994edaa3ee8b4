//! Faults of authorization.

use hearback_contract::Operation::{
    self, MessagesDelete, MessagesEdit, MessagesGet, MessagesList, MessagesMarkRead, MessagesSend,
    ParticipantsAdd, ParticipantsList, ParticipantsMute, ParticipantsRemove, RoomsArchive,
    RoomsGet, RoomsLeave, RoomsMarkRead, RoomsStats,
};

use super::{FaultSpec, Kind, behaviour, changed, row};
use crate::faults::behaviour::Behaviour;
use crate::faults::response::{Change, When};

/// Who is not in a room is served as if they were somebody who may do it.
const fn open(operation: &'static [Operation]) -> Kind {
    changed(operation, When::Status(404), Change::Deputise)
}

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "authorization/rooms-get-is-open",
        "authorization/rooms.get",
        "rooms.get is carried out for those who are not in the room.",
        open(&[RoomsGet]),
    ),
    row(
        "authorization/rooms-mark-read-is-open",
        "authorization/rooms.mark_read",
        "rooms.mark_read is carried out for those who are not in the room.",
        open(&[RoomsMarkRead]),
    ),
    row(
        "authorization/rooms-leave-is-open",
        "authorization/rooms.leave",
        "rooms.leave is carried out for those who are not in the room.",
        open(&[RoomsLeave]),
    ),
    row(
        "authorization/rooms-archive-is-open",
        "authorization/rooms.archive",
        "rooms.archive is carried out for those who are not in the room.",
        open(&[RoomsArchive]),
    ),
    row(
        "authorization/rooms-stats-is-open",
        "authorization/rooms.stats",
        "rooms.stats is carried out for those who are not in the room.",
        open(&[RoomsStats]),
    ),
    row(
        "authorization/messages-list-is-open",
        "authorization/messages.list",
        "messages.list is carried out for those who are not in the room.",
        open(&[MessagesList]),
    ),
    row(
        "authorization/messages-send-is-open",
        "authorization/messages.send",
        "messages.send is carried out for those who are not in the room.",
        open(&[MessagesSend]),
    ),
    row(
        "authorization/messages-get-is-open",
        "authorization/messages.get",
        "messages.get is carried out for those who are not in the room.",
        open(&[MessagesGet]),
    ),
    row(
        "authorization/messages-edit-is-open",
        "authorization/messages.edit",
        "messages.edit is carried out for those who are not in the room.",
        open(&[MessagesEdit]),
    ),
    row(
        "authorization/messages-delete-is-open",
        "authorization/messages.delete",
        "messages.delete is carried out for those who are not in the room.",
        open(&[MessagesDelete]),
    ),
    row(
        "authorization/messages-mark-read-is-open",
        "authorization/messages.mark_read",
        "messages.mark_read is carried out for those who are not in the room.",
        open(&[MessagesMarkRead]),
    ),
    row(
        "authorization/participants-list-is-open",
        "authorization/participants.list",
        "participants.list is carried out for those who are not in the room.",
        open(&[ParticipantsList]),
    ),
    row(
        "authorization/participants-add-is-open",
        "authorization/participants.add",
        "participants.add is carried out for those who are not in the room.",
        open(&[ParticipantsAdd]),
    ),
    row(
        "authorization/participants-remove-is-open",
        "authorization/participants.remove",
        "participants.remove is carried out for those who are not in the room.",
        open(&[ParticipantsRemove]),
    ),
    row(
        "authorization/participants-mute-is-open",
        "authorization/participants.mute",
        "participants.mute is carried out for those who are not in the room.",
        open(&[ParticipantsMute]),
    ),
    row(
        "authorization/deletes-what-it-refuses",
        "authorization/no-side-effect",
        "A deletion that is refused to another member is carried out all the same.",
        changed(&[MessagesDelete], When::Status(403), Change::DeputiseSilently),
    ),
    row(
        "authorization/tells-what-exists",
        "authorization/no-existence-leak",
        "Outsiders are refused with 403 where a room exists, and with 404 where none does.",
        behaviour(Behaviour::TellsWhatExists),
    ),
    row(
        "authorization/removed-keep-typing",
        "authorization/events-after-removal",
        "Who is no longer in a room can still type on an open socket.",
        behaviour(Behaviour::RemovedKeepTyping),
    ),
];
