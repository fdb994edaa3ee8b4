//! What messages.send accepts, and what it answers.

use ahash::AHashMap;
use hearback_contract::{Operation, schemas};
use hearback_history::Call;
use serde_json::Value;

use super::{asked, writable_room};
use crate::model::{Message, Origin, WriteKind};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{refusal, shown, success};
use crate::rules::text::{self, ORDINARY_LENGTH};

/// Content up to this many characters must be accepted (content-length).
const LARGE: usize = 10_000;

pub(super) fn send<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in well_formed(input, 1, ORDINARY_LENGTH).filter(|call| !is_reply(call)) {
        expect_success(call, "a member can send a message to an active room", context);
    }
}

pub(super) fn large_content<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in well_formed(input, ORDINARY_LENGTH + 1, LARGE).filter(|call| !is_reply(call)) {
        expect_success(call, "content of up to 10,000 characters is accepted", context);
    }
}

/// Replies stand apart: where the message that they answer was lost, it is not sending that is broken.
pub(super) fn replies<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in well_formed(input, 1, ORDINARY_LENGTH).filter(|call| is_reply(call)) {
        expect_success(call, "a member can answer a message of the room", context);
    }
}

fn is_reply(call: &Call) -> bool {
    asked(call, "reply_to").is_some()
}

/// Sends without a file that nothing in the document lets a server refuse, with content of so many
/// characters.
fn well_formed<'h>(
    input: RuleInput<'h>,
    shortest: usize,
    longest: usize,
) -> impl Iterator<Item = &'h Call> {
    let schema = schemas::request(Operation::MessagesSend);
    input.history.calls_of(Operation::MessagesSend).filter(move |call| {
        let content = asked(call, "content").and_then(Value::as_str).unwrap_or_default();
        let length = content.chars().count();
        (shortest..=longest).contains(&length)
            && asked(call, "attachment").is_none()
            && call.request.as_ref().is_some_and(|body| schema.is_some_and(|it| it.is_valid(body)))
            && is_ordinary(input, call, content)
    })
}

/// Whether nothing but content or a file can be a reason to refuse the send.
pub(super) fn is_ordinary<'h>(input: RuleInput<'h>, call: &'h Call, content: &str) -> bool {
    let fields = ["room", "content", "message_type", "reply_to", "attachment"];
    // Under another type it may be refused for that alone (unsupported-content-type).
    let content_type = call.invocation.content_type.as_deref();
    let is_documented = matches!(content_type, Some("application/json" | "multipart/form-data"));
    is_documented
        && call
        .request
        .as_ref()
        .and_then(Value::as_object)
        .is_some_and(|request| request.keys().all(|name| fields.contains(&name.as_str())))
        && text::is_ordinary(content)
        // Other types may be refused (client-message-type).
        && asked(call, "message_type").is_none_or(|kind| kind == "text")
        && writable_room(input, call).is_some_and(|room| {
            asked(call, "reply_to").is_none_or(|reply| {
                let answered = reply.as_str().and_then(|id| input.model.messages.get(id));
                answered.is_some_and(|answered| {
                    answered.room == room.id
                        && answered.sent.precedes(call.interval())
                        && !answered.maybe_deleted(call.interval())
                })
            })
        })
}

/// Takes the answer to a call that must succeed into account.
fn expect_success<'h>(call: &'h Call, expected: &str, context: &mut RuleContext<'h>) {
    match call.status() {
        None => {}
        Some(401) => context.inconclusive("answered 401: see the auth requirements"),
        Some(500..) => context.inconclusive("answered 5xx: see status/no-server-error"),
        Some(status) => context.check(call.succeeded(), || {
            Violation::new(format!("messages.send answers {status}"), expected, refusal(call))
                .evidence(call)
        }),
    }
}

pub(super) fn unique_id<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut ids: AHashMap<&str, &Call> = AHashMap::new();
    for call in input.history.calls_of(Operation::MessagesSend) {
        let Some(id) = success(call, context).and_then(|body| body.get("id")?.as_str()) else {
            continue;
        };
        let earlier = ids.insert(id, call);
        context.check(earlier.is_none(), || {
            let violation = Violation::new(
                "messages.send id",
                "every message has an id of its own",
                format!("two sends were answered with the id {id}"),
            );
            earlier.into_iter().fold(violation, Violation::evidence).evidence(call)
        });
    }
}

pub(super) fn fresh_flags<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for message in input.model.messages.values() {
        let Origin::Rest(call) = message.origin else { continue };
        let Some(room) = input.model.rooms.get(&message.room) else { continue };
        // Whoever got it by socket may have read or altered it before the sender had its answer.
        let is_alone =
            input.model.is_quiet(room, &[WriteKind::Read, WriteKind::Alter], call.interval());
        if input.model.is_ambiguous(message) || !is_alone {
            context.inconclusive("others may have read or altered it already");
            continue;
        }
        let Some(body) = success(call, context) else { continue };
        let sender = input.model.user_id(&message.sender);
        for (field, is_fresh) in freshness(message, body, sender) {
            context.check(is_fresh, || {
                Violation::new(
                    format!("messages.send {field}"),
                    "a new message is neither edited nor deleted nor read",
                    format!("{field} is {}", shown(&body[field])),
                )
                .evidence(call)
            });
        }
    }
}

