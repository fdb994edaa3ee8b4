//! Checks that a search with `room` finds messages of that room only.

use hearback_contract::{RequirementId, RoomRef};

use super::searches::searches;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{quoted, success};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageSearchWithinRoom, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, _, query) in searches(input) {
        // A server may read an empty value as an absent one.
        let Some(requested) = call.room_in_query().filter(|room| !room.as_str().is_empty()) else {
            continue;
        };
        success(call, context);
        for item in call.items().into_iter().flatten() {
            let Some(room) = item.get("room").and_then(RoomRef::from_json) else {
                context.inconclusive(Reason::SchemaBroken("room".into()));
                continue;
            };
            context.check(room.eq_ignore_ascii_case(requested), || {
                Violation::new(
                    "messages.search room",
                    format!(
                        "a search for {} in room {requested} finds only messages of that room",
                        quoted(query)
                    ),
                    format!("it finds a message of room {room}"),
                )
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
    fn room_limits_the_search() {
        let rule = "message/search-within-room";
        assert_states(&[
            (rule, Held, &search("alice", "?q=zebra&room=$r1", &[M1])),
            (rule, Broken, &search("alice", "?q=zebra&room=$r1", &[M1, M2])),
            (rule, NotExercised, &search("alice", "?q=zebra", &[M1, M2])),
            (rule, NotExercised, &search("alice", "?q=zebra&room=", &[M1, M2])),
        ]);
    }
}
