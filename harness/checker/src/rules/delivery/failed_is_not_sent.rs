//! A message whose sending was answered with 500 does not appear anywhere. One that was rejected and does
//! not appear counts, too; one that does appear is left to `delivery/refused-is-not-sent`.
//!
//! Such messages have no id, so they are recognized by their text, which must not have been used
//! otherwise. Other 5xx statuses are skipped, because a gateway may have answered after the target accepted
//! the message. The rule holds where the room was looked at afterwards, and abstains if it never was.

use hearback_contract::RequirementId;
use hearback_history::Call;

use super::refused_sends::sends_without_message;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeliveryFailedIsNotSent, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let is_failed = |call: &Call| call.status() == Some(500);
    for send in sends_without_message(input, |call| call.refused() || is_failed(call)) {
        if send.observation.is_some() && !is_failed(send.call) {
            context.inconclusive(Reason::Violates(RequirementId::DeliveryRefusedIsNotSent));
            continue;
        }
        let expected = || format!("{} failed with 500 and does not appear", quoted(send.text));
        let consequence = ", so that a client that repeats the request sends it twice";
        send.check_absence("failed with 500", expected, consequence, context);
    }
}

#[cfg(test)]
mod tests {
    use hearback_testkit::lines::delivery::{in_group, list, received};

    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn failed_messages_do_not_appear() {
        const RULE: &str = "delivery/failed-is-not-sent";
        let send = |status: &str| {
            format!(r#"alice messages.send {{"room": "$r1", "content": "no"}} => {status} @error"#)
        };
        let (failed, gateway) = (send("500"), send("502"));
        let event = received("m2", "no");
        assert_states(&[
            (RULE, Held, &in_group(&[&failed, &list(&[], "")])),
            (RULE, Broken, &in_group(&[&failed, &list(&[("m2", "no")], "")])),
            (RULE, Broken, &in_group(&[&failed, &event])),
            (RULE, Undecided, &in_group(&[&list(&[], ""), &failed])),
            (RULE, NotExercised, &in_group(&[&gateway, &list(&[("m2", "no")], "")])),
            (RULE, Held, &in_group(&[&send("400"), &list(&[], "")])),
            (RULE, Undecided, &in_group(&[&send("400"), &list(&[("m2", "no")], "")])),
        ]);
    }
}