/// Fields of a new message that have the right type, and whether their values are those of a new one.
fn freshness(
    message: &Message<'_>,
    body: &Value,
    sender: Option<i64>,
) -> impl Iterator<Item = (&'static str, bool)> {
    debug_assert_eq!(body["id"], message.id.as_str());
    let flag = |name| Some((name, !body.get(name)?.as_bool()?));
    let time = |name| {
        let value = body.get(name)?;
        (value.is_null() || value.is_string()).then(|| (name, value.is_null()))
    };
    let readers = body.get("read_by").and_then(Value::as_object);
    let is_sender = |user: &String| user.parse().ok() == sender && sender.is_some();
    let own = readers.map_or(0, |readers| readers.keys().filter(|user| is_sender(user)).count());
    let others = readers.map(|readers| ("read_by", readers.keys().all(is_sender)));
    let count = body.get("read_count").and_then(Value::as_u64);
    let count = count.map(|count| ("read_count", count <= own as u64));
    [flag("is_edited"), flag("is_deleted"), time("edited_at"), time("deleted_at"), others, count]
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const ROOM: &str = r#"alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;

    #[test]
    fn a_member_can_send() {
        let send = |who: &str, content: &str, answer: &str| {
            format!(
                r#"{ROOM}
                {who} messages.send {{"room": "$r1", "content": "{content}"}} => {answer}"#
            )
        };
        let large = "x".repeat(10_000);
        assert_states(&[
            ("message/send", Held, &send("bob", "a", "201 @message {\"id\": \"$m1\"}")),
            ("message/send", Broken, &send("bob", "a", "403 @error")),
            ("message/send", Undecided, &send("bob", "a", "500 @error")),
            ("message/send", NotExercised, &send("bob", "a", "?")),
            ("message/send", NotExercised, &send("carol", "a", "403 @error")),
            ("message/send", NotExercised, &send("bob", " ", "400 @error")),
            ("message/send", NotExercised, &send("bob", &large, "400 @error")),
            ("message/large-content", Broken, &send("bob", &large, "400 @error")),
            ("message/large-content", Held, &send("bob", &large, "201 @message {\"id\": \"$m1\"}")),
            ("message/large-content", NotExercised, &send("bob", "a", "400 @error")),
        ]);
    }

    #[test]
    fn a_reply_that_is_refused_is_no_finding_about_sending() {
        let reply = |answer: &str| {
            format!(
                r#"{ROOM}
                alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1", "room": "$r1", "content": "a"}}
                bob messages.send {{"room": "$r1", "content": "b", "reply_to": "$m1"}} => {answer}"#
            )
        };
        let accepted = r#"201 @message {"id": "$m2", "room": "$r1", "content": "b", "reply_to": "$m1", "sender": {"id": 2}}"#;
        assert_states(&[
            ("message/reply", Held, &reply(accepted)),
            ("message/reply", Broken, &reply("400 @error")),
            ("message/send", Held, &reply("400 @error")),
        ]);
    }

    #[test]
    fn who_leaves_or_archives_meanwhile_may_be_refused() {
        let during = |line: &str| {
            format!(
                r#"{ROOM}
                [10..30] {line}
                [20..40] bob messages.send {{"room": "$r1", "content": "a"}} => 403 @error"#
            )
        };
        assert_states(&[
            ("message/send", NotExercised, &during("bob rooms.leave $r1 => 200 {}")),
            ("message/send", NotExercised, &during("alice rooms.archive $r1 => 200 @room")),
            ("message/send", NotExercised, &during("alice rooms.archive $r1 => ?")),
        ]);
    }

    #[test]
    fn ids_are_unique() {
        let second = |id: &str| {
            format!(
                r#"{ROOM}
                alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1"}}
                alice messages.send {{"room": "$r1", "content": "b"}} => 201 @message {{"id": "{id}"}}"#
            )
        };
        assert_states(&[
            ("message/unique-id", Held, &second("$m2")),
            ("message/unique-id", Broken, &second("$m1")),
        ]);
    }

    #[test]
    fn a_new_message_is_fresh() {
        let send = |fields: &str, meanwhile: &str| {
            format!(
                r#"{ROOM}
                [10..20] alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1", "read_count": 0, "read_by": {{"3": "$absent"}}{fields}}}
                {meanwhile}"#
            )
        };
        let read = "[15..16] bob rooms.mark_read $r1 => 200 {}";
        let own = r#", "read_count": 1, "read_by": {"1": "2026-01-01T00:00:00Z", "3": "$absent"}"#;
        assert_states(&[
            ("message/fresh-flags", Held, &send("", "")),
            ("message/fresh-flags", Held, &send(own, "")),
            ("message/fresh-flags", Broken, &send(r#", "is_edited": true"#, "")),
            ("message/fresh-flags", Broken, &send(r#", "deleted_at": "2026-01-01T00:00:00Z""#, "")),
            ("message/fresh-flags", Broken, &send(r#", "read_count": 1"#, "")),
            ("message/fresh-flags", Undecided, &send(r#", "read_count": 1"#, read)),
        ]);
    }
}
