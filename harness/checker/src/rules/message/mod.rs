//! Family `message`: messages are sent, read, edited and found.

mod attachment;
mod attachment_content;
pub(crate) mod attachment_fetches;
mod attachment_members_only;
mod attachment_name_intact;
mod attachment_name_safe;
mod attachment_needs_token;
mod attachment_not_executed;
mod attachment_type;
mod content_intact;
mod delete_by_others_refused;
mod edit_by_others_refused;
mod edit_changes_nothing_else;
mod edit_content;
mod edit_flags;
mod edit_ignores_other_fields;
mod edit_to_nothing_refused;
mod edits_settle;
mod empty_refused;
mod expected_hits;
pub(super) mod field_comparison;
mod fresh_flags;
mod get_equals_list;
mod large_attachment;
mod large_content;
mod length_in_characters;
mod mass_assignment;
mod no_attachment;
mod no_reply;
mod observed_field;
mod outer_space_intact;
mod rejection;
mod reply;
mod reply_across_rooms_refused;
mod reply_to_unknown_refused;
mod requests;
mod room;
mod search_finds;
mod search_finds_any_script;
mod search_finds_edited;
mod search_forgets_edited;
mod search_minimum;
mod search_minimum_in_characters;
mod search_only_matches;
mod search_own_rooms_only;
mod search_takes_text_literally;
mod search_within_room;
pub(crate) mod searches;
mod send;
mod send_ignores_other_fields;
mod send_to_unknown_room_refused;
mod sender;
mod sent_files;
mod successful_edits;
mod type_as_sent;
mod unique_id;
mod well_formed_sends;

use crate::rule::Rule;

/// The rules of this family, in the order of the requirements.
pub(super) static RULES: &[Rule] = &[
    content_intact::RULE,
    outer_space_intact::RULE,
    sender::RULE,
    room::RULE,
    fresh_flags::RULE,
    unique_id::RULE,
    type_as_sent::RULE,
    reply::RULE,
    no_reply::RULE,
    reply_across_rooms_refused::RULE,
    reply_to_unknown_refused::RULE,
    attachment::RULE,
    attachment_content::RULE,
    attachment_type::RULE,
    attachment_name_intact::RULE,
    attachment_name_safe::RULE,
    large_attachment::RULE,
    attachment_needs_token::RULE,
    attachment_members_only::RULE,
    attachment_not_executed::RULE,
    no_attachment::RULE,
    empty_refused::RULE,
    large_content::RULE,
    length_in_characters::RULE,
    send::RULE,
    send_to_unknown_room_refused::RULE,
    send_ignores_other_fields::RULE,
    get_equals_list::RULE,
    edit_content::RULE,
    edit_flags::RULE,
    edit_changes_nothing_else::RULE,
    edits_settle::RULE,
    edit_ignores_other_fields::RULE,
    edit_by_others_refused::RULE,
    delete_by_others_refused::RULE,
    edit_to_nothing_refused::RULE,
    search_finds::RULE,
    search_finds_edited::RULE,
    search_forgets_edited::RULE,
    search_finds_any_script::RULE,
    search_only_matches::RULE,
    search_takes_text_literally::RULE,
    search_within_room::RULE,
    search_own_rooms_only::RULE,
    search_minimum::RULE,
    search_minimum_in_characters::RULE,
];
