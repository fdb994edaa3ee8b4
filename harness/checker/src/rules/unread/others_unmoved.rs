//! Checks that a member's mark leaves the counts of the other members alone. After another member's
//! mark, everything that was certainly sent before it and that the viewer has not read must still
//! be counted. Views without such messages are skipped.

use hearback_contract::RequirementId;

use super::mark_effects::unmoved;
use super::views::views;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::UnreadOthersUnmoved, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for view in views(input) {
        let Some((mark, least)) = unmoved(&view) else { continue };
        context.check(view.count >= least, || {
            let reader =
                input.model.actor(mark.user).map_or("another member", |actor| actor.as_str());
            Violation::new(
                "unread_count after another's mark",
                format!("`unread_count` is at least {least}: only {reader} marked the room"),
                view.shown(input),
            )
            .magnitude(least - view.count)
            .evidence(mark.evidence)
            .evidence(view.evidence)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::unread::mark_effects::testing::{REST, SOCKET, assert_counts};
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn a_mark_leaves_the_counts_of_others_alone() {
        assert_counts(
            "unread/others-unmoved",
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
        assert_counts("unread/stats", &[(Undecided, "carol", REST, 0), (Broken, "carol", REST, 2)]);
    }
}
