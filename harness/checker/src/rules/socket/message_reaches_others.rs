//! Rule `socket/message-reaches-others`.

use hearback_contract::RequirementId;

use super::delivery::{expect_delivery, ordinary};
use crate::model::PendingEvent;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::quoted;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::SocketMessageReachesOthers, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (send, room) in ordinary(input) {
        let Some(source) = input.model.sockets.listener(send.connection) else { continue };
        let message = send.id.as_deref().and_then(|id| input.model.messages.get(id));
        if message.is_some_and(|message| !message.deletions.is_empty()) {
            continue;
        }
        let handed = source.handed(send.frame.at);
        let seen = message.map(|message| message.sent.returned);
        let handed = PendingEvent { handled: seen.or(handed.handled), ..handed };
        for listener in input.model.sockets.in_room(&room.id) {
            if listener.user == source.user || listener.established >= send.frame.at {
                continue;
            }
            let has_come = send.id.as_deref().is_some_and(|id| listener.message(id).is_some());
            let sent = (source.user, handed);
            expect_delivery(input, room, sent, listener, has_come, context, || {
                let to = &listener.connection.actor;
                Violation::new(
                    "chat_message to others",
                    format!(
                        "{to} receives {}, which {} sent",
                        quoted(send.text),
                        send.connection.actor
                    ),
                    format!("{to}'s socket never received it"),
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
    fn a_message_reaches_the_other_members() {
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
            // A fence that was sent after the echo shows that the first was lost.
            (rule, Broken, &lines(&[&a, &own[0], &b, &own[1], &second])),
            // And one that was sent later on the same connection, but none that another sent meanwhile.
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
        // One of two with the same text may be the one sent before.
        let alike = |text: &str| {
            let before =
                format!(r#"[8..9] bob messages.send {{"room": "$r1", "content": "{text}"}} => ?"#);
            lines(&[&before, &a, &own[0], &b, &second])
        };
        assert_states(&[(rule, Undecided, &alike("m2")), (rule, Broken, &alike("m3"))]);
        // A socket that was let in before its user left and came back may be deaf.
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
        // Who leaves meanwhile need not receive it.
        let leaving = lines(&[&a, &own[0], "[12..40] bob rooms.leave $r1 => 200 {}", LATER]);
        assert_states(&[(rule, NotExercised, &leaving)]);
    }
}
