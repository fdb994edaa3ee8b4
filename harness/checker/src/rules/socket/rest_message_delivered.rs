//! Checks that a message that was sent by REST reaches every socket in the room that was
//! established before. It is missing only if something sent later reached the same socket, or the
//! socket stayed open long enough. Sender and receiver must certainly be members of the active room
//! all the while.

use hearback_contract::RequirementId;
use hearback_history::Nanoseconds;

use super::delivery::expect_delivery;
use crate::model::{Origin, PendingEvent};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::SocketRestMessageDelivered, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for message in input.model.messages.values() {
        let Origin::Rest(call) = message.origin else { continue };
        let Some(room) = input.model.rooms.get(&message.room) else { continue };
        let Some(sender) = input.model.user_id(&message.sender) else { continue };
        if !message.deletions.is_empty() {
            continue;
        }
        let answered = message.sent.returned;
        let pending = PendingEvent {
            at: answered,
            on: None,
            handled: Some(answered),
            until: Nanoseconds::MAX,
        };
        for listener in input.model.sockets.in_room(&room.id) {
            if listener.established >= call.invoked {
                continue;
            }
            let has_arrived = listener.message(message.id.borrowed()).is_some();
            expect_delivery(input, room, (sender, pending), listener, has_arrived, context, || {
                let to = &listener.connection.actor;
                Violation::new(
                    "messages.send to sockets",
                    format!(
                        "the socket of {to} receives the message that {} sent by REST",
                        message.sender
                    ),
                    "it did not arrive",
                )
                .evidence(call)
                .evidence(listener.connection)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::delivery::testing::{lines, received};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const LATER: &str = "[200..201] alice rooms.list => 200 {}";

    #[test]
    fn rest_messages_reach_sockets() {
        let rule = "socket/rest-message-delivered";
        let send = r#"[10..20] bob messages.send {"room": "$r1", "content": "m1"} => 201 @message {"id": "$m1"}"#;
        let (alice, bob) = (received(15, "alice", "m1", ""), received(16, "bob", "m1", ""));
        assert_states(&[
            (rule, Held, &lines(&[send, &alice, &bob])),
            (rule, Broken, &lines(&[send, &alice, LATER])),
            (rule, Undecided, &lines(&[send])),
            (rule, NotExercised, &lines(&[&send.replace("[10..20]", "[2..20]"), LATER])),
        ]);
    }
}
