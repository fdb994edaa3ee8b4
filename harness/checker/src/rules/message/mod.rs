//! Rules of family `message`: sent, read, edited and found.

mod attachment;
pub(super) mod editing;
mod refusal;
pub(super) mod searching;
mod sending;
mod sight;
mod smuggling;
mod views;

use hearback_history::Call;
use serde_json::Value;

use crate::model::Room;
use crate::rule::{Rule, RuleInput};

/// The rules of this family.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    Rule { requirement: "message/content-intact", check: sight::content_intact },
    Rule { requirement: "message/sender", check: sight::sender },
    Rule { requirement: "message/room", check: sight::room },
    Rule { requirement: "message/fresh-flags", check: sending::fresh_flags },
    Rule { requirement: "message/unique-id", check: sending::unique_id },
    Rule { requirement: "message/type-as-sent", check: sight::type_as_sent },
    Rule { requirement: "message/reply", check: sight::reply },
    Rule { requirement: "message/no-reply", check: sight::no_reply },
    Rule { requirement: "message/reply-across-rooms-refused", check: refusal::reply_across_rooms },
    Rule { requirement: "message/reply-to-unknown-refused", check: refusal::reply_to_unknown },
    Rule { requirement: "message/attachment", check: attachment::attachment },
    Rule { requirement: "message/attachment-content", check: attachment::content },
    Rule { requirement: "message/attachment-type", check: attachment::message_type },
    Rule { requirement: "message/no-attachment", check: attachment::none },
    Rule { requirement: "message/empty-refused", check: refusal::empty },
    Rule { requirement: "message/large-content", check: sending::large_content },
    Rule { requirement: "message/send", check: sending::send },
    Rule { requirement: "message/send-to-unknown-room-refused", check: refusal::unknown_room },
    Rule { requirement: "message/send-ignores-other-fields", check: smuggling::send },
    Rule { requirement: "message/get-equals-list", check: views::get_equals_list },
    Rule { requirement: "message/edit-content", check: editing::content },
    Rule { requirement: "message/edit-flags", check: editing::flags },
    Rule { requirement: "message/edit-changes-nothing-else", check: editing::nothing_else },
    Rule { requirement: "message/edit-ignores-other-fields", check: smuggling::edit },
    Rule { requirement: "message/edit-by-others-refused", check: refusal::edit_by_others },
    Rule { requirement: "message/edit-to-nothing-refused", check: refusal::edit_to_nothing },
    Rule { requirement: "message/search-finds", check: searching::finds },
    Rule { requirement: "message/search-only-matches", check: searching::only_matches },
    Rule { requirement: "message/search-within-room", check: searching::within_room },
    Rule { requirement: "message/search-own-rooms-only", check: searching::own_rooms_only },
    Rule { requirement: "message/search-minimum", check: refusal::search_minimum },
];

/// A field of the request's body.
fn asked<'h>(call: &'h Call, name: &str) -> Option<&'h Value> {
    call.request.as_ref()?.get(name).filter(|value| !value.is_null())
}

/// The room that a call writes to, if the caller was surely a member and the room surely not archived.
fn writable_room<'h>(input: RuleInput<'h>, call: &Call) -> Option<&'h Room<'h>> {
    let room = input.model.room_of(call)?;
    let user = input.model.user_id(&call.invocation.actor)?;
    let may_write = call.is_authorized()
        && room.surely_member(user, call.interval())
        && room.surely_active(call.interval());
    may_write.then_some(room)
}
