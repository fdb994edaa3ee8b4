//! responses

use hearback_contract::Operation;
use hearback_history::Call;

use crate::model::Room;
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::refusal;

/// Whether the room's creator asks, who surely never left it and so is its admin, while it is active.
pub(super) fn is_by_admin(input: RuleInput<'_>, room: &Room<'_>, call: &Call) -> bool {
    let at = call.interval();
    call.is_authorized()
        && call.invocation.actor == room.creator
        && input.model.user_id(&room.creator).is_some_and(|user| room.surely_founder(user, at))
        && room.surely_active(at)
}

/// Counts an answer that should be a success, or a refusal; anything else than an answer is no evidence.
pub(super) fn check_answer<'h>(
    call: &'h Call,
    is_right: impl FnOnce(u16) -> bool,
    (variant, expected): (&str, impl FnOnce() -> String),
    context: &mut RuleContext<'h>,
) {
    match call.status() {
        None | Some(401) => {}
        Some(500..) => context.inconclusive("answered 5xx: see status/no-server-error"),
        Some(status) => {
            context.check(is_right(status), || {
                let operation = call.operation().map_or("", Operation::id);
                Violation::new(format!("{operation}: {variant}"), expected(), refusal(call))
                    .evidence(call)
            });
        }
    }
}
