//! Faults of sockets.

use std::time::Duration;

use hearback_contract::RequirementId;
use hearback_contract::ServerEvent::{
    ChatMessage, ConnectionEstablished, ReadReceipt, RoomMarkedRead, Typing,
};
use hearback_reference::delivery::{Audience, Closing, Event, Source};
use hearback_reference::rules::Frame;

use crate::bad_frame::BadFrame;
use crate::distortion::{increment, uppercase};
use crate::edit::Edit;
use crate::fault::{FaultSpec, row};
use crate::wire::{EventChange, Every, Recipients};

/// Closes a connection after a bad frame.
const REJECTED: Closing = Closing { code: 1008, reason: "That is not an event." };

/// Does not respond to frames with one problem.
macro_rules! ignores {
    ($problem:ident) => {
        |fault| {
            fault.delivery.reject_frame = Some(|base, _, hub, peer, frame, refusal| match frame {
                Frame::Text(text) if BadFrame::of(text) == BadFrame::$problem => {}
                _ => base.reject_frame(hub, peer, frame, refusal),
            });
        }
    };
}

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "socket/opens-to-admins-only",
        RequirementId::SocketOpens,
        "Only admins can open a socket.",
        |fault| {
            fault.permissions.check_listening = Some(|base, _, membership, room| {
                let membership = membership?;
                membership.require_admin()?;
                base.check_listening(Ok(membership), room)
            });
        },
    ),
    row(
        "socket/established-twice",
        RequirementId::SocketEstablishedFirst,
        "`connection_established` is sent twice.",
        |fault| {
            fault.change_events(
                ConnectionEstablished,
                EventChange::Repeat(Recipients::Everyone, Every(1)),
            )
        },
    ),
    row(
        "socket/established-for-another",
        RequirementId::SocketEstablishedRight,
        "`user_id` of `connection_established` is the next user.",
        |fault| fault.edit_events(ConnectionEstablished, Edit::Map(&["/user_id"], increment)),
    ),
    row(
        "socket/opens-to-outsiders",
        RequirementId::SocketOutsiderRefused,
        "Users can open sockets to rooms that they are not in.",
        |fault| {
            fault.permissions.check_listening = Some(|base, _, membership, room| {
                base.check_listening(membership, room).or_else(|refusal| match room {
                    Some(_) => Ok(0),
                    None => Err(refusal),
                })
            });
        },
    ),
    row(
        "socket/opens-unknown-rooms",
        RequirementId::SocketUnknownRoomRefused,
        "Sockets open to rooms that do not exist.",
        |fault| {
            fault.permissions.check_listening = Some(|base, _, membership, room| {
                base.check_listening(membership, room).or_else(|refusal| match room {
                    Some(_) => Err(refusal),
                    None => Ok(0),
                })
            });
        },
    ),
    row(
        "socket/fails-on-malformed-rooms",
        RequirementId::SocketMalformedRoomRefused,
        "Handshakes with a malformed room id are answered with 500.",
        |fault| fault.fails_malformed = true,
    ),
    row(
        "socket/loses-messages-to-others",
        RequirementId::SocketMessageReachesOthers,
        "Every third message does not reach other members.",
        |fault| fault.change_events(ChatMessage, EventChange::Lose(Recipients::Others, Every(3))),
    ),
    row(
        "socket/loses-messages-to-sender",
        RequirementId::SocketMessageReachesSender,
        "Messages do not reach the sockets of their sender.",
        |fault| fault.change_events(ChatMessage, EventChange::Lose(Recipients::Actor, Every(1))),
    ),
    row(
        "socket/renames-sender",
        RequirementId::SocketMessageRight,
        "`chat_message` shows the username of the sender in upper case.",
        |fault| fault.edit_events(ChatMessage, Edit::Map(&["/message/sender/username"], uppercase)),
    ),
    row(
        "socket/rest-stays-silent",
        RequirementId::SocketRestMessageDelivered,
        "Messages sent by REST do not reach sockets.",
        |fault| {
            fault.delivery.deliver =
                Some(|base, _, hub, room, event, source| match (event, source) {
                    (Event::ChatMessage { .. }, Source::Operation) => {}
                    _ => base.deliver(hub, room, event, source),
                });
        },
    ),
    row(
        "socket/keeps-nothing",
        RequirementId::SocketMessageListed,
        "Messages sent by socket are not stored.",
        |fault| {
            fault.storage.add_message =
                Some(|base, _, store, message, attachment, source| match source {
                    Source::Operation => base.add_message(store, message, attachment, source),
                    Source::Connection(_) => Ok(()),
                });
        },
    ),
    row(
        "socket/loses-typing",
        RequirementId::SocketTypingReachesOthers,
        "`typing` reaches no other member.",
        |fault| fault.change_events(Typing, EventChange::Lose(Recipients::Everyone, Every(1))),
    ),
    row(
        "socket/typing-reaches-typist",
        RequirementId::SocketTypingNotToTypist,
        "`typing` also reaches the user who types.",
        |fault| {
            fault.delivery.deliver = Some(|base, _, hub, room, event, source| match event {
                Event::Typing { .. } => hub.deliver(room, event, Audience::Everyone),
                _ => base.deliver(hub, room, event, source),
            });
        },
    ),
    row(
        "socket/typing-outlives-connection",
        RequirementId::SocketTypingEndsWithConnection,
        "Typing does not end when the connection of the typist ends.",
        |fault| {
            fault.delivery.farewell = Some(|base, _, hub, peer, _| base.farewell(hub, peer, None))
        },
    ),
    row(
        "socket/typing-never-ends",
        RequirementId::SocketTypingTimesOut,
        "Typing does not end by itself.",
        |fault| fault.delivery.typing_lifetime = Some(|_, _| Duration::from_secs(3_600)),
    ),
    row(
        "socket/wrong-typist",
        RequirementId::SocketTypingRight,
        "`user_id` of `typing` is the next user.",
        |fault| fault.edit_events(Typing, Edit::Map(&["/user_id"], increment)),
    ),
    row(
        "socket/loses-receipts",
        RequirementId::SocketReceiptReachesOthers,
        "`read_receipt` reaches no other member.",
        |fault| fault.change_events(ReadReceipt, EventChange::Lose(Recipients::Everyone, Every(1))),
    ),
    row(
        "socket/wrong-reader",
        RequirementId::SocketReceiptRight,
        "`user_id` of `read_receipt` is the next user.",
        |fault| fault.edit_events(ReadReceipt, Edit::Map(&["/user_id"], increment)),
    ),
    row(
        "socket/confirms-nothing",
        RequirementId::SocketRoomMarkedRead,
        "`mark_room_read` is not confirmed.",
        |fault| {
            fault.change_events(RoomMarkedRead, EventChange::Lose(Recipients::Everyone, Every(1)))
        },
    ),
    row(
        "socket/confirms-to-everyone",
        RequirementId::SocketRoomMarkedReadOnlyToRequester,
        "`room_marked_read` reaches everyone in the room.",
        |fault| {
            fault.delivery.deliver =
                Some(|base, _, hub, room, event, source| match (event, source) {
                    (Event::RoomMarkedRead { .. }, Source::Connection(_)) => {
                        hub.deliver(room, event, Audience::Everyone);
                    }
                    _ => base.deliver(hub, room, event, source),
                });
        },
    ),
    row(
        "socket/ignores-malformed-json",
        RequirementId::SocketMalformedJson,
        "Frames that are not JSON objects are ignored.",
        ignores!(Json),
    ),
    row(
        "socket/ignores-missing-type",
        RequirementId::SocketMissingType,
        "Events without a `type` are ignored.",
        ignores!(Type),
    ),
    row(
        "socket/ignores-unknown-type",
        RequirementId::SocketUnknownType,
        "Events of unknown type are ignored.",
        ignores!(UnknownType),
    ),
    row(
        "socket/ignores-invalid-fields",
        RequirementId::SocketInvalidFields,
        "Events with missing or mistyped fields are ignored.",
        ignores!(Fields),
    ),
    row(
        "socket/ignores-empty-message",
        RequirementId::SocketEmptyMessage,
        "Empty messages are ignored.",
        ignores!(Blank),
    ),
    row(
        "socket/ignores-foreign-reference",
        RequirementId::SocketForeignReference,
        "Receipts for, and replies to, messages of other rooms are ignored.",
        ignores!(Reference),
    ),
    row(
        "socket/bad-input-ends-connection",
        RequirementId::SocketSurvivesBadInput,
        "Invalid frames end the connection.",
        |fault| {
            fault.delivery.reject_frame = Some(|_, _, hub, peer, _, _| {
                hub.disconnect(peer.room, peer.user, REJECTED);
            });
        },
    ),
    row(
        "socket/binary-frames-end-room",
        RequirementId::SocketSurvivesHostileFrames,
        "A binary frame ends all connections to the room.",
        |fault| {
            fault.delivery.reject_frame = Some(|base, _, hub, peer, frame, refusal| match frame {
                Frame::Binary => hub.close_room(peer.room, REJECTED),
                Frame::Text(_) => base.reject_frame(hub, peer, frame, refusal),
            });
        },
    ),
    row(
        "socket/errors-reach-everyone",
        RequirementId::SocketErrorIsPrivate,
        "`error` reaches everyone in the room.",
        |fault| {
            fault.delivery.reject_frame = Some(|_, _, hub, peer, _, refusal| {
                let event = Event::Error { message: &refusal.to_string() };
                hub.deliver(peer.room, &event, Audience::Everyone);
            });
        },
    ),
];
