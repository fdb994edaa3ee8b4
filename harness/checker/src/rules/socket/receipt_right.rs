//! Checks that a received `read_receipt` names a user and a message that the user marked before. A
//! mark of the room counts for each of its messages (`room-mark-and-read-by`).

use hearback_contract::{MessageRef, RequirementId, ServerEvent, UserId};

use super::read_marks::Marks;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::member;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketReceiptRight, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let marks = Marks::of(input);
    for listener in input.model.sockets.all() {
        let connection = listener.connection;
        if !input.model.rooms.contains_key(&connection.room) {
            continue;
        }
        for (frame, event) in listener.received(ServerEvent::ReadReceipt) {
            let user = member(event, "user_id", UserId::from_json, context);
            let id = member(event, "message_id", MessageRef::from_json, context);
            let Some((user, id)) = user.zip(id) else { continue };
            let message = input.model.message(id);
            // Marking a room may send receipts for its messages (room-mark-and-read-by).
            let is_here = message.is_none_or(|message| message.room == connection.room);
            let is_given = marks.messages.get(&(user, id)).into_iter().flatten();
            let is_given = is_given
                .chain(marks.of_room(user, connection.room.borrowed()).filter(|_| is_here))
                .any(|mark| mark.at <= frame.at);
            context.check(is_given, || {
                Violation::new(
                    "read_receipt message_id and user_id",
                    "a receipt names a message and a user who marked it read",
                    format!("it names user {user} and message {id}, which the user had not marked"),
                )
                .evidence((connection, frame))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::read_marks::testing::sockets;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    const READ: &str = r#"[10..10] bob@r1 -> {"type": "read_receipt", "message_id": "$m1"}"#;

    const SEEN: &str = r#"[11..11] alice@r1 <- @read_receipt {"message_id": "$m1", "user_id": 2}"#;

    #[test]
    fn receipts_name_their_sender() {
        let rule = "socket/receipt-right";
        let by_rest = "[9..12] bob rooms.mark_read $r1 => 200 {}";
        assert_states(&[
            (rule, Held, &sockets(&[READ, SEEN])),
            (rule, Held, &sockets(&[by_rest, SEEN])),
            (rule, Broken, &sockets(&[SEEN])),
            (rule, Broken, &sockets(&[READ, &SEEN.replace("2}", "1}")])),
            (rule, Broken, &sockets(&[READ, &SEEN.replace("$m1", "$m9")])),
            (rule, Broken, &sockets(&[&SEEN.replace("11", "9"), READ])),
            (rule, Undecided, &sockets(&[READ, &SEEN.replace("2}", "\"2\"}")])),
        ]);
    }
}
