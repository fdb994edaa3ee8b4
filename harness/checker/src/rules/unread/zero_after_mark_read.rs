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

#[cfg(test)]
mod tests {
    use crate::rules::unread::mark_effects::testing::{
        REST, SOCKET, assert_counts, assert_zero_required,
    };
    use crate::verdict::State::NotExercised;

    const RULE: &str = "unread/zero-after-mark-read";

    #[test]
    fn nothing_is_unread_after_a_mark() {
        assert_zero_required(RULE, REST, SOCKET);
        assert_counts(RULE, &[(NotExercised, "bob", &REST.replace("200 {}", "?"), 1)]);
    }
}
