//! Faults of the shape of responses and events.

use hearback_contract::Operation::{
    MessagesEdit, MessagesGet, MessagesList, MessagesSearch, MessagesSend, ParticipantsList,
    RoomsArchive, RoomsCreate, RoomsGet, RoomsLeave, RoomsList, RoomsMarkRead, RoomsStats,
    TokenObtain,
};
use hearback_contract::RequirementId;
use hearback_contract::ServerEvent;

use crate::distortion::{drop_zone, quote};
use crate::edit::Edit;
use crate::fault::{FaultSpec, row};
use crate::wire::{Change, EventChange, When};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "schema/token-obtain-renames-refresh",
        RequirementId::SchemaTokenObtain,
        "The refresh token has the name `refresh_token`.",
        |fault| fault.edit_responses(&[TokenObtain], Edit::Rename("/refresh", "refresh_token")),
    ),
    row(
        "schema/rooms-list-without-modified-at",
        RequirementId::SchemaRoomsList,
        "Rooms in the list have no `modified_at`.",
        |fault| fault.edit_responses(&[RoomsList], Edit::Remove(&["/results/*/modified_at"])),
    ),
    row(
        "schema/rooms-create-without-email",
        RequirementId::SchemaRoomsCreate,
        "The creator of a new room has no `email`.",
        |fault| fault.edit_responses(&[RoomsCreate], Edit::Remove(&["/created_by/email"])),
    ),
    row(
        "schema/rooms-get-without-email",
        RequirementId::SchemaRoomsGet,
        "The participants of a room have no `email`.",
        |fault| fault.edit_responses(&[RoomsGet], Edit::Remove(&["/participants/*/user/email"])),
    ),
    row(
        "schema/rooms-mark-read-without-message",
        RequirementId::SchemaRoomsMarkRead,
        "Marking a room as read returns an empty object.",
        |fault| fault.edit_responses(&[RoomsMarkRead], Edit::Remove(&["/message"])),
    ),
    row(
        "schema/rooms-mark-read-without-body",
        RequirementId::SchemaRoomsMarkRead,
        "Marking a room as read returns 200 without a body.",
        |fault| fault.change_responses(&[RoomsMarkRead], When::Success, Change::Empty),
    ),
    row(
        "schema/rooms-leave-says-detail",
        RequirementId::SchemaRoomsLeave,
        "Leaving a room returns a `detail` instead of a `message`.",
        |fault| fault.edit_responses(&[RoomsLeave], Edit::Rename("/message", "detail")),
    ),
    row(
        "schema/rooms-archive-without-email",
        RequirementId::SchemaRoomsArchive,
        "The creator of a newly archived room has no `email`.",
        |fault| fault.edit_responses(&[RoomsArchive], Edit::Remove(&["/created_by/email"])),
    ),
    row(
        "schema/rooms-stats-quotes-numbers",
        RequirementId::SchemaRoomsStats,
        "`unread_count` in the statistics is a string.",
        |fault| fault.edit_responses(&[RoomsStats], Edit::Map(&["/unread_count"], quote)),
    ),
    row(
        "schema/messages-list-without-email",
        RequirementId::SchemaMessagesList,
        "The senders of listed messages have no `email`.",
        |fault| fault.edit_responses(&[MessagesList], Edit::Remove(&["/results/*/sender/email"])),
    ),
    row(
        "schema/messages-list-is-an-array",
        RequirementId::SchemaMessagesList,
        "The list of messages is a plain array.",
        |fault| {
            fault.edit_responses(
                &[MessagesList],
                Edit::Map(&[""], |list| {
                    let results = list["results"].take();
                    *list = results;
                }),
            )
        },
    ),
    row(
        "schema/messages-send-without-email",
        RequirementId::SchemaMessagesSend,
        "The sender of a new message has no `email`.",
        |fault| fault.edit_responses(&[MessagesSend], Edit::Remove(&["/sender/email"])),
    ),
    row(
        "schema/messages-get-without-email",
        RequirementId::SchemaMessagesGet,
        "The sender of a single message has no `email`.",
        |fault| fault.edit_responses(&[MessagesGet], Edit::Remove(&["/sender/email"])),
    ),
    row(
        "schema/messages-edit-without-email",
        RequirementId::SchemaMessagesEdit,
        "The sender of an edited message has no `email`.",
        |fault| fault.edit_responses(&[MessagesEdit], Edit::Remove(&["/sender/email"])),
    ),
    row(
        "schema/messages-search-without-email",
        RequirementId::SchemaMessagesSearch,
        "The senders of found messages have no `email`.",
        |fault| fault.edit_responses(&[MessagesSearch], Edit::Remove(&["/results/*/sender/email"])),
    ),
    row(
        "schema/participants-list-without-email",
        RequirementId::SchemaParticipantsList,
        "Listed participants have no `email`.",
        |fault| fault.edit_responses(&[ParticipantsList], Edit::Remove(&["/results/*/user/email"])),
    ),
    row(
        "schema/established-quotes-numbers",
        RequirementId::SchemaSocketConnectionEstablished,
        "`unread_count` in `connection_established` is a string.",
        |fault| {
            fault.edit_events(
                ServerEvent::ConnectionEstablished,
                Edit::Map(&["/unread_count"], quote),
            )
        },
    ),
    row(
        "schema/chat-message-without-full-name",
        RequirementId::SchemaSocketChatMessage,
        "The sender in `chat_message` has no `full_name`.",
        |fault| {
            fault
                .edit_events(ServerEvent::ChatMessage, Edit::Remove(&["/message/sender/full_name"]))
        },
    ),
    row(
        "schema/typing-without-username",
        RequirementId::SchemaSocketTyping,
        "`typing` has no `username`.",
        |fault| fault.edit_events(ServerEvent::Typing, Edit::Remove(&["/username"])),
    ),
    row(
        "schema/read-receipt-without-time",
        RequirementId::SchemaSocketReadReceipt,
        "`read_receipt` has no `read_at`.",
        |fault| fault.edit_events(ServerEvent::ReadReceipt, Edit::Remove(&["/read_at"])),
    ),
    row(
        "schema/room-marked-read-says-room",
        RequirementId::SchemaSocketRoomMarkedRead,
        "`room_marked_read` has `room` instead of `room_id`.",
        |fault| fault.edit_events(ServerEvent::RoomMarkedRead, Edit::Rename("/room_id", "room")),
    ),
    row(
        "schema/error-says-detail",
        RequirementId::SchemaSocketError,
        "`error` has a `detail` instead of a `message`.",
        |fault| fault.edit_events(ServerEvent::Error, Edit::Rename("/message", "detail")),
    ),
    row(
        "schema/unknown-event",
        RequirementId::SchemaEventType,
        "An event of an undocumented type follows `connection_established`.",
        |fault| {
            fault.change_events(
                ServerEvent::ConnectionEstablished,
                EventChange::Add(r#"{"type":"presence","user_id":1}"#),
            )
        },
    ),
    row(
        "schema/event-is-no-json",
        RequirementId::SchemaEventType,
        "A frame that is not JSON follows each `room_marked_read`.",
        |fault| fault.change_events(ServerEvent::RoomMarkedRead, EventChange::Add("ok")),
    ),
    row(
        "schema/date-time-without-zone",
        RequirementId::SchemaDateTime,
        "`modified_at` of listed rooms has no zone.",
        |fault| {
            fault.edit_responses(&[RoomsList], Edit::Map(&["/results/*/modified_at"], drop_zone))
        },
    ),
    row(
        "schema/declared-as-text",
        RequirementId::SchemaContentType,
        "The content type of the statistics is text/plain.",
        |fault| {
            fault.change_responses(
                &[RoomsStats],
                When::Success,
                Change::ContentType("text/plain; charset=utf-8"),
            )
        },
    ),
    row(
        "schema/more-than-documented",
        RequirementId::SchemaUndocumentedFields,
        "The statistics have an undocumented field.",
        |fault| fault.edit_responses(&[RoomsStats], Edit::Set(&["/internal_id"], "7")),
    ),
];
