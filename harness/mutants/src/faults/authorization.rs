//! Faults of authorization.

use hearback_contract::Operation::{
    MessagesDelete, MessagesEdit, MessagesGet, MessagesList, MessagesMarkRead, MessagesSend,
    ParticipantsAdd, ParticipantsList, ParticipantsMute, ParticipantsRemove, RoomsArchive,
    RoomsGet, RoomsLeave, RoomsMarkRead, RoomsStats,
};
use hearback_contract::RequirementId;
use hearback_reference::Refusal;

use crate::fault::{FaultSpec, row};
use crate::wire::{Change, When};

/// Responses to users who are not in the room.
const OUTSIDER: When = When::Status(404);

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "authorization/rooms-get-is-open",
        RequirementId::AuthorizationRoomsGet,
        "`rooms.get` is executed for users who are not in the room.",
        |fault| fault.change_responses(&[RoomsGet], OUTSIDER, Change::Deputize),
    ),
    row(
        "authorization/rooms-mark-read-is-open",
        RequirementId::AuthorizationRoomsMarkRead,
        "`rooms.mark_read` is executed for users who are not in the room.",
        |fault| fault.change_responses(&[RoomsMarkRead], OUTSIDER, Change::Deputize),
    ),
    row(
        "authorization/rooms-leave-is-open",
        RequirementId::AuthorizationRoomsLeave,
        "`rooms.leave` is executed for users who are not in the room.",
        |fault| fault.change_responses(&[RoomsLeave], OUTSIDER, Change::Deputize),
    ),
    row(
        "authorization/rooms-archive-is-open",
        RequirementId::AuthorizationRoomsArchive,
        "`rooms.archive` is executed for users who are not in the room.",
        |fault| fault.change_responses(&[RoomsArchive], OUTSIDER, Change::Deputize),
    ),
    row(
        "authorization/rooms-stats-is-open",
        RequirementId::AuthorizationRoomsStats,
        "`rooms.stats` is executed for users who are not in the room.",
        |fault| fault.change_responses(&[RoomsStats], OUTSIDER, Change::Deputize),
    ),
    row(
        "authorization/messages-list-is-open",
        RequirementId::AuthorizationMessagesList,
        "`messages.list` is executed for users who are not in the room.",
        |fault| fault.change_responses(&[MessagesList], OUTSIDER, Change::Deputize),
    ),
    row(
        "authorization/messages-send-is-open",
        RequirementId::AuthorizationMessagesSend,
        "`messages.send` is executed for users who are not in the room.",
        |fault| fault.change_responses(&[MessagesSend], OUTSIDER, Change::Deputize),
    ),
    row(
        "authorization/messages-get-is-open",
        RequirementId::AuthorizationMessagesGet,
        "`messages.get` is executed for users who are not in the room.",
        |fault| fault.change_responses(&[MessagesGet], OUTSIDER, Change::Deputize),
    ),
    row(
        "authorization/messages-edit-is-open",
        RequirementId::AuthorizationMessagesEdit,
        "`messages.edit` is executed for users who are not in the room.",
        |fault| fault.change_responses(&[MessagesEdit], OUTSIDER, Change::Deputize),
    ),
    row(
        "authorization/messages-delete-is-open",
        RequirementId::AuthorizationMessagesDelete,
        "`messages.delete` is executed for users who are not in the room.",
        |fault| fault.change_responses(&[MessagesDelete], OUTSIDER, Change::Deputize),
    ),
    row(
        "authorization/messages-mark-read-is-open",
        RequirementId::AuthorizationMessagesMarkRead,
        "`messages.mark_read` is executed for users who are not in the room.",
        |fault| fault.change_responses(&[MessagesMarkRead], OUTSIDER, Change::Deputize),
    ),
    row(
        "authorization/participants-list-is-open",
        RequirementId::AuthorizationParticipantsList,
        "`participants.list` is executed for users who are not in the room.",
        |fault| fault.change_responses(&[ParticipantsList], OUTSIDER, Change::Deputize),
    ),
    row(
        "authorization/participants-add-is-open",
        RequirementId::AuthorizationParticipantsAdd,
        "`participants.add` is executed for users who are not in the room.",
        |fault| fault.change_responses(&[ParticipantsAdd], OUTSIDER, Change::Deputize),
    ),
    row(
        "authorization/participants-remove-is-open",
        RequirementId::AuthorizationParticipantsRemove,
        "`participants.remove` is executed for users who are not in the room.",
        |fault| fault.change_responses(&[ParticipantsRemove], OUTSIDER, Change::Deputize),
    ),
    row(
        "authorization/participants-mute-is-open",
        RequirementId::AuthorizationParticipantsMute,
        "`participants.mute` is executed for users who are not in the room.",
        |fault| fault.change_responses(&[ParticipantsMute], OUTSIDER, Change::Deputize),
    ),
    row(
        "authorization/deletes-what-it-refuses",
        RequirementId::AuthorizationNoSideEffect,
        "A deletion by a member without permission is rejected, but takes effect.",
        |fault| {
            fault.change_responses(&[MessagesDelete], When::Status(403), Change::DeputizeSilently)
        },
    ),
    row(
        "authorization/tells-what-exists",
        RequirementId::AuthorizationNoExistenceLeak,
        "Outsiders are rejected with 403 if the room exists, and with 404 otherwise.",
        |fault| {
            fault.permissions.outsider_refusal = Some(|base, _, room| match room {
                Some(_) => Refusal::Forbidden("You are not in this room."),
                None => base.outsider_refusal(None),
            });
        },
    ),
    row(
        "authorization/removed-keep-typing",
        RequirementId::AuthorizationEventsAfterRemoval,
        "Former members can still type on an open socket.",
        |fault| {
            fault.delivery.end_streams = Some(|_, _, _, _, _, _| {});
            fault.permissions.check_typing = Some(|_, _, _| Ok(()));
        },
    ),
];
