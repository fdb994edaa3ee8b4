//! Checks that a received `chat_message` has the sender, the room and the type of the message, and
//! that a message that was certainly not edited has no edit flags. Deleted messages are skipped.
//! The content is left to `message/content-intact`.

use std::fmt;

use hearback_contract::{RequirementId, UserId};
use serde_json::Value;

use crate::model::{Origin, Transport};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{quoted, shown};
use crate::rules::as_expected::AsExpected;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketMessageRight, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut as_expected = AsExpected::of(input);
    for (observation, message) in input.model.recognized() {
        if as_expected.skips(observation, message, context) {
            continue;
        }
        if observation.transport != Transport::Socket || message.maybe_deleted(observation.at) {
            continue;
        }
        let is_text = match message.origin {
            Origin::Socket(..) => true,
            Origin::Rest(call) => {
                let has_file =
                    call.request.as_ref().is_some_and(|it| it.get("attachment").is_some());
                !has_file && message.message_type.is_none_or(|kind| kind == "text")
            }
        };
        let is_new = message.is_edited(observation.at) == Some(false);
        let expected = [
            ("sender.id", input.model.user_id(&message.sender).map(Field::User)),
            ("sender.username", input.history.username(&message.sender).map(Field::Text)),
            ("room_id", Some(Field::Text(message.room.as_str()))),
            ("message_type", is_text.then_some(Field::Text("text"))),
            ("is_edited", is_new.then_some(Field::Flag(false))),
            ("edited_at", is_new.then_some(Field::NoTime)),
        ];
        let mut is_right = true;
        for (path, wanted) in expected {
            let Some(wanted) = wanted else { continue };
            let mut names = path.split('.');
            let actual = names.try_fold(observation.value, |value, name| value.get(name));
            let Some((actual, is_wanted)) = actual.and_then(|it| Some((it, wanted.is(it)?))) else {
                context.inconclusive(Reason::SchemaBroken(path.into()));
                is_right = false;
                continue;
            };
            is_right &= is_wanted;
            context.check(is_wanted, || {
                Violation::new(
                    format!("chat_message {path}"),
                    format!("{path} is {wanted}"),
                    format!("{path} is {}, as {} received it", shown(actual), observation.viewer),
                )
                .evidence(message.origin)
                .evidence(observation.evidence)
            });
        }
        if is_right {
            as_expected.add(observation);
        }
    }
}

/// The expected value of a field.
enum Field<'a> {
    User(UserId),
    Text(&'a str),
    Flag(bool),
    /// Null instead of a time.
    NoTime,
}

impl Field<'_> {
    /// Returns whether `value` is the expected one. `None` if its type is wrong.
    fn is(&self, value: &Value) -> Option<bool> {
        match self {
            Self::User(user) => UserId::from_json(value).map(|it| it == *user),
            Self::Text(text) => value.as_str().map(|it| it == *text),
            Self::Flag(flag) => value.as_bool().map(|it| it == *flag),
            Self::NoTime => (value.is_null() || value.is_string()).then(|| value.is_null()),
        }
    }
}

impl fmt::Display for Field<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => write!(formatter, "{user}"),
            Self::Text(text) => formatter.write_str(&quoted(text)),
            Self::Flag(flag) => write!(formatter, "{flag}"),
            Self::NoTime => formatter.write_str("null"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    #[test]
    fn received_messages_are_right() {
        let received = |line: &str, fields: &str| {
            format!(
                r#"
                alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
                [3..3] alice@r1 open
                [4..4] bob@r1 open
                [10..10] alice@r1 -> {{"type": "chat_message", "message": "a"}}
                [11..11] alice@r1 <- @chat_message {{"message": {{"id": "$m1", "room_id": "$r1", "content": "a", "sender": {{"id": 1, "username": "alice"}}}}}}
                {line}
                [15..15] bob@r1 <- @chat_message {{"message": {{"id": "$m1", "room_id": "$r1", "content": "a", "sender": {{"id": 1, "username": "alice"}}{fields}}}}}
                "#
            )
        };
        let rule = "socket/message-right";
        let edited = r#", "is_edited": true"#;
        for (state, fields) in [
            (Held, ""),
            (Broken, r#", "sender": {"id": 2}"#),
            (Broken, r#", "sender": {"username": "bob"}"#),
            (Broken, r#", "room_id": "$r2""#),
            (Broken, r#", "message_type": "system""#),
            (Broken, edited),
            (Broken, r#", "edited_at": "2026-01-01T00:00:00Z""#),
            // A field of the wrong type is left to the schema requirements.
            (Held, r#", "is_edited": "no""#),
        ] {
            assert_states(&[(rule, state, &received("", fields))]);
        }
        // A server may announce edits by sending the message again.
        let edit =
            r#"[12..20] alice messages.edit $m1 {"content": "a"} => 200 @message {"id": "$m1"}"#;
        assert_states(&[(rule, Held, &received(edit, edited))]);
    }
}
