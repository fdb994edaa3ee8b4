//! Rule `unread/others-unmoved`.

use hearback_contract::RequirementId;

use super::mark_effects::unmoved;
use super::views::views;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};

pub(super) const RULE: Rule = Rule { requirement: RequirementId::UnreadOthersUnmoved, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for view in views(input) {
        let Some((mark, least)) = unmoved(&view) else { continue };
        context.check(view.count >= least, || {
            let whose = input.model.actor(mark.user).map_or("another", |actor| actor.as_str());
            Violation::new(
                "unread_count after another's mark",
                format!("`unread_count` is at least {least}: {whose} marked the room, nobody else"),
                view.shown(input),
            )
            .evidence(mark.evidence)
            .evidence(view.evidence)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::mark_effects::UNMOVED;
    use crate::rules::unread::mark_effects::testing::{SOCKET, assert_looks};
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const REST: &str = "[30..40] bob rooms.mark_read $r1 => 200 {}";

    #[test]
    fn a_mark_moves_nobody_else() {
        assert_looks(
            UNMOVED,
            &[
                (Held, "carol", REST, 1),
                (Broken, "carol", REST, 0),
                (Broken, "carol", SOCKET, 0),
                (NotExercised, "carol", "", 0),
                (NotExercised, "bob", REST, 0),
                (NotExercised, "carol", &REST.replace("[30", "[19"), 0),
                (
                    NotExercised,
                    "carol",
                    &format!("{REST}\n[50..95] carol rooms.mark_read $r1 => 200 {{}}"),
                    0,
                ),
            ],
        );
        assert_looks("unread/stats", &[(Undecided, "carol", REST, 0), (Broken, "carol", REST, 2)]);
    }
}
