//! Checks that a message that was sent by socket reaches every other socket in the room that was
//! established before. It is missing only if the target certainly handled it and something sent
//! later reached the same socket, or the socket stayed open long enough. Sender and receiver must
//! certainly be members of the active room all the while, and messages that a server may reject, or
//! that were deleted, are skipped.

use hearback_contract::RequirementId;

use super::delivery::{expect_delivery, ordinary};
use crate::model::PendingEvent;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::SocketMessageReachesOthers, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (send, room) in ordinary(input) {
        let Some(source) = input.model.sockets.listener(send.connection) else { continue };
        let message = send.id.as_ref().and_then(|id| input.model.messages.get(id));
        if message.is_some_and(|message| !message.deletions.is_empty()) {
            continue;
        }
        let pending = source.pending_event(send.frame.at);
        let seen = message.map(|message| message.sent.returned);
        let pending = PendingEvent { handled: seen.or(pending.handled), ..pending };
        for listener in input.model.sockets.in_room(&room.id) {
            if listener.user == source.user || listener.established >= send.frame.at {
                continue;
            }
            let has_arrived =
                send.id.as_ref().is_some_and(|id| listener.message(id.borrowed()).is_some());
            let sent = (source.user, pending);
            expect_delivery(input, room, sent, listener, has_arrived, context, || {
                let to = &listener.connection.actor;
                Violation::new(
                    "chat_message to others",
                    format!(
                        "{to} receives {}, which {} sent",
                        quoted(send.text),
                        send.connection.actor
                    ),
                    format!("the socket of {to} did not receive it"),
                )
                .evidence((send.connection, send.frame))
                .evidence(listener.connection)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::delivery::testing::{lines, received, sent};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const LATER: &str = "[200..201] alice rooms.list => 200 {}";

    #[test]
    fn messages_reach_the_other_members() {
        let rule = "socket/message-reaches-others";
        let (a, b) = (sent(10, "m1"), sent(20, "m2"));
        let own = [received(11, "alice", "m1", ""), received(21, "alice", "m2", "")];
        let (first, second) = (received(12, "bob", "m1", ""), received(22, "bob", "m2", ""));
        let meanwhile = format!(
            r#"[11..12] bob messages.send {{"room": "$r1", "content": "m2"}} => 201 @message {{"id": "$m2"}}
            {second}"#
        );
        assert_states(&[
            (rule, Held, &lines(&[&a, &own[0], &first])),
            // A message that was sent after the echo, and arrived, proves that the first was lost.
            (rule, Broken, &lines(&[&a, &own[0], &b, &own[1], &second])),
            // So does one that was sent later on the same connection, but not one that another user sent meanwhile.
            (rule, Broken, &lines(&[&a, &b, &own[0], &own[1], &second])),
            (rule, Undecided, &lines(&[&a, &meanwhile, &received(22, "alice", "m1", "")])),
            (rule, Undecided, &lines(&[&a, &own[0]])),
            (rule, Broken, &lines(&[&a, &own[0], LATER])),
            (rule, Undecided, &lines(&[&a, &own[0], "[30..30] bob@r1 close", LATER])),
            (
                rule,
                NotExercised,
                &lines(&[&a, &own[0], "[30..40] bob rooms.leave $r1 => ?", LATER])
                    .replace("bob@r1 open", "carol@r1 open"),
            ),
        ]);
        // Of two messages with the same text, the received one may be the earlier.
        let alike = |text: &str| {
            let before =
                format!(r#"[8..9] bob messages.send {{"room": "$r1", "content": "{text}"}} => ?"#);
            lines(&[&before, &a, &own[0], &b, &second])
        };
        assert_states(&[(rule, Undecided, &alike("m2")), (rule, Broken, &alike("m3"))]);
        // A socket that was opened before its user left and came back need not receive anything.
        let back = r#"
            [5..6] bob rooms.leave $r1 => 200 {}
            [7..8] alice participants.add {"room": "$r1", "user": 2} => 201 @participant"#;
        let at = |handshake: &str| {
            let socket = format!(
                r#"{handshake} bob@r1 mute-open
                [9..9] bob@r1 <- @connection_established {{"room_id": "$r1", "user_id": 2}}"#
            );
            lines(&[back, &a, &own[0], LATER]).replace("[4..4] bob@r1 open", &socket)
        };
        let [outlived, new] = ["[4..4]", "[9..9]"].map(at);
        assert_states(&[(rule, NotExercised, &outlived), (rule, Broken, &new)]);
        // A member who leaves meanwhile need not receive it.
        let leaving = lines(&[&a, &own[0], "[12..40] bob rooms.leave $r1 => 200 {}", LATER]);
        assert_states(&[(rule, NotExercised, &leaving)]);
    }
}
