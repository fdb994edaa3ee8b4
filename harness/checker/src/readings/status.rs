//! Statuses, and the calls that they belong to.

use hearback_contract::{Operation, Relation};
use hearback_history::{Call, Interval};

use crate::rule::RuleInput;
use crate::rules::authorization::relation_of;

/// Members of a room.
pub(super) const MEMBERS: &[Relation] = &[Relation::Member, Relation::Admin];

/// Returns whether no other of some intervals began before the call ended.
pub(super) fn is_first(call: &Call, intervals: &[Interval]) -> bool {
    let is_later = |at: &Interval| at.invoked == call.invoked || call.interval().precedes(*at);
    intervals.iter().all(is_later)
}

/// Calls of one operation with a valid token by a user whose relation to the room is one of `relations`.
pub(super) fn calls_by<'h>(
    input: RuleInput<'h>,
    operation: Operation,
    relations: &'static [Relation],
) -> impl Iterator<Item = &'h Call> {
    input.history.calls_of(operation).filter(move |call| {
        call.is_authorized()
            && relation_of(input.model, call)
                .is_some_and(|(_, relation)| relations.contains(&relation))
    })
}

/// Calls of one operation by a member with a JSON object whose fields are all `documented`, in a room that is not
/// archived.
pub(super) fn plain_calls<'h>(
    input: RuleInput<'h>,
    operation: Operation,
    documented: &'static [&'static str],
) -> impl Iterator<Item = &'h Call> {
    calls_by(input, operation, MEMBERS).filter(move |call| {
        let request = call.request.as_ref().and_then(|body| body.as_object());
        call.has_documented_type()
            && request
                .is_some_and(|body| body.keys().all(|name| documented.contains(&name.as_str())))
            && input.model.room_of(call).is_none_or(|room| room.surely_active(call.interval()))
    })
}
