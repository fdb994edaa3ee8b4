//! Checks that every view shows 0 to a member after a successful `rooms.mark_read` and before
//! others send again. The rule applies only if the mark had something to mark, and if everything
//! that others sent was certainly sent before it.

use hearback_contract::RequirementId;

use super::mark_effects::check_zero;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::UnreadZeroAfterMarkRead, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_zero(
        input,
        RequirementId::UnreadZeroAfterMarkRead,
        "unread_count after rooms.mark_read",
        context,
    );
}
