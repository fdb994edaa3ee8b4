//! Faults of rooms.

use hearback_contract::Operation::{RoomsArchive, RoomsCreate, RoomsGet, RoomsList, RoomsStats};
use serde_json::json;

use super::{Edit, FaultSpec, behaviour, changed, edited, row};
use crate::faults::behaviour::Behaviour;
use crate::faults::response::{Change, When};
use crate::faults::values::{drop_fraction, halve, increment, null_is_an_id, uppercase};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "room/shortens-names",
        "room/create-group",
        "Half of a room's name is lost.",
        edited(&[RoomsCreate, RoomsGet, RoomsArchive], Edit::Map(&["/name"], halve)),
    ),
    row(
        "room/direct-becomes-group",
        "room/create-direct",
        "Direct rooms are made groups.",
        edited(
            &[RoomsCreate, RoomsGet, RoomsList, RoomsArchive],
            Edit::Map(&["/room_type", "/results/*/room_type"], |kind| {
                if kind == "direct" {
                    *kind = json!("group");
                }
            }),
        ),
    ),
    row(
        "room/task-is-the-next",
        "room/create-task",
        "A task room is about the task after the one that was asked for.",
        edited(&[RoomsCreate, RoomsGet, RoomsArchive], Edit::Map(&["/task"], increment)),
    ),
    row(
        "room/property-is-the-next",
        "room/create-property",
        "A property room is about the property after the one that was asked for.",
        edited(&[RoomsCreate, RoomsGet, RoomsArchive], Edit::Map(&["/property"], increment)),
    ),
    row(
        "room/starts-archived",
        "room/starts-active",
        "A new room is said to be archived.",
        edited(
            &[RoomsCreate],
            Edit::Map(&[""], |room| {
                room["is_active"] = json!(false);
                room["archived_at"] = room["created_at"].clone();
            }),
        ),
    ),
    row(
        "room/created-by-another",
        "room/created-by",
        "Rooms are said to be created by somebody else.",
        edited(&[RoomsCreate, RoomsGet, RoomsArchive], Edit::Map(&["/created_by/id"], increment)),
    ),
    row(
        "room/creator-is-no-admin",
        "room/creator-is-admin",
        "Nobody is admin of a new room.",
        edited(&[RoomsCreate], Edit::Set(&["/participants/*/is_admin"], "false")),
    ),
    row(
        "room/everybody-is-admin",
        "room/others-are-not-admin",
        "Everybody is admin of a new room.",
        edited(&[RoomsCreate], Edit::Set(&["/participants/*/is_admin"], "true")),
    ),
    row(
        "room/loses-a-participant",
        "room/participants-as-asked",
        "The last participant of a new room is missing.",
        edited(
            &[RoomsCreate],
            Edit::Map(&[""], |room| {
                if let Some(participants) = room["participants"].as_array_mut() {
                    participants.pop();
                    room["participant_count"] = json!(participants.len());
                }
            }),
        ),
    ),
    row(
        "room/counts-one-more",
        "room/participant-count",
        "`participant_count` of a new room is one too many.",
        edited(&[RoomsCreate], Edit::Map(&["/participant_count"], increment)),
    ),
    row(
        "room/accepts-crowded-direct-rooms",
        "room/direct-is-exactly-two",
        "A direct room may have any number of members.",
        behaviour(Behaviour::AcceptsCrowdedDirectRooms),
    ),
    row(
        "room/unknown-type-is-group",
        "room/unknown-type-refused",
        "A room of unknown type becomes a group.",
        behaviour(Behaviour::UnknownTypeIsGroup),
    ),
    row(
        "room/ignores-unknown-participants",
        "room/unknown-participant-refused",
        "Participants who do not exist are left out silently.",
        behaviour(Behaviour::IgnoresUnknownParticipants),
    ),
    row(
        "room/direct-shows-oneself",
        "room/direct-display-name",
        "A direct room shows the viewer's own name.",
        behaviour(Behaviour::DirectRoomsShowOneself),
    ),
    row(
        "room/groups-show-members",
        "room/group-display-name",
        "A group shows its members' names although it has one.",
        behaviour(Behaviour::GroupsShowMembers),
    ),
    row(
        "room/created-to-the-second",
        "room/get-equals-create",
        "`created_at` of a room fetched lacks the fraction that it had when the room was created.",
        edited(&[RoomsGet], Edit::Map(&["/created_at"], drop_fraction)),
    ),
    row(
        "room/list-counts-one-more",
        "room/detail-equals-list",
        "`participant_count` in the list is one too many.",
        edited(&[RoomsList], Edit::Map(&["/results/*/participant_count"], increment)),
    ),
    row(
        "room/last-message-has-another-id",
        "room/last-message",
        "`last_message` has an id that no message has.",
        edited(
            &[RoomsGet],
            Edit::Map(&["/last_message/id"], |id| {
                *id = json!(null);
                null_is_an_id(id);
            }),
        ),
    ),
    row(
        "room/preview-in-capitals",
        "room/last-message-preview",
        "The preview of the last message is in capitals.",
        edited(&[RoomsList], Edit::Map(&["/results/*/last_message_preview"], uppercase)),
    ),
    row(
        "room/last-message-time-stands-still",
        "room/last-message-time",
        "`last_message_time` in the list is always null.",
        edited(&[RoomsList], Edit::Set(&["/results/*/last_message_time"], "null")),
    ),
    row(
        "room/ignores-type-filter",
        "room/filter-type",
        "The list ignores `room_type`.",
        behaviour(Behaviour::IgnoresTypeFilter),
    ),
    row(
        "room/ignores-search",
        "room/filter-search",
        "The list ignores `search`.",
        behaviour(Behaviour::IgnoresSearchFilter),
    ),
    row(
        "room/lists-archived",
        "room/archived-left-out",
        "Archived rooms are always listed.",
        behaviour(Behaviour::ListsArchivedRooms),
    ),
    row(
        "room/hides-archived",
        "room/archived-included",
        "Archived rooms are never listed.",
        behaviour(Behaviour::HidesArchivedRooms),
    ),
    row(
        "room/hides-silent-rooms",
        "room/listed-for-members",
        "Rooms without messages are not listed.",
        changed(
            &[RoomsList],
            When::SuccessWithoutQuery,
            Change::Body(Edit::Map(&["/results"], |rooms| {
                if let Some(rooms) = rooms.as_array_mut() {
                    rooms.retain(|room| !room["last_message_time"].is_null());
                }
            })),
        ),
    ),
    row(
        "room/lists-foreign-rooms",
        "room/only-my-rooms",
        "Rooms that one is not in are listed, too.",
        behaviour(Behaviour::ListsForeignRooms),
    ),
    row(
        "room/stats-count-one-more-message",
        "room/stats-message-count",
        "`message_count` is one too many.",
        edited(&[RoomsStats], Edit::Map(&["/message_count"], increment)),
    ),
    row(
        "room/stats-count-one-more-participant",
        "room/stats-participant-count",
        "`participant_count` of the statistics is one too many.",
        edited(&[RoomsStats], Edit::Map(&["/participant_count"], increment)),
    ),
    row(
        "room/stats-without-last-message",
        "room/stats-last-message-at",
        "`last_message_at` is always null.",
        edited(&[RoomsStats], Edit::Set(&["/last_message_at"], "null")),
    ),
    row(
        "room/stats-count-one-more-unread",
        "room/stats-unread-count",
        "`unread_count` of the statistics is one too many.",
        edited(&[RoomsStats], Edit::Map(&["/unread_count"], increment)),
    ),
    row(
        "room/leavers-stay-listed",
        "room/leave",
        "Who has left is listed as a current member.",
        behaviour(Behaviour::LeaversStayListed),
    ),
    row(
        "room/archive-says-active",
        "room/archive",
        "A room just archived is said to be active.",
        edited(
            &[RoomsArchive],
            Edit::Map(&[""], |room| {
                room["is_active"] = json!(true);
                room["archived_at"] = json!(null);
            }),
        ),
    ),
    row(
        "room/inactive-when-asked",
        "room/create-ignores-other-fields",
        "Who makes a room can say that it is not active.",
        changed(&[RoomsCreate], When::Success, Change::Echo(&["is_active"])),
    ),
];
