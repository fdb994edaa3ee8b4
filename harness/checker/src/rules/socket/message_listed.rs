//! Checks that a message whose echo arrived is in every later complete list of its room, and that
//! `messages.get` finds it. The reader must have been a member since the send, because earlier
//! messages may be hidden from new members. Deleted messages are skipped.

use ahash::{AHashMap, AHashSet};
use hearback_contract::{MessageRef, Operation, RequirementId, RoomRef};
use hearback_history::{Call, Interval};

use crate::model::{Message, SocketSend};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{quoted, refusal};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketMessageListed, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut by_room: AHashMap<RoomRef<'_>, Vec<(&SocketSend<'h>, &Message<'h>)>> = AHashMap::new();
    let mut by_id: AHashMap<MessageRef<'_>, &SocketSend<'h>> = AHashMap::new();
    for send in &input.model.socket_sends {
        let Some(id) = send.id.as_ref().filter(|_| send.echo.is_some()) else { continue };
        let Some(message) = input.model.messages.get(id) else { continue };
        by_room.entry(message.room.borrowed()).or_default().push((send, message));
        by_id.insert(id.borrowed(), send);
    }
    let reads = input.history.calls.iter().filter(|call| {
        matches!(call.operation(), Some(Operation::MessagesGet | Operation::MessagesList))
    });
    for call in reads.filter(|call| call.is_authorized()) {
        let Some(room) = input.model.room_of(call) else { continue };
        let Some(user) = input.model.user_id(&call.invocation.actor) else { continue };
        // Earlier messages may be hidden from members who joined later.
        let expected = |send: &SocketSend<'h>, message: &Message<'h>| {
            let visible = Interval { invoked: send.frame.at, ..call.interval() };
            send.echo.is_some_and(|echo| echo.at < call.invoked)
                && !message.maybe_deleted(call.interval())
                && room.surely_member(user, visible)
        };
        let violation = |send: &SocketSend<'h>, actual: String| {
            let violation = Violation::new(
                format!("chat_message in {}", call.operation().map_or("", Operation::id)),
                format!("{}, which was sent by socket, is in the history", quoted(send.text)),
                actual,
            )
            .evidence((send.connection, send.frame));
            let echoes = send.echo.into_iter();
            echoes.fold(violation, |it, echo| it.evidence((send.connection, echo))).evidence(call)
        };
        if call.operation() == Some(Operation::MessagesGet) {
            let sent = call
                .message_in_path()
                .and_then(|id| Some((by_id.get(&id)?, input.model.message(id)?)));
            let Some((send, _)) = sent.filter(|(send, message)| expected(send, message)) else {
                continue;
            };
            let is_gone = matches!(call.status(), Some(403 | 404));
            if call.succeeded() || is_gone {
                context.check(!is_gone, || violation(send, refusal(call)));
            }
        } else if let Some(ids) = complete_list(call) {
            for (send, message) in by_room.get(&room.id.borrowed()).into_iter().flatten() {
                if expected(send, message) {
                    context.check(ids.contains(&message.id.borrowed()), || {
                        violation(
                            send,
                            format!("{} messages are listed, but not this one", ids.len()),
                        )
                    });
                }
            }
        }
    }
}

/// Returns the ids of the listed messages, if the page says that it is complete.
fn complete_list(call: &Call) -> Option<AHashSet<MessageRef<'_>>> {
    let body = call.success()?;
    let items = call.items()?;
    let is_whole = body.get("next")?.is_null()
        && body.get("previous")?.is_null()
        && body.get("count")?.as_u64() == Some(items.len() as u64);
    is_whole.then(|| {
        items.iter().filter_map(|item| item.get("id").and_then(MessageRef::from_json)).collect()
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::delivery::testing::{lines, received, sent};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn messages_sent_by_socket_are_listed() {
        let rule = "socket/message-listed";
        let list = |at: &str, items: &[&str]| {
            let items: Vec<_> =
                items.iter().map(|id| format!(r#"@message {{"id": "{id}"}}"#)).collect();
            format!(
                r#"{at} bob messages.list ?room=$r1 => 200 {{"count": {}, "next": null, "previous": null, "results": [{}]}}"#,
                items.len(),
                items.join(", ")
            )
        };
        let (a, back) = (sent(10, "m1"), received(20, "alice", "m1", ""));
        assert_states(&[
            (rule, Held, &lines(&[&a, &back, &list("[30..31]", &["$m1"])])),
            (rule, Broken, &lines(&[&a, &back, &list("[30..31]", &["$m7"])])),
            (rule, NotExercised, &lines(&[&a, &back, &list("[15..31]", &[])])),
            (rule, Held, &lines(&[&a, &back, "[30..31] bob messages.get $m1 => 200 @message"])),
            (rule, Broken, &lines(&[&a, &back, "[30..31] bob messages.get $m1 => 404 @error"])),
            (
                rule,
                NotExercised,
                &lines(&[
                    &a,
                    &back,
                    "[25..40] alice messages.delete $m1 => 200 @message",
                    "[30..31] bob messages.get $m1 => 404 @error",
                ]),
            ),
        ]);
    }
}
