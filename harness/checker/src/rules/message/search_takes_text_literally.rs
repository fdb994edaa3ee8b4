//! Checks that a search for a text with characters that are wildcards elsewhere finds only messages that
//! contain the text, or a word with the stem of each of its words (`search-matching`).

use hearback_contract::RequirementId;

use super::searches::{check_matches, is_complete, searches};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageSearchTakesTextLiterally, check };

/// Characters that are wildcards, operators or quotes in patterns of databases and search engines.
const SPECIAL: &str = "%_*?.\\'\"+|&!:^$~()[]{}";

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_matches(input, is_special, context);
    for (call, ..) in searches(input).filter(|(.., query)| is_special(query)) {
        if is_complete(call) && call.items().is_some_and(Vec::is_empty) {
            context.held();
        }
    }
}

fn is_special(query: &str) -> bool {
    query.is_ascii() && query.contains(|letter| SPECIAL.contains(letter))
}

#[cfg(test)]
mod tests {
    use crate::rules::message::searches::testing::search;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const M1: &str = r#"@message {"id": "$m1", "room": "$r1", "content": "a zebra, running"}"#;

    #[test]
    fn wildcards_are_ordinary_characters() {
        let rule = "message/search-takes-text-literally";
        assert_states(&[
            (rule, Held, &search("alice", "?q=z%ra", &[])),
            (rule, Broken, &search("alice", "?q=z%ra", &[M1])),
            (rule, Broken, &search("alice", "?q=___", &[M1])),
            (rule, Broken, &search("alice", "?q=ze.*ra", &[M1])),
            // A search for words finds both of them.
            (rule, Held, &search("alice", "?q=zebra%running", &[M1])),
            (rule, NotExercised, &search("alice", "?q=zebra", &[M1])),
        ]);
    }
}
