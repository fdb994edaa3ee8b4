//! Rule `unread/zero-after-mark-read`.

use hearback_contract::RequirementId;

use super::mark_effects::{AFTER_REST, check_zero};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::UnreadZeroAfterMarkRead, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_zero(input, AFTER_REST, "unread_count after rooms.mark_read", context);
}
