//! Checks that every message found contains the query, or a word with the stem of each of its words
//! (`search-matching`), in its content or the name of its file. Queries with other than plain
//! letters, and messages that may be deleted or are ambiguous, are skipped.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::searches::{hits, matches, searches};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{quoted, success};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageSearchOnlyMatches, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, _, query) in searches(input) {
        // A search may treat other letters and punctuation in any way (search-matching).
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || " -_".contains(letter);
        if !query.chars().all(is_plain) {
            continue;
        }
        success(call, context);
        for (item, message) in hits(input, call) {
            if message.maybe_deleted(call.interval()) || input.model.is_ambiguous(message) {
                continue;
            }
            let shown = item.get("content").and_then(Value::as_str);
            let name = message.file.as_ref().map(|file| file.name);
            let is_match = message
                .contents(call.interval())
                .chain(shown)
                .chain(name)
                .any(|text| matches(text, query));
            context.check(is_match, || {
                Violation::new(
                    "messages.search",
                    format!("every message found contains {}", quoted(query)),
                    format!("it finds {}", quoted(shown.unwrap_or_default())),
                )
                .evidence(message.origin)
                .evidence(call)
            });
        }
    }
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
