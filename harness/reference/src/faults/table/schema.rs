//! Faults of shape.

use hearback_contract::Operation::{
    MessagesEdit, MessagesGet, MessagesList, MessagesSearch, MessagesSend, ParticipantsList,
    RoomsArchive, RoomsCreate, RoomsGet, RoomsLeave, RoomsList, RoomsMarkRead, RoomsStats,
    TokenObtain,
};
use hearback_contract::ServerEvent;

use super::{Edit, Effect, FaultSpec, changed, edited, event, row};
use crate::faults::response::{Change, When};
use crate::faults::values::{drop_zone, quote};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "schema/token-obtain-renames-refresh",
        "schema/token.obtain",
        "The refresh token is called `refresh_token`.",
        edited(&[TokenObtain], Edit::Rename("/refresh", "refresh_token")),
    ),
    row(
        "schema/rooms-list-without-modified-at",
        "schema/rooms.list",
        "Rooms in the list have no `modified_at`.",
        edited(&[RoomsList], Edit::Remove(&["/results/*/modified_at"])),
    ),
    row(
        "schema/rooms-create-without-email",
        "schema/rooms.create",
        "The creator of a room just created has no `email`.",
        edited(&[RoomsCreate], Edit::Remove(&["/created_by/email"])),
    ),
    row(
        "schema/rooms-get-without-email",
        "schema/rooms.get",
        "The participants of a room have no `email`.",
        edited(&[RoomsGet], Edit::Remove(&["/participants/*/user/email"])),
    ),
    row(
        "schema/rooms-mark-read-without-message",
        "schema/rooms.mark_read",
        "Marking a room read answers an empty object.",
        edited(&[RoomsMarkRead], Edit::Remove(&["/message"])),
    ),
    row(
        "schema/rooms-mark-read-without-body",
        "schema/rooms.mark_read",
        "Marking a room read answers 200 and nothing else.",
        changed(&[RoomsMarkRead], When::Success, Change::Empty),
    ),
    row(
        "schema/rooms-leave-says-detail",
        "schema/rooms.leave",
        "Leaving a room answers a `detail` instead of a `message`.",
        edited(&[RoomsLeave], Edit::Rename("/message", "detail")),
    ),
    row(
        "schema/rooms-archive-without-email",
        "schema/rooms.archive",
        "The creator of a room just archived has no `email`.",
        edited(&[RoomsArchive], Edit::Remove(&["/created_by/email"])),
    ),
    row(
        "schema/rooms-stats-quotes-numbers",
        "schema/rooms.stats",
        "`unread_count` in the statistics is a string.",
        edited(&[RoomsStats], Edit::Map(&["/unread_count"], quote)),
    ),
    row(
        "schema/messages-list-without-email",
        "schema/messages.list",
        "The senders of listed messages have no `email`.",
        edited(&[MessagesList], Edit::Remove(&["/results/*/sender/email"])),
    ),
    row(
        "schema/messages-list-is-an-array",
        "schema/messages.list",
        "The list of messages is a plain array.",
        edited(
            &[MessagesList],
            Edit::Map(&[""], |list| {
                let results = list["results"].take();
                *list = results;
            }),
        ),
    ),
    row(
        "schema/messages-send-without-email",
        "schema/messages.send",
        "The sender of a message just sent has no `email`.",
        edited(&[MessagesSend], Edit::Remove(&["/sender/email"])),
    ),
    row(
        "schema/messages-get-without-email",
        "schema/messages.get",
        "The sender of a message fetched alone has no `email`.",
        edited(&[MessagesGet], Edit::Remove(&["/sender/email"])),
    ),
    row(
        "schema/messages-edit-without-email",
        "schema/messages.edit",
        "The sender of a message just edited has no `email`.",
        edited(&[MessagesEdit], Edit::Remove(&["/sender/email"])),
    ),
    row(
        "schema/messages-search-without-email",
        "schema/messages.search",
        "The senders of messages found have no `email`.",
        edited(&[MessagesSearch], Edit::Remove(&["/results/*/sender/email"])),
    ),
    row(
        "schema/participants-list-without-email",
        "schema/participants.list",
        "Listed participants have no `email`.",
        edited(&[ParticipantsList], Edit::Remove(&["/results/*/user/email"])),
    ),
    row(
        "schema/established-quotes-numbers",
        "schema/socket.connection_established",
        "`unread_count` in `connection_established` is a string.",
        event(
            ServerEvent::ConnectionEstablished,
            Effect::Edit(Edit::Map(&["/unread_count"], quote)),
        ),
    ),
    row(
        "schema/chat-message-without-full-name",
        "schema/socket.chat_message",
        "The sender in `chat_message` has no `full_name`.",
        event(ServerEvent::ChatMessage, Effect::Edit(Edit::Remove(&["/message/sender/full_name"]))),
    ),
    row(
        "schema/typing-without-username",
        "schema/socket.typing",
        "`typing` names no user.",
        event(ServerEvent::Typing, Effect::Edit(Edit::Remove(&["/username"]))),
    ),
    row(
        "schema/read-receipt-without-time",
        "schema/socket.read_receipt",
        "`read_receipt` has no `read_at`.",
        event(ServerEvent::ReadReceipt, Effect::Edit(Edit::Remove(&["/read_at"]))),
    ),
    row(
        "schema/room-marked-read-says-room",
        "schema/socket.room_marked_read",
        "`room_marked_read` calls the room `room`.",
        event(ServerEvent::RoomMarkedRead, Effect::Edit(Edit::Rename("/room_id", "room"))),
    ),
    row(
        "schema/error-says-detail",
        "schema/socket.error",
        "`error` holds a `detail` instead of a `message`.",
        event(ServerEvent::Error, Effect::Edit(Edit::Rename("/message", "detail"))),
    ),
    row(
        "schema/unknown-event",
        "schema/event-type",
        "An event of a type that the document does not name follows `connection_established`.",
        event(
            ServerEvent::ConnectionEstablished,
            Effect::Add(r#"{"type":"presence","user_id":1}"#),
        ),
    ),
    row(
        "schema/event-is-no-json",
        "schema/event-type",
        "Text that is no JSON follows each `room_marked_read`.",
        event(ServerEvent::RoomMarkedRead, Effect::Add("ok")),
    ),
    row(
        "schema/date-time-without-zone",
        "schema/date-time",
        "`modified_at` of listed rooms has no zone.",
        edited(&[RoomsList], Edit::Map(&["/results/*/modified_at"], drop_zone)),
    ),
    row(
        "schema/declared-as-text",
        "schema/content-type",
        "The statistics are declared as text/plain.",
        changed(&[RoomsStats], When::Success, Change::ContentType("text/plain; charset=utf-8")),
    ),
    row(
        "schema/more-than-documented",
        "schema/undocumented-fields",
        "The statistics hold a field that the document does not name.",
        edited(&[RoomsStats], Edit::Set(&["/internal_id"], "7")),
    ),
];
