//! Rules of family `message`: sent, read, edited and found.

mod attachment;
pub(super) mod editing;
mod refusal;
pub(super) mod searching;
mod sending;
mod sight;
mod smuggling;
mod views;

use hearback_contract::RequirementId;

use hearback_history::Call;
use serde_json::Value;

use crate::model::Room;
use crate::rule::{Rule, RuleInput};

/// The rules of this family.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    Rule { requirement: RequirementId::MessageContentIntact, check: sight::content_intact },
    Rule { requirement: RequirementId::MessageSender, check: sight::sender },
    Rule { requirement: RequirementId::MessageRoom, check: sight::room },
    Rule { requirement: RequirementId::MessageFreshFlags, check: sending::fresh_flags },
    Rule { requirement: RequirementId::MessageUniqueId, check: sending::unique_id },
    Rule { requirement: RequirementId::MessageTypeAsSent, check: sight::type_as_sent },
    Rule { requirement: RequirementId::MessageReply, check: sight::reply },
    Rule { requirement: RequirementId::MessageNoReply, check: sight::no_reply },
    Rule { requirement: RequirementId::MessageReplyAcrossRoomsRefused, check: refusal::reply_across_rooms },
    Rule { requirement: RequirementId::MessageReplyToUnknownRefused, check: refusal::reply_to_unknown },
    Rule { requirement: RequirementId::MessageAttachment, check: attachment::attachment },
    Rule { requirement: RequirementId::MessageAttachmentContent, check: attachment::content },
    Rule { requirement: RequirementId::MessageAttachmentType, check: attachment::message_type },
    Rule { requirement: RequirementId::MessageNoAttachment, check: attachment::none },
    Rule { requirement: RequirementId::MessageEmptyRefused, check: refusal::empty },
    Rule { requirement: RequirementId::MessageLargeContent, check: sending::large_content },
    Rule { requirement: RequirementId::MessageSend, check: sending::send },
    Rule { requirement: RequirementId::MessageSendToUnknownRoomRefused, check: refusal::unknown_room },
    Rule { requirement: RequirementId::MessageSendIgnoresOtherFields, check: smuggling::send },
    Rule { requirement: RequirementId::MessageGetEqualsList, check: views::get_equals_list },
    Rule { requirement: RequirementId::MessageEditContent, check: editing::content },
    Rule { requirement: RequirementId::MessageEditFlags, check: editing::flags },
    Rule { requirement: RequirementId::MessageEditChangesNothingElse, check: editing::nothing_else },
    Rule { requirement: RequirementId::MessageEditIgnoresOtherFields, check: smuggling::edit },
    Rule { requirement: RequirementId::MessageEditByOthersRefused, check: refusal::edit_by_others },
    Rule { requirement: RequirementId::MessageEditToNothingRefused, check: refusal::edit_to_nothing },
    Rule { requirement: RequirementId::MessageSearchFinds, check: searching::finds },
    Rule { requirement: RequirementId::MessageSearchOnlyMatches, check: searching::only_matches },
    Rule { requirement: RequirementId::MessageSearchWithinRoom, check: searching::within_room },
    Rule { requirement: RequirementId::MessageSearchOwnRoomsOnly, check: searching::own_rooms_only },
    Rule { requirement: RequirementId::MessageSearchMinimum, check: refusal::search_minimum },
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
