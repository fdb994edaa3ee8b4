//! The accepted answers to requests for a page that does not exist.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::listing::Listing;
use crate::reason::Reason;
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::violation::Violation;

/// Checks that the request was rejected with 400 or 404, or that it succeeded if
/// `is_success_right`.
pub(super) fn check_refused<'h>(
    listing: &Listing<'h>,
    variant: &str,
    what: &str,
    is_success_right: bool,
    context: &mut RuleContext<'h>,
) {
    let call = listing.call;
    let Some(status) = call.status() else { return };
    if status >= 500 {
        context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError));
        return;
    }
    let holds = matches!(status, 400 | 404) || call.succeeded() && is_success_right;
    context.check(holds, || {
        let items = call.items().map_or(0, Vec::len);
        let actual = if call.succeeded() {
            let next = call.success().and_then(|body| body.get("next")).and_then(Value::as_str);
            let link = if next.is_some() { "a `next`" } else { "no `next`" };
            format!("answered {status} with {items} messages and {link}")
        } else {
            refusal(call)
        };
        Violation::new(format!("messages.list: {variant}"), what, actual).evidence(call)
    });
}
