//! Files that are sent with messages.

use ahash::AHashMap;
use hearback_contract::Operation;
use hearback_history::{Call, Outcome};
use serde_json::Value;
use url::Url;

use super::asked;
use super::sending::is_ordinary;
use super::sight::is_plain;
use crate::model::{File, Message, Origin, Transport};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{member, quoted, refusal, shown, success};
use crate::rules::text::ORDINARY_LENGTH;

/// Files of up to this many bytes are small enough for any server.
const SMALL: usize = 64 * 1024;

/// Successful sends of a file, and the message in the answer.
fn files<'h>(
    input: RuleInput<'h>,
) -> impl Iterator<Item = (&'h Call, &'h Message<'h>, &'h File<'h>)> {
    input.model.messages.values().filter_map(move |message| {
        let Origin::Rest(call) = message.origin else { return None };
        (!input.model.is_ambiguous(message)).then_some((call, message, message.file.as_ref()?))
    })
}

pub(super) fn attachment<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, _, file) in files(input) {
        let Some(body) = success(call, context) else { continue };
        let violation = |field: &str, expected: String, actual: &Value| {
            Violation::new(
                format!("messages.send {field}"),
                format!("{field} is {expected}"),
                format!("{field} is {}", shown(actual)),
            )
            .evidence(call)
        };
        let text = |value: &'h Value| (value.is_null() || value.is_string()).then_some(value);
        if let Some(url) = member(body, "attachment", text, context) {
            let is_set = url.as_str().is_some_and(|url| !url.is_empty());
            context.check(is_set, || violation("attachment", "set".to_owned(), url));
        }
        if let Some(name) = member(body, "attachment_name", text, context) {
            let expected = || violation("attachment_name", quoted(file.name), name);
            context.check(name == file.name, expected);
        }
        let number = |value: &'h Value| (value.is_null() || value.is_u64()).then_some(value);
        if let Some(size) = member(body, "attachment_size", number, context) {
            let bytes = file.bytes.len();
            let expected = || violation("attachment_size", format!("{bytes} bytes"), size);
            context.check(size.as_u64() == Some(bytes as u64), expected);
        }
    }
    for call in input.history.calls_of(Operation::MessagesSend).filter(|call| call.refused()) {
        if call.status() != Some(401) && is_harmless(input, call) {
            context.check(false, || {
                let variant = format!(
                    "messages.send with a file answers {}",
                    call.status().unwrap_or_default()
                );
                Violation::new(variant, "a file can be sent", refusal(call)).evidence(call)
            });
        }
    }
}

/// Whether the send is of a file that there is no reason to refuse.
fn is_harmless<'h>(input: RuleInput<'h>, call: &'h Call) -> bool {
    let part = |name| asked(call, "attachment").and_then(|file| file.get(name)?.as_str());
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
    let content = asked(call, "content").and_then(Value::as_str).unwrap_or_default();
    part("name").is_some_and(|name| !name.is_empty() && name.chars().all(is_plain))
        && part("base64").is_some_and(|text| (1..=SMALL).contains(&text.len()))
        && content.chars().count() <= ORDINARY_LENGTH
        && asked(call, "message_type").is_none()
        && is_ordinary(input, call, content)
}

pub(super) fn message_type<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, message, file) in files(input) {
        if message.message_type.is_some() {
            continue;
        }
        let Some(body) = success(call, context) else { continue };
        let Some(kind) = member(body, "message_type", Value::as_str, context) else { continue };
        let is_image = file.content_type.to_ascii_lowercase().starts_with("image/");
        let expected = if is_image { "image" } else { "file" };
        context.check(kind == expected, || {
            Violation::new(
                format!("messages.send message_type of {expected}"),
                format!("message_type is {expected} for {}", quoted(file.content_type)),
                format!("message_type is {}", quoted(kind)),
            )
            .evidence(call)
        });
    }
}

pub(super) fn none<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (observation, message) in input.model.recognised() {
        if observation.transport != Transport::Rest || !is_plain(message) {
            continue;
        }
        for field in ["attachment", "attachment_size"] {
            let Some(value) = member(observation.value, field, Some, context) else { continue };
            context.check(value.is_null(), || {
                Violation::new(
                    format!("{field} in {}", observation.place()),
                    format!("{field} of a message without a file is null"),
                    format!("{field} is {}", shown(value)),
                )
                .evidence(message.origin)
                .evidence(observation.evidence)
            });
        }
    }
}

pub(super) fn content<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let target = input.history.start.as_ref().and_then(|start| Url::parse(&start.target).ok());
    let Some(target) = target else { return };
    let fetches: Vec<_> = input
        .history
        .calls
        .iter()
        .filter(|call| call.operation().is_none() && call.invocation.method == "GET")
        .filter(|call| call.is_authorized())
        .collect();
    if fetches.is_empty() {
        return;
    }
    let urls: AHashMap<Url, &Message<'h>> = input
        .model
        .recognised()
        .filter(|(_, message)| message.file.is_some())
        .filter_map(|(observation, message)| {
            let url = target.join(observation.value.get("attachment")?.as_str()?).ok()?;
            (url.origin() == target.origin()).then_some((url, message))
        })
        .collect();
    for call in fetches {
        let message = target.join(&call.invocation.path).ok().and_then(|url| urls.get(&url));
        let Some((message, file)) = message.and_then(|it| Some((it, it.file.as_ref()?))) else {
            continue;
        };
        let user = input.model.user_id(&call.invocation.actor);
        let is_member =
            input.model.rooms.get(&message.room).is_some_and(|room| {
                user.is_some_and(|user| room.surely_member(user, call.interval()))
            });
        if is_member && !message.maybe_deleted(call.interval()) {
            fetched(call, message, file, context);
        }
    }
}

