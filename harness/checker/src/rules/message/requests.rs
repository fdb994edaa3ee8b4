//! requests

use hearback_history::Call;
use serde_json::Value;

use crate::model::Room;
use crate::rule::RuleInput;

/// A field of the request's body.
pub(super) fn asked<'h>(call: &'h Call, name: &str) -> Option<&'h Value> {
    call.request.as_ref()?.get(name).filter(|value| !value.is_null())
}

/// The room that a call writes to, if the caller was surely a member and the room surely not archived.
pub(super) fn writable_room<'h>(input: RuleInput<'h>, call: &Call) -> Option<&'h Room<'h>> {
    let room = input.model.room_of(call)?;
    let user = input.model.user_id(&call.invocation.actor)?;
    let may_write = call.is_authorized()
        && room.surely_member(user, call.interval())
        && room.surely_active(call.interval());
    may_write.then_some(room)
}
