//! Checks that every read and event names the room that the message was sent to.

use hearback_contract::RequirementId;

use super::observed_field::violation;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::as_expected::AsExpected;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageRoom, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut as_expected = AsExpected::of(input);
    for (observation, message) in input.model.recognized() {
        if as_expected.skips(observation, message, context) {
            continue;
        }
        let Some(shown) = observation.room() else {
            context.inconclusive(Reason::SchemaBroken("room".into()));
            continue;
        };
        as_expected.check(
            observation,
            shown.eq_ignore_ascii_case(message.room.borrowed()),
            context,
            || violation(observation, message, "room", message.room.to_string(), shown.to_string()),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::observed_field::testing::after;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    #[test]
    fn the_field_is_as_sent() {
        let get = |fields: &str| {
            after(&format!(
                r#"bob messages.get $m1 => 200 @message {{"id": "$m1", "room": "$r1", "sender": {{"id": 1}}, "content": "a\n€"{fields}}}"#
            ))
        };
        assert_states(&[
            ("message/room", Held, &get("")),
            ("message/room", Broken, &get(r#", "room": "$r2""#)),
        ]);
    }
}
