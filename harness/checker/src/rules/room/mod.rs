//! Family `room`: creating, listing, reading, leaving and archiving rooms.

mod archive;
mod archived_at_kept;
mod archived_included;
mod archived_left_out;
mod create_direct;
mod create_group;
mod create_ignores_other_fields;
mod create_property;
mod create_task;
mod created_by;
mod creation_response;
pub(crate) mod creations;
mod creator_is_admin;
mod detail_equals_list;
mod direct_created_once;
mod direct_display_name;
mod direct_is_exactly_two;
mod display_names;
mod filter_search;
mod filter_type;
mod get_equals_create;
mod group_display_name;
mod last_message;
mod last_message_preview;
mod last_message_time;
mod leave;
mod listed_for_members;
mod listing;
mod name_intact;
mod new_rooms;
mod newest_message;
mod only_my_rooms;
mod others_are_not_admin;
mod participant_count;
mod participants_as_asked;
mod preview_whole_characters;
mod rejection;
mod starts_active;
mod statistics;
mod stats_last_message_at;
mod stats_message_count;
mod stats_participant_count;
mod stats_unread_count;
mod unknown_participant_refused;
mod unknown_type_refused;
mod view_agreement;

pub(super) use creations::{first_unused_id, known_users};

use crate::rule::Rule;

/// The rules of this family, in the order of the requirements.
pub(super) static RULES: &[Rule] = &[
    create_group::RULE,
    create_direct::RULE,
    create_task::RULE,
    create_property::RULE,
    starts_active::RULE,
    created_by::RULE,
    creator_is_admin::RULE,
    others_are_not_admin::RULE,
    participants_as_asked::RULE,
    participant_count::RULE,
    direct_is_exactly_two::RULE,
    direct_created_once::RULE,
    unknown_type_refused::RULE,
    unknown_participant_refused::RULE,
    direct_display_name::RULE,
    group_display_name::RULE,
    name_intact::RULE,
    get_equals_create::RULE,
    detail_equals_list::RULE,
    last_message::RULE,
    last_message_preview::RULE,
    preview_whole_characters::RULE,
    last_message_time::RULE,
    filter_type::RULE,
    filter_search::RULE,
    archived_left_out::RULE,
    archived_included::RULE,
    listed_for_members::RULE,
    only_my_rooms::RULE,
    stats_message_count::RULE,
    stats_participant_count::RULE,
    stats_last_message_at::RULE,
    stats_unread_count::RULE,
    leave::RULE,
    archive::RULE,
    archived_at_kept::RULE,
    create_ignores_other_fields::RULE,
];
