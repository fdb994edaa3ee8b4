//! rejection

use hearback_history::Call;

use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::refusal;

pub(super) fn check_refused<'h>(
    call: &'h Call,
    context: &mut RuleContext<'h>,
    variant: &str,
    what: &str,
    is_right: impl FnOnce(u16) -> bool,
    right: &str,
) {
    let Some(status) = call.status() else { return };
    if status >= 500 {
        context.inconclusive("answered 5xx: see status/no-server-error");
        return;
    }
    context.check(is_right(status), || {
        Violation::new(
            format!("rooms.create: {variant}"),
            format!("{what} is refused with {right}"),
            refusal(call),
        )
        .evidence(call)
    });
}
