//! Family `participant`: adding, removing, listing and muting participants.

mod add;
mod add_as_admin;
mod add_ignores_other_fields;
mod add_unknown_refused;
mod additions;
mod bad_muted_until_refused;
mod departed_sockets;
mod departed_stream_ends;
mod later_views;
mod list_equals_room;
mod listed_can_read;
mod listed_once;
mod mute;
mod mute_ignores_other_fields;
mod mutes;
mod remove;
mod removed_stream_ends;
mod responses;
mod roster;
mod third_in_direct_refused;
mod timed_mute_ends;
mod unmute;

use crate::rule::Rule;

/// The rules of this family, in the order of the requirements.
pub(super) static RULES: &[Rule] = &[
    add::RULE,
    add_as_admin::RULE,
    add_unknown_refused::RULE,
    listed_once::RULE,
    list_equals_room::RULE,
    listed_can_read::RULE,
    remove::RULE,
    removed_stream_ends::RULE,
    departed_stream_ends::RULE,
    mute::RULE,
    timed_mute_ends::RULE,
    unmute::RULE,
    bad_muted_until_refused::RULE,
    third_in_direct_refused::RULE,
    add_ignores_other_fields::RULE,
    mute_ignores_other_fields::RULE,
];
