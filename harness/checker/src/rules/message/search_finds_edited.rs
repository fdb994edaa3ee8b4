//! Checks that a search for a whole word finds the edited messages whose content certainly contains it
//! and that the caller can certainly see.

use hearback_contract::RequirementId;

use super::expected_hits::check_found;
use super::searches::is_word;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageSearchFindsEdited, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_found(input, is_word, |message| message.versions.len() > 1, context);
}

#[cfg(test)]
mod tests {
    use crate::rules::message::searches::testing::{EDITED, edited};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn edited_messages_are_found_by_their_new_text() {
        let rule = "message/search-finds-edited";
        assert_states(&[
            (rule, Held, &edited("?q=giraffe", &[EDITED])),
            (rule, Broken, &edited("?q=giraffe", &[])),
            // The old text, and a message that was not edited.
            (rule, NotExercised, &edited("?q=zebra", &[])),
            (rule, NotExercised, &edited("?q=more", &[])),
        ]);
    }
}
