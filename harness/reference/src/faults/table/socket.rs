//! Faults of sockets.

use hearback_contract::ServerEvent::{
    ChatMessage, ConnectionEstablished, ReadReceipt, RoomMarkedRead, Typing,
};

use super::{Edit, Effect, FaultSpec, behaviour, event, row};
use crate::faults::behaviour::Behaviour;
use crate::faults::event::{Every, Whom};
use crate::faults::frames::BadInput;
use crate::faults::values::{increment, uppercase};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "socket/opens-to-admins-only",
        "socket/opens",
        "Only admins can open a socket.",
        behaviour(Behaviour::OpensToAdminsOnly),
    ),
    row(
        "socket/established-twice",
        "socket/established-first",
        "`connection_established` is sent twice.",
        event(ConnectionEstablished, Effect::Repeat(Whom::Everyone, Every(1))),
    ),
    row(
        "socket/established-for-another",
        "socket/established-right",
        "`connection_established` names the next user.",
        event(ConnectionEstablished, Effect::Edit(Edit::Map(&["/user_id"], increment))),
    ),
    row(
        "socket/opens-to-outsiders",
        "socket/outsider-refused",
        "Every user can open a socket to every room.",
        behaviour(Behaviour::OpensToOutsiders),
    ),
    row(
        "socket/opens-unknown-rooms",
        "socket/unknown-room-refused",
        "A socket opens to a room that does not exist.",
        behaviour(Behaviour::OpensUnknownRooms),
    ),
    row(
        "socket/loses-messages-to-others",
        "socket/message-reaches-others",
        "Every third message does not reach the others.",
        event(ChatMessage, Effect::Lose(Whom::Others, Every(3))),
    ),
    row(
        "socket/loses-messages-to-sender",
        "socket/message-reaches-sender",
        "The sender does not receive its own messages.",
        event(ChatMessage, Effect::Lose(Whom::Actor, Every(1))),
    ),
    row(
        "socket/renames-sender",
        "socket/message-right",
        "`chat_message` shows the sender's name in capitals.",
        event(ChatMessage, Effect::Edit(Edit::Map(&["/message/sender/username"], uppercase))),
    ),
    row(
        "socket/rest-stays-silent",
        "socket/rest-message-delivered",
        "Messages sent by REST do not reach sockets.",
        behaviour(Behaviour::RestMessagesAreNotDelivered),
    ),
    row(
        "socket/keeps-nothing",
        "socket/message-listed",
        "Messages sent by socket are not in the history.",
        behaviour(Behaviour::SocketMessagesAreNotKept),
    ),
    row(
        "socket/loses-typing",
        "socket/typing-reaches-others",
        "Nobody is told who types.",
        event(Typing, Effect::Lose(Whom::Everyone, Every(1))),
    ),
    row(
        "socket/typing-reaches-typist",
        "socket/typing-not-to-typist",
        "The typist is told of its own typing.",
        behaviour(Behaviour::TypingReachesTypist),
    ),
    row(
        "socket/wrong-typist",
        "socket/typing-right",
        "`typing` names the next user.",
        event(Typing, Effect::Edit(Edit::Map(&["/user_id"], increment))),
    ),
    row(
        "socket/loses-receipts",
        "socket/receipt-reaches-others",
        "Nobody is told who has read.",
        event(ReadReceipt, Effect::Lose(Whom::Everyone, Every(1))),
    ),
    row(
        "socket/wrong-reader",
        "socket/receipt-right",
        "`read_receipt` names the next user.",
        event(ReadReceipt, Effect::Edit(Edit::Map(&["/user_id"], increment))),
    ),
    row(
        "socket/confirms-nothing",
        "socket/room-marked-read",
        "`mark_room_read` is not confirmed.",
        event(RoomMarkedRead, Effect::Lose(Whom::Everyone, Every(1))),
    ),
    row(
        "socket/confirms-to-everyone",
        "socket/room-marked-read-only-to-requester",
        "`room_marked_read` goes to everybody in the room.",
        behaviour(Behaviour::ConfirmsToEveryone),
    ),
    row(
        "socket/ignores-malformed-json",
        "socket/malformed-json",
        "Text that is no JSON object is ignored.",
        behaviour(Behaviour::Ignores(BadInput::Json)),
    ),
    row(
        "socket/ignores-missing-type",
        "socket/missing-type",
        "An event without a `type` is ignored.",
        behaviour(Behaviour::Ignores(BadInput::Type)),
    ),
    row(
        "socket/ignores-unknown-type",
        "socket/unknown-type",
        "An event of unknown type is ignored.",
        behaviour(Behaviour::Ignores(BadInput::UnknownType)),
    ),
    row(
        "socket/ignores-invalid-fields",
        "socket/invalid-fields",
        "An event with missing or mistyped fields is ignored.",
        behaviour(Behaviour::Ignores(BadInput::Fields)),
    ),
    row(
        "socket/ignores-empty-message",
        "socket/empty-message",
        "An empty message is ignored.",
        behaviour(Behaviour::Ignores(BadInput::Blank)),
    ),
    row(
        "socket/ignores-foreign-reference",
        "socket/foreign-reference",
        "A receipt for, or reply to, a message of another room is ignored.",
        behaviour(Behaviour::Ignores(BadInput::Reference)),
    ),
    row(
        "socket/bad-input-ends-connection",
        "socket/survives-bad-input",
        "Bad input ends the connection.",
        behaviour(Behaviour::BadInputEndsConnection),
    ),
    row(
        "socket/binary-frames-end-room",
        "socket/survives-hostile-frames",
        "A binary frame ends every connection to the room.",
        behaviour(Behaviour::BinaryFramesEndRoom),
    ),
    row(
        "socket/errors-reach-everyone",
        "socket/error-is-private",
        "`error` goes to everybody in the room.",
        behaviour(Behaviour::ErrorsReachEveryone),
    ),
];
