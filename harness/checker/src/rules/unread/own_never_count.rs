//! Checks that a member who sent messages, and received none of others since their last mark, has
//! nothing unread in any view. No order of events makes an own message unread, so any other count
//! is wrong. Members with messages of others that may be unread are skipped.

use hearback_contract::RequirementId;

use super::mark_effects::check_zero;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::UnreadOwnNeverCount, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_zero(
        input,
        RequirementId::UnreadOwnNeverCount,
        "unread_count with own messages only",
        context,
    );
}

#[cfg(test)]
mod tests {
    use crate::rules::unread::mark_effects::testing::{REST, assert_counts};
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn own_messages_never_count() {
        let other = format!(
            r#"{REST}
            [50..60] bob messages.send {{"room": "$r1", "content": "b"}} => 201 @message {{"id": "$m2", "room": "$r1"}}"#
        );
        let both = format!(
            r#"{other}
            [70..80] carol messages.send {{"room": "$r1", "content": "c"}} => ?"#
        );
        assert_counts(
            "unread/own-never-count",
            &[
                (Held, "alice", "", 0),
                (Broken, "alice", "", 1),
                (Held, "bob", &other, 0),
                (Broken, "bob", &other, 1),
                (NotExercised, "bob", &both, 1),
                (NotExercised, "bob", "", 1),
            ],
        );
        assert_counts("unread/stats", &[(Undecided, "alice", "", 1)]);
    }
}
