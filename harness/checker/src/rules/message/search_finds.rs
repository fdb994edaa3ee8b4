//! Checks that a search for a whole word finds the messages that certainly contain it and that the
//! caller can certainly see. Part of a word and another case are skipped, because the specification
//! does not say how texts match (`search-matching`). A missing message is blamed only if the result
//! is complete.

use hearback_contract::{RequirementId, UserId};
use hearback_history::{Call, Interval};

use super::searches::{MAX_MATCHES, found, is_complete, is_word, searches, words};
use crate::model::Message;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{quoted, success};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageSearchFinds, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut index = None;
    for (call, user, query) in searches(input) {
        if !is_word(query) || success(call, context).is_none() {
            continue;
        }
        let Some(found) = found(call) else { continue };
        let messages = index.get_or_insert_with(|| words(input)).get(query);
        let is_complete = is_complete(call);
        for message in messages.into_iter().flatten().take(MAX_MATCHES) {
            let is_found = found.contains(&message.id.borrowed());
            if !must_be_found(input, call, user, query, message) {
                continue;
            }
            if !is_found && !is_complete {
                context.inconclusive(Reason::IncompleteList);
                continue;
            }
            context.check(is_found, || {
                let scope = if call.room_in_query().is_some() { " with room" } else { "" };
                Violation::new(
                    format!("messages.search{scope}"),
                    format!("a search for {} finds the message that contains it", quoted(query)),
                    format!("it finds {} messages, but not this one", found.len()),
                )
                .evidence(message.origin)
                .evidence(call)
            });
        }
    }
}

/// Returns whether the message certainly contains the word during the search, and the caller can
/// certainly see it.
fn must_be_found<'h>(
    input: RuleInput<'h>,
    call: &Call,
    user: UserId,
    query: &str,
    message: &Message<'h>,
) -> bool {
    // Earlier messages may be hidden from members who joined later, and archived rooms may be omitted.
    let visible = Interval { invoked: message.sent.invoked, ..call.interval() };
    let is_visible = input.model.rooms.get(&message.room).is_some_and(|room| {
        room.surely_member(user, visible)
            && room.surely_active(visible)
            && call.room_in_query().is_none_or(|requested| requested == room.id)
    });
    is_visible
        && message.sent.precedes(call.interval())
        && !message.maybe_deleted(call.interval())
        && !input.model.is_ambiguous(message)
        && message.contents(call.interval()).all(|content| {
            let words = content.split_whitespace();
            let punctuation = |letter: char| letter.is_ascii_punctuation();
            words.map(|word| word.trim_matches(punctuation)).any(|word| word == query)
        })
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
