//! Checks that a search for a whole word of letters of any script finds the messages that certainly contain
//! it. Words with emoji or combining marks are skipped, because a search for words may ignore them
//! (`search-matching`), and words of ASCII are left to `message/search-finds`.

use hearback_contract::RequirementId;

use super::expected_hits::check_found;
use super::searches::is_word;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageSearchFindsAnyScript, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let is_foreign = |query: &str| !query.is_ascii() && is_word(query);
    check_found(input, is_foreign, |message| message.versions.len() == 1, context);
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn words_of_any_script_are_found() {
        let rule = "message/search-finds-any-script";
        let search = |word: &str, query: &str, results: &str| {
            let count = usize::from(!results.is_empty());
            format!(
                r#"
                alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
                alice messages.send {{"room": "$r1", "content": "a {word} here"}} => 201 @message {{"id": "$m1", "room": "$r1"}}
                [90..99] bob messages.search ?q={query} => 200 {{"count": {count}, "next": null, "previous": null, "results": [{results}]}}"#
            )
        };
        let hit = r#"@message {"id": "$m1", "room": "$r1"}"#;
        for word in ["שלום", "漢字交", "été"] {
            assert_states(&[
                (rule, Held, &search(word, word, hit)),
                (rule, Broken, &search(word, word, "")),
            ]);
        }
        assert_states(&[
            (rule, NotExercised, &search("zebra", "zebra", "")),
            (rule, NotExercised, &search("e\u{301}te\u{301}", "e\u{301}te\u{301}", "")),
            (rule, NotExercised, &search("🦓🍁🚲", "🦓🍁🚲", "")),
        ]);
    }
}
