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
    Rule { requirement: "room/create-group", check: creation::create_group },
    Rule { requirement: "room/create-direct", check: creation::create_direct },
    Rule { requirement: "room/create-task", check: creation::create_task },
    Rule { requirement: "room/create-property", check: creation::create_property },
    Rule { requirement: "room/starts-active", check: founding::starts_active },
    Rule { requirement: "room/created-by", check: founding::created_by },
    Rule { requirement: "room/creator-is-admin", check: founding::creator_is_admin },
    Rule { requirement: "room/others-are-not-admin", check: founding::others_are_not_admin },
    Rule { requirement: "room/participants-as-asked", check: founding::participants_as_asked },
    Rule { requirement: "room/participant-count", check: count::participant_count },
    Rule { requirement: "room/direct-is-exactly-two", check: refusal::direct_is_exactly_two },
    Rule { requirement: "room/unknown-type-refused", check: refusal::unknown_type },
    Rule { requirement: "room/unknown-participant-refused", check: refusal::unknown_participant },
    Rule { requirement: "room/direct-display-name", check: naming::direct_display_name },
    Rule { requirement: "room/group-display-name", check: naming::group_display_name },
    Rule { requirement: "room/get-equals-create", check: views::get_equals_create },
    Rule { requirement: "room/detail-equals-list", check: views::detail_equals_list },
    Rule { requirement: "room/last-message", check: newest::last_message },
    Rule { requirement: "room/last-message-preview", check: newest::last_message_preview },
    Rule { requirement: "room/last-message-time", check: newest::last_message_time },
    Rule { requirement: "room/filter-type", check: filtering::filter_type },
    Rule { requirement: "room/filter-search", check: filtering::filter_search },
    Rule { requirement: "room/archived-left-out", check: visibility::archived_left_out },
    Rule { requirement: "room/archived-included", check: visibility::archived_included },
    Rule { requirement: "room/listed-for-members", check: visibility::listed_for_members },
    Rule { requirement: "room/only-my-rooms", check: visibility::only_my_rooms },
    Rule { requirement: "room/stats-message-count", check: count::stats_message_count },
    Rule { requirement: "room/stats-participant-count", check: count::stats_participant_count },
    Rule { requirement: "room/stats-last-message-at", check: newest::stats_last_message_at },
    Rule { requirement: "room/stats-unread-count", check: views::stats_unread_count },
    Rule { requirement: "room/leave", check: ending::leave },
    Rule { requirement: "room/archive", check: ending::archive },
    Rule { requirement: "room/create-ignores-other-fields", check: smuggling::create },
];
