//! Checks that a socket receives nothing of the room after its user was removed. An event is blamed
//! only if it was certainly caused after `participants.remove` returned: a message sent later, a
//! receipt for such a message or by a user who read nothing before, or more `typing` events than
//! were sent before. A socket that received nothing counts if the target closed it or if it stayed
//! open long enough after a later message.

use hearback_contract::RequirementId;

use super::departed_sockets::check_departures;
use crate::model::Departure;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::ParticipantRemovedStreamEnds, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_departures(input, Departure::Removed, "participants.remove", context);
}

#[cfg(test)]
mod tests {
    use crate::rules::participant::departed_sockets::testing::{
        REMOVE, assert_no_later_message, of,
    };
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Undecided};

    const RULE: &str = "participant/removed-stream-ends";

    #[test]
    fn no_later_message_is_received() {
        assert_no_later_message(RULE, REMOVE);
    }

    #[test]
    fn no_later_typing_or_receipt_is_received() {
        let typed = |at: u64| {
            format!(r#"[{at}..{at}] alice@r1 -> {{"type": "typing", "is_typing": true}}"#)
        };
        let types = |at: u64| format!(r#"[{at}..{at}] bob@r1 <- @typing {{"user_id": 1}}"#);
        let mark = |times: &str| format!("{times} alice rooms.mark_read $r1 => 200 {{}}");
        let receipt = r#"[40..40] bob@r1 <- @read_receipt {"message_id": "$m7", "user_id": 1}"#;
        let (rule, departure) = (RULE, REMOVE);
        assert_states(&[
            (rule, Broken, &of(departure, &[&typed(30), &types(31)])),
            (rule, Broken, &of(departure, &[&typed(8), &types(9), &typed(30), &types(31)])),
            (rule, Undecided, &of(departure, &[&typed(8), &typed(30), &types(31)])),
            (rule, Broken, &of(departure, &[&mark("[30..35]"), receipt])),
            (rule, Undecided, &of(departure, &[&mark("[15..35]"), receipt])),
            (rule, Undecided, &of(departure, &[receipt])),
        ]);
    }
}
