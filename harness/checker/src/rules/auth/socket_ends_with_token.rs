//! A socket receives no messages after its access token has expired.
//!
//! The token expires two seconds after the handshake. The clock of the target may be a second off, and closing the
//! socket takes time, so that only messages count that were sent two seconds later. A socket that ended before, or that
//! did not receive what others did, conforms.

use hearback_contract::{MessageRef, RequirementId, ServerEvent};
use hearback_history::{CredentialKind, Nanoseconds};

use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::AuthSocketEndsWithToken, check };

/// Time from the handshake until the token has certainly expired.
const EXPIRED: Nanoseconds = Nanoseconds::from_millis(4_000);

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let sockets = input.history.connections.iter();
    for connection in sockets.filter(|it| it.credential.kind == CredentialKind::Expiring) {
        let room = input.model.rooms.get(&connection.room);
        let (Some(room), Some(_)) = (room, connection.established()) else { continue };
        let expired = connection.invoked.saturating_add(EXPIRED);
        let mut received = connection.received(ServerEvent::ChatMessage);
        let late = received.find(|(_, event)| {
            let id = event.pointer("/message/id").and_then(MessageRef::from_json);
            let message = id.and_then(|id| input.model.message(id));
            message.is_some_and(|message| message.sent.invoked > expired)
        });
        let was_sent = room.messages.iter().any(|id| {
            let message = input.model.messages.get(id);
            message.is_some_and(|message| message.sent.invoked > expired)
        });
        match late {
            Some((frame, _)) => context.check(false, || {
                Violation::new(
                    "expired token",
                    "no message arrives after the token has expired",
                    "a message arrived that was sent two seconds later",
                )
                .evidence(connection)
                .evidence((connection, frame))
            }),
            None if was_sent => context.held(),
            None => context.inconclusive(Reason::NothingFollowed),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    fn in_room(lines: &[&str]) -> String {
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            {}
            "#,
            lines.join("\n")
        )
    }

    #[test]
    fn messages_do_not_arrive_after_the_expiry() {
        let rule = "auth/socket-ends-with-token";
        let open = "[3..5] bob[expiring]@r1 open";
        let sent = |at: u64| {
            format!(
                r#"[{at}..{}] alice messages.send {{"room": "$r1", "content": "m1"}} => 201 @message {{"id": "$m1"}}"#,
                at + 10
            )
        };
        let received = |at: u64| {
            format!(
                r#"[{at}..{at}] bob[expiring]@r1 <- @chat_message {{"message": {{"id": "$m1", "room_id": "$r1", "content": "m1", "sender": {{"id": 1}}}}}}"#
            )
        };
        assert_states(&[
            (rule, Held, &in_room(&[open, &sent(4100)])),
            (
                rule,
                Held,
                &in_room(&[open, "[2500..2500] bob[expiring]@r1 close 4001", &sent(4100)]),
            ),
            (rule, Broken, &in_room(&[open, &sent(4100), &received(4120)])),
            (rule, Undecided, &in_room(&[open, &sent(1500), &received(1520)])),
            (rule, NotExercised, &in_room(&["[3..5] bob[expired]@r1 refused 401", &sent(4100)])),
        ]);
    }
}
