//! A message whose sending was rejected does not appear anywhere.
//!
//! Rejected messages have no id, so they are recognized by their text, which must not have been
//! used otherwise. The rule holds where the room was looked at after the rejection, and abstains if
//! it never was.

use hearback_contract::RequirementId;

use super::refused_sends;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{quoted, refusal};

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeliveryRefusedIsNotSent, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for send in refused_sends(input) {
        let expected = || {
            let (text, refusal) = (quoted(send.text), refusal(send.call));
            format!("{text} was rejected ({refusal}) and does not appear")
        };
        send.check_absence("rejected", expected, "", context);
    }
}

#[cfg(test)]
mod tests {
    use hearback_testkit::lines::delivery::{SENT, in_group, list, received};

    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn rejected_messages_do_not_appear() {
        const RULE: &str = "delivery/refused-is-not-sent";
        let refused = r#"alice messages.send {"room": "$r1", "content": "no"} => 400 @error"#;
        let event = received("m2", "no");
        let again = r#"alice messages.send {"room": "$r1", "content": "no"} => ?"#;
        assert_states(&[
            (RULE, Held, &in_group(&[refused, &list(&[], "")])),
            (RULE, Broken, &in_group(&[refused, &list(&[("m2", "no")], "")])),
            (RULE, Broken, &in_group(&[refused, &event])),
            (RULE, Undecided, &in_group(&[&list(&[], ""), refused])),
            (RULE, NotExercised, &in_group(&[refused, again, &list(&[("m2", "no")], "")])),
            (RULE, NotExercised, &in_group(&[SENT, &list(&[("m1", "a")], "")])),
        ]);
    }
}
