//! Checks that every read and event names the user who sent the message. Messages are attributed by
//! id or, for socket sends, by a text that only one user sent; ambiguous messages are skipped.

use hearback_contract::{RequirementId, UserId};

use super::observed_field::violation;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::as_expected::AsExpected;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageSender, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut as_expected = AsExpected::of(input);
    for (observation, message) in input.model.recognized() {
        if as_expected.skips(observation, message, context) {
            continue;
        }
        let Some(user) = input.model.user_id(&message.sender) else { continue };
        let shown = observation
            .value
            .get("sender")
            .and_then(|sender| sender.get("id").and_then(UserId::from_json));
        let Some(shown) = shown else {
            context.inconclusive(Reason::SchemaBroken("sender.id".into()));
            continue;
        };
        as_expected.check(observation, shown == user, context, || {
            let expected = format!("user {user}, {}", message.sender);
            violation(observation, message, "sender.id", expected, format!("user {shown}"))
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::observed_field::testing::after;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn the_field_is_as_sent() {
        let get = |fields: &str| {
            after(&format!(
                r#"bob messages.get $m1 => 200 @message {{"id": "$m1", "room": "$r1", "sender": {{"id": 1}}, "content": "a\n€"{fields}}}"#
            ))
        };
        assert_states(&[
            ("message/sender", Held, &get("")),
            ("message/sender", Broken, &get(r#", "sender": {"id": 2}"#)),
        ]);
    }

    #[test]
    fn a_text_that_two_users_sent_is_ambiguous() {
        let both = r#"
            alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
            alice@r1 open
            bob@r1 open
            alice@r1 -> {"type": "chat_message", "message": "a"}
            bob@r1 -> {"type": "chat_message", "message": "a"}
            bob@r1 <- @chat_message {"message": {"id": "$m1", "room_id": "$r1", "sender": {"id": 2}, "content": "a"}}
            bob@r1 <- @chat_message {"message": {"id": "$m2", "room_id": "$r1", "sender": {"id": 1}, "content": "a"}}
        "#;
        assert_states(&[("message/sender", NotExercised, both)]);
    }
}
