//! Checks that every message found contains the query, or a word with the stem of each of its words
//! (`search-matching`), in one of its contents or the name of its file. Messages that may be deleted or
//! are ambiguous are skipped. Queries with other characters than plain letters are left to
//! `message/search-takes-text-literally`, and replaced contents to `message/search-forgets-edited`.

use hearback_contract::RequirementId;

use super::searches::check_matches;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageSearchOnlyMatches, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_matches(input, is_plain, context);
}

/// Returns whether a query has no characters that a search may treat in its own way (search-matching).
fn is_plain(query: &str) -> bool {
    query.chars().all(|letter| letter.is_ascii_alphanumeric() || " -".contains(letter))
}

#[cfg(test)]
mod tests {
    use crate::rules::message::searches::testing::search;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const M1: &str = r#"@message {"id": "$m1", "room": "$r1", "content": "a zebra, running"}"#;

    const M2: &str = r#"@message {"id": "$m2", "room": "$r2", "content": "one more zebra"}"#;

    #[test]
    fn results_contain_the_query() {
        let rule = "message/search-only-matches";
        assert_states(&[
            (rule, Held, &search("alice", "?q=ZEBRA", &[M1, M2])),
            (rule, Held, &search("alice", "?q=runs", &[M1])),
            (rule, Broken, &search("alice", "?q=running", &[M1, M2])),
            (rule, NotExercised, &search("alice", "?q=zebra", &["@message"])),
        ]);
    }
}
