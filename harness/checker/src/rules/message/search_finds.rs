//! Checks that a search for a whole word finds the messages that certainly contain it and that the
//! caller can certainly see. Part of a word and another case are skipped, because the specification
//! does not say how texts match (`search-matching`). Edited messages are left to
//! `message/search-finds-edited`, and words of other letters than those of ASCII to
//! `message/search-finds-any-script`.

use hearback_contract::RequirementId;

use super::expected_hits::check_found;
use super::searches::is_word;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageSearchFinds, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let is_plain = |query: &str| query.is_ascii() && is_word(query);
    check_found(input, is_plain, |message| message.versions.len() == 1, context);
}

#[cfg(test)]
mod tests {
    use crate::rules::message::searches::testing::{SENT, search};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const M1: &str = r#"@message {"id": "$m1", "room": "$r1", "content": "a zebra, running"}"#;

    const M2: &str = r#"@message {"id": "$m2", "room": "$r2", "content": "one more zebra"}"#;

    fn paged(results: &str) -> String {
        format!(
            r#"{SENT}
            bob messages.search ?q=zebra => 200 {{"count": 7, "next": "http://target.test/api/?page=2", "results": [{results}]}}"#
        )
    }

    #[test]
    fn whole_words_are_found() {
        let rule = "message/search-finds";
        let meanwhile = |line: &str| format!("{}\n{line}", search("bob", "?q=zebra", &[]));
        assert_states(&[
            (rule, Held, &search("bob", "?q=zebra", &[M1])),
            (rule, Held, &search("bob", "?q=zebra&room=$r1", &[M1])),
            (rule, Broken, &search("bob", "?q=zebra", &[])),
            (rule, Broken, &search("alice", "?q=zebra", &[M1])),
            (rule, Held, &search("alice", "?q=zebra&room=$r2", &[M2])),
            // Part of a word, another case, and a caller who can see no message.
            (rule, NotExercised, &search("bob", "?q=zeb", &[])),
            (rule, NotExercised, &search("bob", "?q=ZEBRA", &[])),
            (rule, NotExercised, &search("carol", "?q=zebra", &[])),
            (rule, Undecided, &paged("")),
            (rule, Held, &paged(M1)),
            (
                rule,
                NotExercised,
                &meanwhile(r#"[80..95] alice messages.edit $m1 {"content": "b"} => 200 @message"#),
            ),
            (rule, NotExercised, &meanwhile("[80..95] alice messages.delete $m1 => ?")),
            (rule, NotExercised, &meanwhile("[80..95] bob rooms.leave $r1 => ?")),
        ]);
    }
}
