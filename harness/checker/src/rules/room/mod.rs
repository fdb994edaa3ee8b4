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

use crate::rule::Rule;

/// The rules of this family.
pub static RULES: &[Rule] = &[
    Rule { requirement: "room/create-group", examine: creation::create_group },
    Rule { requirement: "room/create-direct", examine: creation::create_direct },
    Rule { requirement: "room/create-task", examine: creation::create_task },
    Rule { requirement: "room/create-property", examine: creation::create_property },
    Rule { requirement: "room/starts-active", examine: founding::starts_active },
    Rule { requirement: "room/created-by", examine: founding::created_by },
    Rule { requirement: "room/creator-is-admin", examine: founding::creator_is_admin },
    Rule { requirement: "room/others-are-not-admin", examine: founding::others_are_not_admin },
    Rule { requirement: "room/participants-as-asked", examine: founding::participants_as_asked },
    Rule { requirement: "room/participant-count", examine: count::participant_count },
    Rule { requirement: "room/direct-is-exactly-two", examine: refusal::direct_is_exactly_two },
    Rule { requirement: "room/unknown-type-refused", examine: refusal::unknown_type },
    Rule { requirement: "room/unknown-participant-refused", examine: refusal::unknown_participant },
    Rule { requirement: "room/direct-display-name", examine: naming::direct_display_name },
    Rule { requirement: "room/group-display-name", examine: naming::group_display_name },
    Rule { requirement: "room/get-equals-create", examine: views::get_equals_create },
    Rule { requirement: "room/detail-equals-list", examine: views::detail_equals_list },
    Rule { requirement: "room/last-message", examine: newest::last_message },
    Rule { requirement: "room/last-message-preview", examine: newest::last_message_preview },
    Rule { requirement: "room/last-message-time", examine: newest::last_message_time },
    Rule { requirement: "room/filter-type", examine: filtering::filter_type },
    Rule { requirement: "room/filter-search", examine: filtering::filter_search },
    Rule { requirement: "room/archived-left-out", examine: visibility::archived_left_out },
    Rule { requirement: "room/archived-included", examine: visibility::archived_included },
    Rule { requirement: "room/listed-for-members", examine: visibility::listed_for_members },
    Rule { requirement: "room/only-my-rooms", examine: visibility::only_my_rooms },
    Rule { requirement: "room/stats-message-count", examine: count::stats_message_count },
    Rule { requirement: "room/stats-participant-count", examine: count::stats_participant_count },
    Rule { requirement: "room/stats-last-message-at", examine: newest::stats_last_message_at },
    Rule { requirement: "room/stats-unread-count", examine: views::stats_unread_count },
    Rule { requirement: "room/leave", examine: ending::leave },
    Rule { requirement: "room/archive", examine: ending::archive },
    Rule { requirement: "room/create-ignores-other-fields", examine: smuggling::create },
];
