//! Faults of rooms.

use hearback_contract::Operation::{RoomsArchive, RoomsCreate, RoomsGet, RoomsList, RoomsStats};
use hearback_contract::RequirementId;
use hearback_reference::store::rooms::{Room, RoomFilter};
use hearback_reference::timestamp::Timestamp;
use hearback_reference::{App, RoomType};
use serde_json::{Value, json};

use super::outsiders::{former_participants, rooms_of_outsider};
use crate::distortion::{drop_fraction, halve, increment, replace_id, uppercase};
use crate::edit::Edit;
use crate::fault::{FaultSpec, row};
use crate::memory::Memory;
use crate::wire::{Change, Exchange, RequestChange, When};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "room/shortens-names",
        RequirementId::RoomCreateGroup,
        "Names of rooms lose their second half.",
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
        "Direct rooms become groups.",
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
        "The `task` of a task room is one too high.",
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
        "The `property` of a property room is one too high.",
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
        "New rooms appear as archived.",
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
        "`created_by` of rooms is another user.",
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
        "New rooms have no admin.",
        |fault| {
            fault.edit_responses(&[RoomsCreate], Edit::Set(&["/participants/*/is_admin"], "false"))
        },
    ),
    row(
        "room/everybody-is-admin",
        RequirementId::RoomOthersAreNotAdmin,
        "All participants of a new room are admins.",
        |fault| {
            fault.edit_responses(&[RoomsCreate], Edit::Set(&["/participants/*/is_admin"], "true"))
        },
    ),
    row(
        "room/loses-a-participant",
        RequirementId::RoomParticipantsAsAsked,
        "New rooms lack their last participant.",
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
        "`participant_count` of a new room is one too high.",
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
        "A room of an unknown type becomes a group.",
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
        "Participants of a new room who do not exist are ignored.",
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
        "Direct rooms show the viewer's own name.",
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
        "Groups with a name show the names of their members.",
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
        "`created_at` of a single room lacks the fraction of a second.",
        |fault| fault.edit_responses(&[RoomsGet], Edit::Map(&["/created_at"], drop_fraction)),
    ),
    row(
        "room/list-counts-one-more",
        RequirementId::RoomDetailEqualsList,
        "`participant_count` in the list of rooms is one too high.",
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
        "The id in `last_message` identifies no message.",
        |fault| fault.edit_responses(&[RoomsGet], Edit::Map(&["/last_message/id"], replace_id)),
    ),
    row(
        "room/preview-in-capitals",
        RequirementId::RoomLastMessagePreview,
        "The preview of the last message is in upper case.",
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
        "`last_message_time` in the list of rooms is always null.",
        |fault| {
            fault.edit_responses(&[RoomsList], Edit::Set(&["/results/*/last_message_time"], "null"))
        },
    ),
    row(
        "room/ignores-type-filter",
        RequirementId::RoomFilterType,
        "The list of rooms ignores `room_type`.",
        |fault| {
            fault.listing.rooms = Some(|base, _, store, user, filter, window| {
                base.rooms(store, user, RoomFilter { room_type: None, ..filter }, window)
            });
        },
    ),
    row(
        "room/ignores-search",
        RequirementId::RoomFilterSearch,
        "The list of rooms ignores `search`.",
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
        "The list of rooms contains rooms that the user is not in.",
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
        "`message_count` of the statistics is one too high.",
        |fault| fault.edit_responses(&[RoomsStats], Edit::Map(&["/message_count"], increment)),
    ),
    row(
        "room/stats-count-one-more-participant",
        RequirementId::RoomStatsParticipantCount,
        "`participant_count` of the statistics is one too high.",
        |fault| fault.edit_responses(&[RoomsStats], Edit::Map(&["/participant_count"], increment)),
    ),
    row(
        "room/stats-without-last-message",
        RequirementId::RoomStatsLastMessageAt,
        "`last_message_at` of the statistics is always null.",
        |fault| fault.edit_responses(&[RoomsStats], Edit::Set(&["/last_message_at"], "null")),
    ),
    row(
        "room/stats-count-one-more-unread",
        RequirementId::RoomStatsUnreadCount,
        "`unread_count` of the statistics is one too high.",
        |fault| fault.edit_responses(&[RoomsStats], Edit::Map(&["/unread_count"], increment)),
    ),
    row(
        "room/leavers-stay-listed",
        RequirementId::RoomLeave,
        "Rooms list former members as participants.",
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
        "Archiving a room returns it as active.",
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
        "room/archives-again",
        RequirementId::RoomArchivedAtKept,
        "Archiving an archived room sets `archived_at` again, and is rejected.",
        |fault| {
            let renew = |app: &App, _: &Memory, exchange: &mut Exchange| {
                let Some(id) = exchange.received().id_in_path() else { return };
                let chat = app.chat();
                if let Ok(Some(Room { archived_at: Some(_), .. })) = chat.store.room(id) {
                    // The response is a refusal in any case.
                    drop(chat.store.archive_room(id, Timestamp::now()));
                }
            };
            fault.change_responses(&[RoomsArchive], When::Refusal, Change::With(renew));
        },
    ),
    row(
        "room/inactive-when-asked",
        RequirementId::RoomCreateIgnoresOtherFields,
        "The creator of a room can set `is_active`.",
        |fault| fault.change_responses(&[RoomsCreate], When::Success, Change::Echo(&["is_active"])),
    ),
];

fn is_unknown(room_type: &Value) -> bool {
    room_type.as_str().is_some_and(|word| RoomType::named(word).is_none())
}
