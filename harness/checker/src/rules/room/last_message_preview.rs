//! Checks that `last_message_preview` in `rooms.list` is the beginning of the newest message, apart
//! from white space and an ellipsis. The preview of a room without messages is not documented
//! (empty-room-preview), nor is that of a file. The rule abstains under the conditions of
//! `room/last-message`, and if the preview shows a message that was rejected, which breaks
//! `delivery/refused-is-not-sent`.

use hearback_contract::RequirementId;

use super::newest_message::{contents, either, listed, newest, with_evidence};
use crate::model::is_beginning;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;
use crate::rules::text::is_storable;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomLastMessagePreview, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (room, call, preview) in listed(input, "last_message_preview", context) {
        let Some(newest) = newest(input, room, call, context) else { continue };
        let preview = preview.unwrap_or_default();
        let Some(message) = newest else { continue };
        if message.file.is_some() {
            context.inconclusive(Reason::Unspecified);
            continue;
        }
        let contents = contents(message, call);
        // A server may remove control characters (ambiguity `control-characters`).
        if !contents.iter().all(|content| is_storable(content)) {
            context.inconclusive(Reason::Unspecified);
            continue;
        }
        let holds = contents.iter().any(|content| is_beginning(preview, content));
        context.check(holds, || {
            let violation = Violation::new(
                "rooms.list: last_message_preview",
                format!(
                    "`last_message_preview` is the beginning of the newest message, {}",
                    either(&contents)
                ),
                format!("it is {}", quoted(preview)),
            );
            with_evidence(violation, newest, call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::room::newest_message::testing::with;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const SENT: &str = r#"bob messages.send {"room": "$r1", "content": "hello world"} => 201 @message {"id": "$m1", "room": "$r1", "content": "hello world", "created_at": "2025-10-19T15:00:00Z"}"#;

    const REJECTED: &str =
        r#"bob messages.send {"room": "$r1", "content": "hello world"} => 400 @error"#;

    #[test]
    fn the_list_shows_the_newest_message() {
        const PREVIEW: &str = "room/last-message-preview";
        let preview = |between: &str, preview: &str| {
            with(between, "rooms.list", &format!(r#""last_message_preview": {preview}"#))
        };
        assert_states(&[
            (PREVIEW, Held, &preview(SENT, r#""hello world""#)),
            (PREVIEW, Held, &preview(SENT, r#""hello…""#)),
            (PREVIEW, NotExercised, &preview("", "null")),
            (PREVIEW, NotExercised, &preview("", r#""No messages yet""#)),
            (PREVIEW, Undecided, &preview(REJECTED, r#""hello""#)),
            (PREVIEW, NotExercised, &preview(REJECTED, r#""good bye""#)),
            (PREVIEW, Broken, &preview(SENT, "null")),
            (PREVIEW, Broken, &preview(SENT, r#""good bye""#)),
        ]);
    }
}
