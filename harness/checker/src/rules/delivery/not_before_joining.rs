//! A socket does not receive messages that were acknowledged before it was opened.
//!
//! Older messages are what messages.list is for ("Use WebSocket for real-time, REST for history").
//! Messages that may have been edited or deleted do not count, because they may be sent again.

use hearback_contract::RequirementId;

use super::received::{content, sent_message};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeliveryNotBeforeJoining, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for stream in input.model.streams() {
        let connection = stream.connection;
        for (_, received) in stream.in_order() {
            let Some(message) = sent_message(input, received) else { continue };
            context.check(message.sent.returned >= connection.invoked, || {
                Violation::new(
                    "chat_message from before the socket",
                    format!(
                        "{} was acknowledged before {} opened the socket and is not received on it",
                        quoted(content(received.value)),
                        connection.actor
                    ),
                    "it was received",
                )
                .evidence(message.origin)
                .evidence(connection)
                .evidence((connection, received.frame))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::delivery::testing::{lines, received};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn messages_older_than_the_socket_are_not_received() {
        const RULE: &str = "delivery/not-before-joining";
        let sent = r#"[10..20] alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1"}"#;
        let open = |at: u64| format!("[{at}..{at}] bob/2@r1 open");
        let got = received("bob/2", "m1", "a", "");
        let edited = received("bob/2", "m1", "a", r#", "is_edited": true"#);
        assert_states(&[
            (RULE, Held, &lines(&[sent, &open(15), &got])),
            (RULE, Broken, &lines(&[sent, &open(25), &got])),
            (RULE, NotExercised, &lines(&[sent, &open(25), &edited])),
            (RULE, NotExercised, &lines(&[sent, &open(25)])),
        ]);
    }
}
