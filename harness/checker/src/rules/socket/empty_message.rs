//! Checks that a `chat_message` with empty text is answered with `error`, and that no socket
//! receives it. Every such frame on an open socket must be answered with an `error` on the same
//! connection. The answer is missing only if something else that was sent later was answered, or if
//! the socket stayed open long enough; the user must certainly be a member all the while.

use ahash::AHashMap;
use hearback_contract::{MessageRef, RequirementId, RoomRef, ServerEvent, UserId};
use serde_json::Value;

use super::error_answers::{expect_errors, variant};
use crate::model::{InvalidFrame, InvalidFrameKind};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketEmptyMessage, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    expect_errors(input, InvalidFrameKind::EmptyMessage, context);
    let mut sent: AHashMap<(RoomRef<'_>, UserId), &InvalidFrame<'h>> = AHashMap::new();
    for invalid in
        input.model.invalid_frames.iter().filter(|it| it.kind == InvalidFrameKind::EmptyMessage)
    {
        let user = input.model.user_id(&invalid.connection.actor);
        if let Some(user) =
            user.filter(|_| input.model.rooms.contains_key(&invalid.connection.room))
        {
            sent.entry((invalid.connection.room.borrowed(), user)).or_insert(invalid);
        }
    }
    if sent.is_empty() {
        return;
    }
    for listener in input.model.sockets.all() {
        for (frame, event) in listener.received(ServerEvent::ChatMessage) {
            let message = &event["message"];
            let sender = message.pointer("/sender/id").and_then(UserId::from_json);
            let id = message.get("id").and_then(MessageRef::from_json);
            let is_ours = id.is_some_and(|id| input.model.message(id).is_some());
            let variant =
                sender.and_then(|it| sent.get(&(listener.connection.room.borrowed(), it)));
            let Some(variant) = variant.filter(|variant| !is_ours && variant.frame.at < frame.at)
            else {
                continue;
            };
            if message.get("content").and_then(Value::as_str) == Some("") {
                context.check(false, || {
                    Violation::new(
                        self::variant(variant),
                        "no socket receives an empty message",
                        format!("{} received an empty message", listener.connection.actor),
                    )
                    .evidence((variant.connection, variant.frame))
                    .evidence((listener.connection, frame))
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::error_answers::testing::{
        ERROR, assert_error_required, frame, sockets,
    };
    use crate::rules::testing::assert_states;
    use crate::verdict::State::Broken;

    const RULE: &str = "socket/empty-message";

    const EMPTY: &str = r#"{"type": "chat_message", "message": ""}"#;

    #[test]
    fn empty_messages_are_answered_with_error() {
        assert_error_required(RULE, EMPTY);
    }

    #[test]
    fn empty_messages_are_not_received() {
        let shown = r#"[12..12] alice@r1 <- @chat_message {"message": {"id": "$m9", "content": "", "sender": {"id": 2}}}"#;
        assert_states(&[(RULE, Broken, &sockets(&[&frame(10, EMPTY), ERROR, shown]))]);
    }
}
