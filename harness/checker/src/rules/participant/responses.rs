//! Responses to requests that an admin of an active room is certainly allowed to make.

use hearback_contract::{Operation, RequirementId};
use hearback_history::Call;

use crate::model::Room;
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::violation::Violation;

/// Returns whether the caller is certainly an admin of an active room: the creator, who never left.
pub(super) fn is_by_admin(input: RuleInput<'_>, room: &Room<'_>, call: &Call) -> bool {
    let at = call.interval();
    call.is_authorized()
        && call.invocation.actor == room.creator
        && input
            .model
            .user_id(&room.creator)
            .is_some_and(|user| room.surely_initial_member(user, at))
        && room.surely_active(at)
}

/// Checks the status of a response. Missing responses, 401 and 5xx show nothing.
pub(super) fn check_status<'h>(
    call: &'h Call,
    is_expected: impl FnOnce(u16) -> bool,
    (variant, expected): (&str, impl FnOnce() -> String),
    context: &mut RuleContext<'h>,
) {
    match call.status() {
        None | Some(401) => {}
        Some(500..) => context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError)),
        Some(status) => {
            context.check(is_expected(status), || {
                let operation = call.operation().map_or("", Operation::id);
                Violation::new(format!("{operation}: {variant}"), expected(), refusal(call))
                    .evidence(call)
            });
        }
    }
}