fn fetched<'h>(
    call: &'h Call,
    message: &Message<'h>,
    file: &File<'_>,
    context: &mut RuleContext<'h>,
) {
    let violation = |variant: &str, actual: String| {
        let expected = format!("200 with the {} bytes that were sent", file.bytes.len());
        Violation::new(variant, expected, actual).evidence(message.origin).evidence(call)
    };
    match (call.status(), &call.outcome) {
        (Some(200), Outcome::Response { truncated: false, body, .. }) => {
            let bytes = body.to_bytes();
            context.check(bytes == file.bytes, || {
                let equal = bytes.iter().zip(&file.bytes).take_while(|(it, sent)| it == sent);
                let equal = equal.count();
                let actual = format!("{} bytes, of which the first {equal} agree", bytes.len());
                violation("attachment bytes", actual)
            });
        }
        (Some(status @ 400..500), _) => {
            context
                .check(false, || violation(&format!("attachment answers {status}"), refusal(call)));
        }
        (Some(500..), _) => context.inconclusive("answered 5xx: see status/no-server-error"),
        _ => context.inconclusive("the file was not fetched whole"),
    }
}

#[cfg(test)]
mod tests {
    use hearback_contract::Operation;
    use hearback_history::{History, Outcome, Payload};
    use hearback_testkit::dsl;

    use super::*;
    use crate::model::Model;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{self, Broken, Held, NotExercised, Undecided};

    const ROOM: &str = r#"alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;

    fn send(content_type: &str, answer: &str) -> String {
        format!(
            r#"{ROOM}
            alice messages.send {{"room": "$r1", "content": "see", "attachment": {{"name": "a.png", "content_type": "{content_type}", "base64": "AAEC"}}}} => {answer}"#
        )
    }

    fn message(fields: &str) -> String {
        format!(
            r#"201 @message {{"id": "$m1", "room": "$r1", "content": "see", "message_type": "image", "attachment": "/media/1", "attachment_name": "a.png", "attachment_size": 3{fields}}}"#
        )
    }

    #[test]
    fn name_and_size_come_back() {
        let answers = [
            (Held, message("")),
            (Broken, message(r#", "attachment": null"#)),
            (Broken, message(r#", "attachment_name": "b.png""#)),
            (Broken, message(r#", "attachment_size": 4"#)),
            (
                Undecided,
                message(
                    r#", "attachment": "$absent", "attachment_name": "$absent", "attachment_size": "3""#,
                ),
            ),
            (Broken, "400 @error".to_owned()),
            (NotExercised, "?".to_owned()),
        ];
        for (state, answer) in answers {
            assert_states(&[("message/attachment", state, &send("image/png", &answer))]);
        }
    }

    #[test]
    fn pictures_are_images() {
        let image = message("");
        let file = message(r#", "message_type": "file""#);
        assert_states(&[
            ("message/attachment-type", Held, &send("image/png", &image)),
            ("message/attachment-type", Broken, &send("image/png", &file)),
            ("message/attachment-type", Held, &send("application/pdf", &file)),
            ("message/attachment-type", Broken, &send("application/pdf", &image)),
        ]);
    }

    #[test]
    fn without_a_file_there_is_no_attachment() {
        let plain = |fields: &str| {
            format!(
                r#"{ROOM}
                alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1"{fields}}}"#
            )
        };
        assert_states(&[
            ("message/no-attachment", Held, &plain("")),
            ("message/no-attachment", Broken, &plain(r#", "attachment": "/media/1""#)),
            ("message/no-attachment", Broken, &plain(r#", "attachment_size": 0"#)),
            ("message/no-attachment", NotExercised, &send("image/png", &message(""))),
        ]);
    }

    /// A history in which bob fetches the file, which the notation has no word for.
    fn fetch(url: &str, status: u16, body: &[u8]) -> History {
        let text = format!("{}\nbob rooms.list => 200 {{}}", send("image/png", &message("")));
        let mut history = dsl::parse(&text).unwrap();
        let call = history.calls.last_mut().unwrap();
        assert_eq!(call.operation(), Some(Operation::RoomsList));
        call.invocation.operation = None;
        call.invocation.path = url.to_owned();
        let Outcome::Response { status: answered, body: payload, json, .. } = &mut call.outcome
        else {
            unreachable!("it was answered")
        };
        (*answered, *payload, *json) = (status, Payload::binary(body), None);
        history
    }

    #[test]
    fn a_file_comes_back() {
        let own = "http://target.test/media/1";
        let cases: [(History, State); 5] = [
            (fetch(own, 200, &[0, 1, 2]), Held),
            (fetch(own, 200, &[0, 1]), Broken),
            (fetch(own, 404, &[]), Broken),
            (fetch(own, 302, &[]), Undecided),
            (fetch("http://elsewhere.test/media/1", 404, &[]), NotExercised),
        ];
        for (history, expected) in &cases {
            let model = Model::of(history);
            let mut context = RuleContext::default();
            content(RuleInput { history, model: &model }, &mut context);
            let requirement = "message/attachment-content".parse().unwrap();
            assert_eq!(context.verdict(requirement, history).state, *expected);
        }
    }
}
