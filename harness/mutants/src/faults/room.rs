//! Faults of rooms.

use hearback_contract::Operation::{RoomsArchive, RoomsCreate, RoomsGet, RoomsList, RoomsStats};
use hearback_contract::RequirementId;
use hearback_reference::RoomType;
use hearback_reference::store::rooms::{Room, RoomFilter};
use serde_json::{Value, json};

use super::outsiders::{former_participants, rooms_of_outsider};
use crate::distortion::{drop_fraction, halve, increment, replace_id, uppercase};
use crate::edit::Edit;
use crate::fault::{FaultSpec, row};
use crate::wire::{Change, RequestChange, When};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "room/shortens-names",
        RequirementId::RoomCreateGroup,
        "Half of a room's name is lost.",
        |fault| {
            fault.edit_responses(
                &[RoomsCreate, RoomsGet, RoomsArchive],
                Edit::Map(&["/name"], halve),
            )
        },
    ),
    row(
        "room/direct-becomes-group",
        RequirementId::RoomCreateDirect,
        "Direct rooms are made groups.",
        |fault| {
            fault.edit_responses(
                &[RoomsCreate, RoomsGet, RoomsList, RoomsArchive],
                Edit::Map(&["/room_type", "/results/*/room_type"], |kind| {
                    if kind == "direct" {
                        *kind = json!("group");
                    }
                }),
            )
        },
    ),
    row(
        "room/task-is-the-next",
        RequirementId::RoomCreateTask,
        "A task room is about the task after the one that was request for.",
        |fault| {
            fault.edit_responses(
                &[RoomsCreate, RoomsGet, RoomsArchive],
                Edit::Map(&["/task"], increment),
            )
        },
    ),
    row(
        "room/property-is-the-next",
        RequirementId::RoomCreateProperty,
        "A property room is about the property after the one that was request for.",
        |fault| {
            fault.edit_responses(
                &[RoomsCreate, RoomsGet, RoomsArchive],
                Edit::Map(&["/property"], increment),
            )
        },
    ),
    row(
        "room/starts-archived",
        RequirementId::RoomStartsActive,
        "A new room is said to be archived.",
        |fault| {
            fault.edit_responses(
                &[RoomsCreate],
                Edit::Map(&[""], |room| {
                    room["is_active"] = json!(false);
                    room["archived_at"] = room["created_at"].clone();
                }),
            )
        },
    ),
    row(
        "room/created-by-another",
        RequirementId::RoomCreatedBy,
        "Rooms are said to be created by somebody else.",
        |fault| {
            fault.edit_responses(
                &[RoomsCreate, RoomsGet, RoomsArchive],
                Edit::Map(&["/created_by/id"], increment),
            )
        },
    ),
    row(
        "room/creator-is-no-admin",
        RequirementId::RoomCreatorIsAdmin,
        "Nobody is admin of a new room.",
        |fault| {
            fault.edit_responses(&[RoomsCreate], Edit::Set(&["/participants/*/is_admin"], "false"))
        },
    ),
    row(
        "room/everybody-is-admin",
        RequirementId::RoomOthersAreNotAdmin,
        "Everybody is admin of a new room.",
        |fault| {
            fault.edit_responses(&[RoomsCreate], Edit::Set(&["/participants/*/is_admin"], "true"))
        },
    ),
    row(
        "room/loses-a-participant",
        RequirementId::RoomParticipantsAsAsked,
        "The last participant of a new room is missing.",
        |fault| {
            fault.edit_responses(
                &[RoomsCreate],
                Edit::Map(&[""], |room| {
                    if let Some(participants) = room["participants"].as_array_mut() {
                        participants.pop();
                        room["participant_count"] = json!(participants.len());
                    }
                }),
            )
        },
    ),
    row(
        "room/counts-one-more",
        RequirementId::RoomParticipantCount,
        "`participant_count` of a new room is one too many.",
        |fault| fault.edit_responses(&[RoomsCreate], Edit::Map(&["/participant_count"], increment)),
    ),
    row(
        "room/accepts-crowded-direct-rooms",
        RequirementId::RoomDirectIsExactlyTwo,
        "A direct room may have any number of members.",
        |fault| fault.validation.check_size = Some(|_, _, _, _| Ok(())),
    ),
    row(
        "room/unknown-type-is-group",
        RequirementId::RoomUnknownTypeRefused,
        "A room of unknown type becomes a group.",
        |fault| {
            let change = RequestChange::Rewrite(|request| {
                let room_type = request.body.get_mut("room_type");
                if let Some(room_type) = room_type.filter(|room_type| is_unknown(room_type)) {
                    *room_type = json!("group");
                }
            });
            fault.change_requests(RoomsCreate, change);
        },
    ),
    row(
        "room/ignores-unknown-participants",
        RequirementId::RoomUnknownParticipantRefused,
        "Participants who do not exist are left out silently.",
        |fault| {
            fault.validation.invited = Some(|base, _, directory, mut ids| {
                ids.retain(|id| directory.find(*id).is_some());
                base.invited(directory, ids)
            });
        },
    ),
    row(
        "room/direct-shows-oneself",
        RequirementId::RoomDirectDisplayName,
        "A direct room shows the viewer's own name.",
        |fault| {
            fault.rendering.display_name =
                Some(|base, _, store, directory, room, viewer| match room.room_type {
                    RoomType::Direct => Ok(directory.known(viewer).full_name.clone()),
                    _ => base.display_name(store, directory, room, viewer),
                });
        },
    ),
    row(
        "room/groups-show-members",
        RequirementId::RoomGroupDisplayName,
        "A group shows its members' names although it has one.",
        |fault| {
            fault.rendering.display_name =
                Some(|base, _, store, directory, room, viewer| match room.room_type {
                    RoomType::Group => {
                        let nameless = Room { name: String::new(), ..room.clone() };
                        base.display_name(store, directory, &nameless, viewer)
                    }
                    _ => base.display_name(store, directory, room, viewer),
                });
        },
    ),
    row(
        "room/created-to-the-second",
        RequirementId::RoomGetEqualsCreate,
        "`created_at` of a room fetched lacks the fraction that it had when the room was created.",
        |fault| fault.edit_responses(&[RoomsGet], Edit::Map(&["/created_at"], drop_fraction)),
    ),
    row(
        "room/list-counts-one-more",
        RequirementId::RoomDetailEqualsList,
        "`participant_count` in the list is one too many.",
        |fault| {
            fault.edit_responses(
                &[RoomsList],
                Edit::Map(&["/results/*/participant_count"], increment),
            )
        },
    ),
    row(
        "room/last-message-has-another-id",
        RequirementId::RoomLastMessage,
        "`last_message` has an id that no message has.",
        |fault| fault.edit_responses(&[RoomsGet], Edit::Map(&["/last_message/id"], replace_id)),
    ),
    row(
        "room/preview-in-capitals",
        RequirementId::RoomLastMessagePreview,
        "The preview of the last message is in capitals.",
        |fault| {
            fault.edit_responses(
                &[RoomsList],
                Edit::Map(&["/results/*/last_message_preview"], uppercase),
            )
        },
    ),
    row(
        "room/last-message-time-stands-still",
        RequirementId::RoomLastMessageTime,
        "`last_message_time` in the list is always null.",
        |fault| {
            fault.edit_responses(&[RoomsList], Edit::Set(&["/results/*/last_message_time"], "null"))
        },
    ),
    row(
        "room/ignores-type-filter",
        RequirementId::RoomFilterType,
        "The list ignores `room_type`.",
        |fault| {
            fault.listing.rooms = Some(|base, _, store, user, filter, window| {
                base.rooms(store, user, RoomFilter { room_type: None, ..filter }, window)
            });
        },
    ),
    row(
        "room/ignores-search",
        RequirementId::RoomFilterSearch,
        "The list ignores `search`.",
        |fault| fault.listing.room_matches = Some(|_, _, _, _, _| true),
    ),
    row(
        "room/lists-archived",
        RequirementId::RoomArchivedLeftOut,
        "Archived rooms are always listed.",
        |fault| {
            fault.listing.rooms = Some(|base, _, store, user, filter, window| {
                base.rooms(store, user, RoomFilter { include_archived: true, ..filter }, window)
            });
        },
    ),
    row(
        "room/hides-archived",
        RequirementId::RoomArchivedIncluded,
        "Archived rooms are never listed.",
        |fault| {
            fault.listing.rooms = Some(|base, _, store, user, filter, window| {
                base.rooms(store, user, RoomFilter { include_archived: false, ..filter }, window)
            });
        },
    ),
    row(
        "room/hides-silent-rooms",
        RequirementId::RoomListedForMembers,
        "Rooms without messages are not listed.",
        |fault| {
            fault.change_responses(
                &[RoomsList],
                When::SuccessWithoutQuery,
                Change::Body(Edit::Map(&["/results"], |rooms| {
                    if let Some(rooms) = rooms.as_array_mut() {
                        rooms.retain(|room| !room["last_message_time"].is_null());
                    }
                })),
            )
        },
    ),
    row(
        "room/lists-foreign-rooms",
        RequirementId::RoomOnlyMyRooms,
        "Rooms that one is not in are listed, too.",
        |fault| {
            fault.listing.rooms = Some(|base, _, store, user, filter, window| {
                let (count, mut rooms) = base.rooms(store, user, filter, window)?;
                rooms.extend(rooms_of_outsider(store, user)?);
                Ok((count, rooms))
            });
        },
    ),
    row(
        "room/stats-count-one-more-message",
        RequirementId::RoomStatsMessageCount,
        "`message_count` is one too many.",
        |fault| fault.edit_responses(&[RoomsStats], Edit::Map(&["/message_count"], increment)),
    ),
    row(
        "room/stats-count-one-more-participant",
        RequirementId::RoomStatsParticipantCount,
        "`participant_count` of the statistics is one too many.",
        |fault| fault.edit_responses(&[RoomsStats], Edit::Map(&["/participant_count"], increment)),
    ),
    row(
        "room/stats-without-last-message",
        RequirementId::RoomStatsLastMessageAt,
        "`last_message_at` is always null.",
        |fault| fault.edit_responses(&[RoomsStats], Edit::Set(&["/last_message_at"], "null")),
    ),
    row(
        "room/stats-count-one-more-unread",
        RequirementId::RoomStatsUnreadCount,
        "`unread_count` of the statistics is one too many.",
        |fault| fault.edit_responses(&[RoomsStats], Edit::Map(&["/unread_count"], increment)),
    ),
    row(
        "room/leavers-stay-listed",
        RequirementId::RoomLeave,
        "Who has left is listed as a current member.",
        |fault| {
            fault.rendering.participants = Some(|base, _, store, room| {
                let mut participants = base.participants(store, room)?;
                participants.extend(former_participants(store, room)?);
                Ok(participants)
            });
        },
    ),
    row(
        "room/archive-says-active",
        RequirementId::RoomArchive,
        "A room just archived is said to be active.",
        |fault| {
            fault.edit_responses(
                &[RoomsArchive],
                Edit::Map(&[""], |room| {
                    room["is_active"] = json!(true);
                    room["archived_at"] = json!(null);
                }),
            )
        },
    ),
    row(
        "room/inactive-when-asked",
        RequirementId::RoomCreateIgnoresOtherFields,
        "Who makes a room can say that it is not active.",
        |fault| fault.change_responses(&[RoomsCreate], When::Success, Change::Echo(&["is_active"])),
    ),
];

fn is_unknown(room_type: &Value) -> bool {
    room_type.as_str().is_some_and(|word| RoomType::named(word).is_none())
}
