//! Rule `unread/own-never-count`.

use hearback_contract::RequirementId;

use super::mark_effects::{OWN, check_zero};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::UnreadOwnNeverCount, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_zero(input, OWN, "unread_count with own messages only", context);
}

#[cfg(test)]
mod tests {
    use super::super::mark_effects::OWN;
    use crate::rules::unread::mark_effects::testing::assert_looks;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const REST: &str = "[30..40] bob rooms.mark_read $r1 => 200 {}";

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
        assert_looks(
            OWN,
            &[
                (Held, "alice", "", 0),
                (Broken, "alice", "", 1),
                (Held, "bob", &other, 0),
                (Broken, "bob", &other, 1),
                (NotExercised, "bob", &both, 1),
                (NotExercised, "bob", "", 1),
            ],
        );
        assert_looks("unread/stats", &[(Undecided, "alice", "", 1)]);
    }
}
