//! Family `socket`: handshakes, events and errors on sockets.

pub(super) mod delivery;
mod empty_message;
mod endings;
mod error_answers;
mod error_is_private;
mod established_first;
mod established_right;
mod foreign_reference;
pub(super) mod handshakes;
mod invalid_fields;
mod malformed_json;
mod malformed_room_refused;
mod message_listed;
mod message_reaches_others;
mod message_reaches_sender;
mod message_right;
mod missing_type;
mod opens;
mod outsider_refused;
mod read_marks;
mod receipt_reaches_others;
mod receipt_right;
mod rest_message_delivered;
mod room_marked_read;
mod room_marked_read_only_to_requester;
mod survives_bad_input;
mod survives_hostile_frames;
mod typing_ends;
mod typing_ends_with_connection;
mod typing_frames;
mod typing_not_to_typist;
mod typing_reaches_others;
mod typing_right;
mod typing_times_out;
mod unknown_room_refused;
mod unknown_type;

use crate::rule::Rule;

/// The rules of this family, in the order of the requirements.
pub(super) static RULES: &[Rule] = &[
    opens::RULE,
    established_first::RULE,
    established_right::RULE,
    outsider_refused::RULE,
    unknown_room_refused::RULE,
    malformed_room_refused::RULE,
    message_reaches_others::RULE,
    message_reaches_sender::RULE,
    message_right::RULE,
    rest_message_delivered::RULE,
    message_listed::RULE,
    typing_reaches_others::RULE,
    typing_not_to_typist::RULE,
    typing_right::RULE,
    typing_ends_with_connection::RULE,
    typing_times_out::RULE,
    receipt_reaches_others::RULE,
    receipt_right::RULE,
    room_marked_read::RULE,
    room_marked_read_only_to_requester::RULE,
    malformed_json::RULE,
    missing_type::RULE,
    unknown_type::RULE,
    invalid_fields::RULE,
    empty_message::RULE,
    foreign_reference::RULE,
    survives_bad_input::RULE,
    survives_hostile_frames::RULE,
    error_is_private::RULE,
];
