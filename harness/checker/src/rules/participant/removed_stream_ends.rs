//! Rule `participant/removed-stream-ends`.

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
    use crate::rules::participant::departed_sockets::testing::of;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Undecided};

    const REMOVE: (&str, &str) =
        ("participant/removed-stream-ends", "[10..20] alice participants.remove 2 => 200 {}");

    #[test]
    fn nor_do_typing_and_receipts() {
        let typed = |at: u64| {
            format!(r#"[{at}..{at}] alice@r1 -> {{"type": "typing", "is_typing": true}}"#)
        };
        let types = |at: u64| format!(r#"[{at}..{at}] bob@r1 <- @typing {{"user_id": 1}}"#);
        let mark = |times: &str| format!("{times} alice rooms.mark_read $r1 => 200 {{}}");
        let receipt = r#"[40..40] bob@r1 <- @read_receipt {"message_id": "$m7", "user_id": 1}"#;
        let (rule, departure) = REMOVE;
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
