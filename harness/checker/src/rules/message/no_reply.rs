//! Checks that a message that was sent without `reply_to` has `reply_to` null in every read and
//! event.

use hearback_contract::RequirementId;

use super::observed_field::violation;
use crate::model::Origin;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::shown;
use crate::rules::as_expected::AsExpected;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageNoReply, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut as_expected = AsExpected::of(input);
    for (observation, message) in input.model.recognized() {
        if as_expected.skips(observation, message, context) {
            continue;
        }
        let requested = match message.origin {
            Origin::Rest(call) => call.request.as_ref(),
            Origin::Socket(_, frame) => frame.json(),
        };
        if requested
            .and_then(|requested| requested.get("reply_to"))
            .is_some_and(|reply| !reply.is_null())
        {
            continue;
        }
        let Some(named) = observation.reply_to() else {
            context.inconclusive(Reason::SchemaBroken("reply_to".into()));
            continue;
        };
        as_expected.check(observation, named.is_null(), context, || {
            violation(observation, message, "reply", "null".to_owned(), shown(named))
        });
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
            ("message/no-reply", Held, &get("")),
            ("message/no-reply", Broken, &get(r#", "reply_to": "$m0""#)),
        ]);
    }
}
