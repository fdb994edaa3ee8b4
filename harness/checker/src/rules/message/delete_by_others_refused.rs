//! Checks that a deletion by another member who is not an admin is rejected. The sender and the
//! role must be certain, and the message not deleted already. Admins may delete (who-may-delete).

use hearback_contract::{Operation, Relation, RequirementId};

use crate::model::Origin;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::rules::authorization::operations::{Ruling, ruling};
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageDeleteByOthersRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesDelete) {
        let id = call.message_in_path();
        let Some(message) = id.and_then(|id| input.model.message(id)) else { continue };
        // The sender of an ambiguous message is known only if the id came in the response to a REST send.
        let is_known =
            matches!(message.origin, Origin::Rest(_)) || !input.model.is_ambiguous(message);
        let at = call.interval();
        let mut others = message.deletions.iter().filter(|deletion| deletion.invoked != at.invoked);
        let may_be_gone = others.any(|deletion| !at.precedes(*deletion));
        if !is_known || may_be_gone {
            continue;
        }
        if call.is_authorized() && call.status().is_some_and(|status| status >= 500) {
            context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError));
        }
        let Some(Ruling { relation: Relation::OtherMember, is_kept: Some(is_kept), .. }) =
            ruling(input, call)
        else {
            continue;
        };
        context.check(is_kept, || {
            let expected =
                format!("a message of {} is not deleted by another member", message.sender);
            Violation::new("messages.delete", expected, refusal(call)).evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    /// A message of carol's in alice's room with bob and carol.
    const SENT: &str = r#"
        alice rooms.create {"room_type": "group", "participant_ids": [2, 3]} => 201 @room {"id": "$r1"}
        carol messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1"}"#;

    #[test]
    fn deletions_by_other_members_are_rejected() {
        let deletion = |lines: &str| format!("{SENT}\n{lines}");
        let cases = [
            (Held, "bob messages.delete $m1 => 403 @error"),
            (Held, "bob messages.delete $m1 => 400 @error"),
            (Broken, "bob messages.delete $m1 => 200 {}"),
            (Undecided, "bob messages.delete $m1 => 500 @error"),
            // An admin, the sender, an outsider, and a message that may be deleted already.
            (NotExercised, "alice messages.delete $m1 => 200 {}"),
            (NotExercised, "carol messages.delete $m1 => 403 @error"),
            (NotExercised, "erin messages.delete $m1 => 200 {}"),
            (NotExercised, "carol messages.delete $m1 => ?\nbob messages.delete $m1 => 200 {}"),
        ];
        for (state, lines) in cases {
            assert_states(&[("message/delete-by-others-refused", state, &deletion(lines))]);
        }
    }
}
