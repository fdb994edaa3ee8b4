//! Checks that `read_by` contains only users who marked the message, a later message or the room
//! read. The mark may still be in progress, because the response of a mark may come after its
//! effect. Members who are not actors of this run may have read the message without a trace, so
//! they are skipped.

use hearback_contract::RequirementId;

use super::readers::{readers, reads};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::member;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ReceiptsNoPhantom, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let model = input.model;
    for (observation, message) in reads(input) {
        let Some(room) = model.rooms.get(&message.room) else { continue };
        let Some(readers) = member(observation.value, "read_by", readers, context) else {
            continue;
        };
        let sender = model.user_id(&message.sender);
        for user in readers.keys().filter(|user| Some(**user) != sender) {
            // A mark of the room may add the reader to all of its messages, and a receipt to all messages
            // up to its own (room-mark-and-read-by, receipt-moves-unread).
            let until = room
                .read_state
                .marks_of(*user)
                .and_then(|it| it.may_have_read_until(observation.at));
            let may_have_read = until.is_some_and(|until| until >= message.sent.invoked);
            // A member who is not an actor of this run may have read the message.
            if !may_have_read && model.actor(*user).is_none() && room.members.contains_key(user) {
                continue;
            }
            context.check(may_have_read, || {
                Violation::new(
                    format!("read_by in {}", observation.place()),
                    "`read_by` has only users who marked the message or its room read",
                    format!("it has user {user}, who did not"),
                )
                .evidence(message.origin)
                .evidence(observation.evidence)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::receipts::readers::testing::{MARKED, get, history};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn only_users_who_marked_are_readers() {
        let rule = "receipts/no-phantom";
        let read = get("carol", "[50..51]", &[(2, 0)], "");
        let later = r#"[22..24] alice messages.send {"room": "$r1", "content": "b"} => 201 @message {"id": "$m2", "room": "$r1", "read_by": {"3": "$absent"}}"#;
        assert_states(&[
            (rule, Held, &history(&[MARKED, &read])),
            (rule, Held, &history(&[&MARKED.replace("200 {}", "?"), &read])),
            (rule, Held, &history(&[&MARKED.replace("[30", "[51"), &read])),
            (rule, Held, &history(&["[30..40] bob rooms.mark_read $r1 => 200 {}", &read])),
            (rule, Held, &history(&[later, &MARKED.replace("$m1", "$m2"), &read])),
            (rule, Broken, &history(&[&read])),
            (rule, Broken, &history(&[&MARKED.replace("200 {}", "403 @error"), &read])),
            (rule, Broken, &history(&[&MARKED.replace("bob", "carol"), &read])),
            (rule, Broken, &history(&["[5..9] bob rooms.mark_read $r1 => 200 {}", &read])),
            (rule, Broken, &history(&["[52..53] bob rooms.mark_read $r1 => 200 {}", &read])),
            (rule, NotExercised, &history(&[&get("carol", "[50..51]", &[(1, 0)], "")])),
            (rule, Broken, &history(&[&get("carol", "[50..51]", &[(77, 0)], "")])),
        ]);
    }
}
