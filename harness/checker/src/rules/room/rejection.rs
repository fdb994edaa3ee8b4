//! The response to a request for a room that must be rejected.

use hearback_contract::RequirementId;
use hearback_history::Call;

use crate::reason::Reason;
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::violation::Violation;

/// Checks that a request was rejected. `statuses` describes the statuses that `is_right` accepts.
pub(super) fn check_rejected<'h>(
    call: &'h Call,
    context: &mut RuleContext<'h>,
    variant: &str,
    request: &str,
    is_right: impl FnOnce(u16) -> bool,
    statuses: &str,
) {
    let Some(status) = call.status() else { return };
    if status >= 500 {
        context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError));
        return;
    }
    context.check(is_right(status), || {
        Violation::new(
            format!("rooms.create: {variant}"),
            format!("{request} is rejected with {statuses}"),
            refusal(call),
        )
        .evidence(call)
    });
}
