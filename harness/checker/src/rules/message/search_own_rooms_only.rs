//! Checks that a search finds no message of a room that the caller was certainly never a member of.
//! A result without such a message counts as an observation if one with the query existed.

use hearback_contract::{RequirementId, UserId};
use hearback_history::Call;

use super::searches::{MAX_MATCHES, found, hits, searches, words};
use crate::model::Room;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::success;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageSearchOwnRoomsOnly, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut index = None;
    for (call, user, query) in searches(input) {
        let Some(found) = success(call, context).and_then(|_| found(call)) else { continue };
        for (_, message) in hits(input, call) {
            let Some(room) = input.model.rooms.get(&message.room) else { continue };
            context.check(!was_never_in(room, user, call), || {
                Violation::new(
                    "messages.search",
                    format!(
                        "{} finds nothing in rooms without their membership",
                        call.invocation.actor
                    ),
                    format!("it finds a message of a room of {}", room.creator),
                )
                .evidence(message.origin)
                .evidence(call)
            });
        }
        // An absent message is an observation only if it matches the query.
        let messages = index.get_or_insert_with(|| words(input)).get(query);
        for message in messages.into_iter().flatten().take(MAX_MATCHES) {
            let room = input.model.rooms.get(&message.room);
            if message.sent.precedes(call.interval())
                && !found.contains(&message.id.borrowed())
                && room.is_some_and(|room| was_never_in(room, user, call))
            {
                context.held();
            }
        }
    }
}

/// Returns whether the user was certainly not a member of the room until the call returned.
fn was_never_in(room: &Room<'_>, user: UserId, call: &Call) -> bool {
    let memberships = room.members.get(&user).into_iter().flatten();
    memberships.into_iter().all(|membership| call.interval().precedes(membership.joined))
}

#[cfg(test)]
mod tests {
    use crate::rules::message::searches::testing::search;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const M1: &str = r#"@message {"id": "$m1", "room": "$r1", "content": "a zebra, running"}"#;

    const M2: &str = r#"@message {"id": "$m2", "room": "$r2", "content": "one more zebra"}"#;

    #[test]
    fn messages_of_other_rooms_are_not_found() {
        let rule = "message/search-own-rooms-only";
        let joined = format!(
            "{}\n[70..75] alice participants.add {{\"room\": \"$r2\", \"user\": 2}} => ?",
            search("bob", "?q=zebra", &[M1, M2])
        );
        assert_states(&[
            (rule, Held, &search("bob", "?q=zebra", &[M1])),
            (rule, Broken, &search("bob", "?q=zebra", &[M1, M2])),
            (rule, Broken, &search("carol", "?q=zebra", &[M1])),
            (rule, Held, &search("carol", "?q=zebra", &[])),
            (rule, NotExercised, &search("carol", "?q=nothing", &[])),
            (rule, Held, &joined),
        ]);
    }
}
