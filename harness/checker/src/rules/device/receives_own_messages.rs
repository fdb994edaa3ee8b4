//! Checks that a message that was sent by socket reaches the other sockets of its sender. It is missing under the
//! conditions of `socket/message-reaches-others`.

use hearback_contract::RequirementId;

use crate::model::PendingEvent;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;
use crate::rules::socket::delivery::{expect_delivery, ordinary};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeviceReceivesOwnMessages, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (send, room) in ordinary(input) {
        let Some(source) = input.model.sockets.listener(send.connection) else { continue };
        let message = send.id.as_ref().and_then(|id| input.model.messages.get(id));
        // A message that reached no socket is reported by the requirements of `socket`.
        let Some(message) = message.filter(|message| message.deletions.is_empty()) else {
            continue;
        };
        let pending = PendingEvent {
            handled: Some(message.sent.returned),
            ..source.pending_event(send.frame.at)
        };
        for listener in input.model.sockets.in_room(&room.id) {
            if listener.user != source.user
                || listener.connection.id == send.connection.id
                || listener.established >= send.frame.at
            {
                continue;
            }
            let has_arrived = listener.message(message.id.borrowed()).is_some();
            let sent = (source.user, pending);
            expect_delivery(input, room, sent, listener, has_arrived, context, || {
                let who = &listener.connection.actor;
                Violation::new(
                    "chat_message to other sockets of its sender",
                    format!("another socket of {who} receives {}", quoted(send.text)),
                    "it did not arrive there",
                )
                .evidence((send.connection, send.frame))
                .evidence(listener.connection)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    fn sockets(lines: &[&str]) -> String {
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            [3..3] alice@r1 open
            [4..4] alice/phone@r1 open
            [10..10] alice@r1 -> {{"type": "chat_message", "message": "m1"}}
            [11..11] alice@r1 <- @chat_message {{"message": {{"id": "$m1", "room_id": "$r1", "content": "m1", "sender": {{"id": 1}}}}}}
            {}
            "#,
            lines.join("\n")
        )
    }

    #[test]
    fn messages_reach_the_other_sockets_of_their_sender() {
        let rule = "device/receives-own-messages";
        let later = "[200..201] bob rooms.list => 200 {}";
        let seen = r#"[12..12] alice/phone@r1 <- @chat_message {"message": {"id": "$m1", "room_id": "$r1", "content": "m1", "sender": {"id": 1}}}"#;
        assert_states(&[
            (rule, Held, &sockets(&[seen])),
            (rule, Broken, &sockets(&[later])),
            (rule, Undecided, &sockets(&["[13..13] alice/phone@r1 close", later])),
            (rule, NotExercised, &sockets(&[later]).replace("[4..4]", "[10..10]")),
        ]);
    }
}
