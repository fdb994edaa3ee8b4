//! Checks that senders can delete their own messages. A deletion must succeed if the sender is
//! certainly a member of an active room and the message was certainly sent before. Second deletions
//! are skipped, because a server may reject them (`delete-twice`); so are messages whose sender is
//! ambiguous.

use hearback_contract::{Operation, RequirementId};

use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeletionDeleteOwn, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let deletions = input.history.calls_of(Operation::MessagesDelete);
    for call in deletions.filter(|call| call.is_authorized()) {
        let at = call.interval();
        let message = call.message_in_path().and_then(|id| input.model.message(id));
        let own = message.filter(|it| it.sender == call.invocation.actor && it.sent.precedes(at));
        let Some(message) = own.filter(|it| !input.model.is_ambiguous(it)) else { continue };
        let (Some(room), Some(user)) =
            (input.model.rooms.get(&message.room), input.model.user_id(&message.sender))
        else {
            continue;
        };
        // A second deletion may be rejected (delete-twice). The attempts include this one if it may have
        // been performed.
        let others = message.deletions.iter().filter(|deletion| deletion.invoked <= at.returned);
        let is_first = others.count() <= usize::from(call.maybe_done());
        if !is_first || !room.surely_member(user, at) || !room.surely_active(at) {
            continue;
        }
        match call.status() {
            None | Some(401) => {}
            Some(500..) => {
                context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError))
            }
            Some(status) => {
                context.check(Operation::MessagesDelete.succeeds_with(status), || {
                    let sender = &message.sender;
                    Violation::new(
                        "messages.delete of an own message",
                        format!("{sender} can delete their own message: 200 or 204"),
                        refusal(call),
                    )
                    .evidence(message.origin)
                    .evidence(call)
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::deletion::deleted_messages::testing::{DELETED, history};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn senders_can_delete_their_own_messages() {
        let rule = "deletion/delete-own";
        let delete = |status: &str| history(&[&DELETED.replace("200 {}", status)]);
        let again = "[50..51] alice messages.delete $m1 => 404 @error";
        let leaving = "[25..26] alice rooms.leave $r1 => ?";
        assert_states(&[
            (rule, Held, &delete("200 {}")),
            (rule, Held, &delete("204 {}")),
            (rule, Broken, &delete("403 @error")),
            (rule, Broken, &delete("202 {}")),
            (rule, Undecided, &delete("500 @error")),
            (rule, NotExercised, &delete("401 @error")),
            (
                rule,
                NotExercised,
                &delete("403 @error").replace("alice messages.delete", "bob messages.delete"),
            ),
            (rule, NotExercised, &format!("{}\n{leaving}", delete("403 @error"))),
            (rule, Held, &format!("{}\n{again}", delete("200 {}"))),
            (rule, NotExercised, &format!("{}\n{again}", delete("?"))),
            (
                rule,
                NotExercised,
                &format!("{}\n[25..26] alice rooms.archive $r1 => 200 @room", delete("403 @error")),
            ),
        ]);
    }
}
