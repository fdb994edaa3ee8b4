//! Fields of requests, and rooms that a caller can certainly write to.

use hearback_history::Call;
use serde_json::Value;

use crate::model::Room;
use crate::rule::RuleInput;

/// Returns a field of the request's body, unless it is null.
pub(super) fn requested<'h>(call: &'h Call, name: &str) -> Option<&'h Value> {
    call.request.as_ref()?.get(name).filter(|value| !value.is_null())
}

/// Returns the room that a call writes to, if the caller is certainly a member and the room certainly
/// active.
pub(super) fn writable_room<'h>(input: RuleInput<'h>, call: &Call) -> Option<&'h Room<'h>> {
    let room = input.model.room_of(call)?;
    let user = input.model.user_id(&call.invocation.actor)?;
    let may_write = call.is_authorized()
        && room.surely_member(user, call.interval())
        && room.surely_active(call.interval());
    may_write.then_some(room)
}
