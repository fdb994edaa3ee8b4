//! Rules of family `room`.

mod count;
mod creation;
mod ending;
mod filtering;
mod founding;
mod listing;
mod naming;
mod newest;
mod refusal;
mod smuggling;
mod views;
mod visibility;

pub(super) use creation::known_users;
pub(super) use newest::is_beginning;
pub(super) use refusal::beyond_all;

use hearback_contract::RequirementId;

use crate::rule::Rule;

/// The rules of this family.
pub static RULES: &[Rule] = &[
    Rule { requirement: RequirementId::RoomCreateGroup, check: creation::create_group },
    Rule { requirement: RequirementId::RoomCreateDirect, check: creation::create_direct },
    Rule { requirement: RequirementId::RoomCreateTask, check: creation::create_task },
    Rule { requirement: RequirementId::RoomCreateProperty, check: creation::create_property },
    Rule { requirement: RequirementId::RoomStartsActive, check: founding::starts_active },
    Rule { requirement: RequirementId::RoomCreatedBy, check: founding::created_by },
    Rule { requirement: RequirementId::RoomCreatorIsAdmin, check: founding::creator_is_admin },
    Rule {
        requirement: RequirementId::RoomOthersAreNotAdmin,
        check: founding::others_are_not_admin,
    },
    Rule {
        requirement: RequirementId::RoomParticipantsAsAsked,
        check: founding::participants_as_asked,
    },
    Rule { requirement: RequirementId::RoomParticipantCount, check: count::participant_count },
    Rule {
        requirement: RequirementId::RoomDirectIsExactlyTwo,
        check: refusal::direct_is_exactly_two,
    },
    Rule { requirement: RequirementId::RoomUnknownTypeRefused, check: refusal::unknown_type },
    Rule {
        requirement: RequirementId::RoomUnknownParticipantRefused,
        check: refusal::unknown_participant,
    },
    Rule { requirement: RequirementId::RoomDirectDisplayName, check: naming::direct_display_name },
    Rule { requirement: RequirementId::RoomGroupDisplayName, check: naming::group_display_name },
    Rule { requirement: RequirementId::RoomGetEqualsCreate, check: views::get_equals_create },
    Rule { requirement: RequirementId::RoomDetailEqualsList, check: views::detail_equals_list },
    Rule { requirement: RequirementId::RoomLastMessage, check: newest::last_message },
    Rule {
        requirement: RequirementId::RoomLastMessagePreview,
        check: newest::last_message_preview,
    },
    Rule { requirement: RequirementId::RoomLastMessageTime, check: newest::last_message_time },
    Rule { requirement: RequirementId::RoomFilterType, check: filtering::filter_type },
    Rule { requirement: RequirementId::RoomFilterSearch, check: filtering::filter_search },
    Rule { requirement: RequirementId::RoomArchivedLeftOut, check: visibility::archived_left_out },
    Rule { requirement: RequirementId::RoomArchivedIncluded, check: visibility::archived_included },
    Rule {
        requirement: RequirementId::RoomListedForMembers,
        check: visibility::listed_for_members,
    },
    Rule { requirement: RequirementId::RoomOnlyMyRooms, check: visibility::only_my_rooms },
    Rule { requirement: RequirementId::RoomStatsMessageCount, check: count::stats_message_count },
    Rule {
        requirement: RequirementId::RoomStatsParticipantCount,
        check: count::stats_participant_count,
    },
    Rule {
        requirement: RequirementId::RoomStatsLastMessageAt,
        check: newest::stats_last_message_at,
    },
    Rule { requirement: RequirementId::RoomStatsUnreadCount, check: views::stats_unread_count },
    Rule { requirement: RequirementId::RoomLeave, check: ending::leave },
    Rule { requirement: RequirementId::RoomArchive, check: ending::archive },
    Rule { requirement: RequirementId::RoomCreateIgnoresOtherFields, check: smuggling::create },
];
