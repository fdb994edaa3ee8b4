//! What must be refused.

use hearback_contract::Operation;
use hearback_history::{Call, synthetic_ids};
use serde_json::Value;

use super::{asked, writable_room};
use crate::model::{Message, Origin};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{quoted, refusal};

/// The statuses that refuse something.
#[derive(Clone, Copy)]
enum Refusal {
    /// Any 4xx.
    Any,
    /// One of these.
    OneOf(&'static [u16]),
}

/// Takes the answer to a call that must be refused into account.
fn expect_refusal<'h>(
    call: &'h Call,
    accepted: Refusal,
    variant: &str,
    expected: &str,
    context: &mut RuleContext<'h>,
) {
    let Some(status) = call.status() else { return };
    let is_refused = match accepted {
        Refusal::Any => call.refused(),
        Refusal::OneOf(statuses) => statuses.contains(&status),
    };
    match status {
        401 => context.inconclusive("answered 401: see the auth requirements"),
        500.. => context.inconclusive("answered 5xx: see status/no-server-error"),
        _ => context.check(is_refused, || {
            Violation::new(variant, format!("{expected}: {accepted}"), refusal(call)).evidence(call)
        }),
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => formatter.write_str("4xx"),
            Self::OneOf(statuses) => {
                let words: Vec<_> = statuses.iter().map(u16::to_string).collect();
                formatter.write_str(&words.join(" or "))
            }
        }
    }
}

/// Sends with text by members to active rooms, with the id that they reply to.
fn replies<'h>(input: RuleInput<'h>) -> impl Iterator<Item = (&'h Call, &'h str)> {
    input.history.calls_of(Operation::MessagesSend).filter_map(move |call| {
        writable_room(input, call)?;
        asked(call, "content")?;
        Some((call, asked(call, "reply_to")?.as_str()?))
    })
}

pub(super) fn reply_across_rooms<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, answered) in replies(input) {
        let room = asked(call, "room").and_then(Value::as_str);
        let message = input.model.messages.get(answered);
        if message.is_some_and(|message| Some(message.room.as_str()) != room) {
            let expected = "a reply to a message of another room is refused";
            expect_refusal(call, Refusal::Any, "messages.send reply_to", expected, context);
        }
    }
}

pub(super) fn reply_to_unknown<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, answered) in replies(input) {
        if synthetic_ids::is_uuid(answered) {
            let expected = "a reply to a message that does not exist is refused";
            expect_refusal(call, Refusal::Any, "messages.send reply_to", expected, context);
        }
    }
}

pub(super) fn empty<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesSend) {
        let is_empty = asked(call, "content").is_none_or(|content| content == "");
        if is_empty && asked(call, "attachment").is_none() && writable_room(input, call).is_some() {
            let is_given = call.request.as_ref().is_some_and(|body| body.get("content").is_some());
            let variant =
                if is_given { "messages.send content" } else { "messages.send no content" };
            let expected = "a message with neither content nor attachment is refused";
            expect_refusal(call, Refusal::OneOf(&[400]), variant, expected, context);
        }
    }
}

pub(super) fn unknown_room<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesSend) {
        let room = asked(call, "room").and_then(Value::as_str);
        let has_content = asked(call, "content").is_some();
        if call.is_authorized() && has_content && room.is_some_and(synthetic_ids::is_uuid) {
            let accepted = Refusal::OneOf(&[400, 403, 404]);
            let expected = "a message to a room that does not exist is refused";
            expect_refusal(call, accepted, "messages.send room", expected, context);
        }
    }
}

/// Edits by members of active rooms, of messages that are surely not deleted, with the new content.
fn edits<'h>(input: RuleInput<'h>) -> impl Iterator<Item = (&'h Call, &'h Message<'h>, &'h str)> {
    input.history.calls_of(Operation::MessagesEdit).filter_map(move |call| {
        writable_room(input, call)?;
        let message = input.model.messages.get(call.subject()?)?;
        let content = asked(call, "content")?.as_str()?;
        (message.sent.precedes(call.interval()) && !message.maybe_deleted(call.interval()))
            .then_some((call, message, content))
    })
}

pub(super) fn edit_by_others<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, message, content) in edits(input) {
        let editor = input.model.user_id(&call.invocation.actor);
        let is_other = editor != input.model.user_id(&message.sender);
        // Whose a ambiguous message is may be unknown, unless its id was given to its sender.
        let is_known =
            matches!(message.origin, Origin::Rest(_)) || !input.model.is_ambiguous(message);
        if is_other && is_known && !content.trim().is_empty() {
            let accepted = Refusal::OneOf(&[403, 404]);
            let expected = format!("only {}, who sent the message, can edit it", message.sender);
            expect_refusal(call, accepted, "messages.edit", &expected, context);
        }
    }
}

pub(super) fn edit_to_nothing<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, message, content) in edits(input) {
        if content.is_empty()
            && call.invocation.actor == message.sender
            && super::sight::is_plain(message)
        {
            let expected = "a message cannot be edited to nothing";
            expect_refusal(call, Refusal::Any, "messages.edit content", expected, context);
        }
    }
}

pub(super) fn search_minimum<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesSearch) {
        let mut queries = call.invocation.query.iter().filter(|(name, _)| name == "q");
        let query = queries.next().map(|(_, text)| text.as_str());
        let length = query.map_or(0, |text| text.chars().count());
        // In a room that one may not read, the room is a reason to refuse.
        let is_own = call.query("room").is_none() || {
            let user = input.model.user_id(&call.invocation.actor);
            let room = input.model.room_of(call);
            room.zip(user).is_some_and(|(room, user)| room.surely_member(user, call.interval()))
        };
        if length < 3 && queries.next().is_none() && is_own && call.is_authorized() {
            let variant = format!("messages.search q of {length} characters");
            let shown = query.map_or_else(|| "no query".to_owned(), quoted);
            let expected = format!("a search for {shown} is refused");
            expect_refusal(call, Refusal::OneOf(&[400]), &variant, &expected, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::synthetic_ids;

    use crate::rules::testing::assert_states;
    use crate::verdict::State::{self, Broken, Held, NotExercised, Undecided};

    const ROOMS: &str = r#"
        alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        alice rooms.create {"room_type": "group", "participant_ids": []} => 201 @room {"id": "$r2"}
        alice messages.send {"room": "$r2", "content": "b"} => 201 @message {"id": "$m2", "room": "$r2"}
        alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1"}
    "#;

    fn assert_answers(requirement: &str, request: &str, answers: &[(&str, State)]) {
        for (answer, state) in answers {
            let text = format!("{ROOMS}\n{request} => {answer}");
            let text = text.replace("NONE", &synthetic_ids::uuid(1));
            assert_states(&[(requirement, *state, &text)]);
        }
    }

    const ANY: &[(&str, State)] = &[
        ("400 @error", Held),
        ("404 @error", Held),
        ("201 @message {\"id\": \"$m3\"}", Broken),
        ("500 @error", Undecided),
        ("?", NotExercised),
    ];

    const BAD_REQUEST: &[(&str, State)] = &[
        ("400 @error", Held),
        ("404 @error", Broken),
        ("200 @page_of_messages", Broken),
        ("500 @error", Undecided),
    ];

    #[test]
    fn sends_that_are_refused() {
        let send = |body: &str| format!("alice messages.send {{\"room\": \"$r1\", {body}}}");
        assert_answers(
            "message/reply-across-rooms-refused",
            &send(r#""content": "a", "reply_to": "$m2""#),
            ANY,
        );
        assert_answers(
            "message/reply-to-unknown-refused",
            &send(r#""content": "a", "reply_to": "NONE""#),
            ANY,
        );
        assert_answers("message/empty-refused", &send(r#""content": """#), BAD_REQUEST);
        assert_answers("message/empty-refused", &send(r#""message_type": "text""#), BAD_REQUEST);
        let unknown = r#"alice messages.send {"room": "NONE", "content": "a"}"#;
        assert_answers("message/send-to-unknown-room-refused", unknown, ANY);
    }

    #[test]
    fn good_sends_are_not_looked_at() {
        let reply = r#"alice messages.send {"room": "$r1", "content": "a", "reply_to": "$m1"}"#;
        for requirement in [
            "message/reply-across-rooms-refused",
            "message/reply-to-unknown-refused",
            "message/empty-refused",
            "message/send-to-unknown-room-refused",
        ] {
            assert_answers(requirement, reply, &[("201 @message {\"id\": \"$m3\"}", NotExercised)]);
        }
    }

    #[test]
    fn edits_that_are_refused() {
        let by_bob = r#"bob messages.edit $m1 {"content": "x"}"#;
        let answers = [
            ("403 @error", Held),
            ("404 @error", Held),
            ("400 @error", Broken),
            ("200 @message {\"id\": \"$m1\"}", Broken),
        ];
        assert_answers("message/edit-by-others-refused", by_bob, &answers);
        assert_answers(
            "message/edit-by-others-refused",
            &format!("alice messages.delete $m1 => ?\n{by_bob}"),
            &[("400 @error", NotExercised)],
        );
        let outsider = r#"carol messages.edit $m1 {"content": "x"}"#;
        assert_answers("message/edit-by-others-refused", outsider, &[("400 @error", NotExercised)]);
        let to_nothing = r#"alice messages.edit $m1 {"content": ""}"#;
        assert_answers("message/edit-to-nothing-refused", to_nothing, ANY);
    }

    #[test]
    fn short_queries_are_refused() {
        for query in ["", "?q=", "?q=a", "?q=ab", "?q=ab&room=$r1"] {
            let search = format!("alice messages.search {query}");
            assert_answers("message/search-minimum", &search, BAD_REQUEST);
        }
        let elsewhere = "carol messages.search ?q=ab&room=$r1";
        assert_answers("message/search-minimum", elsewhere, &[("404 @error", NotExercised)]);
        let long = "alice messages.search ?q=abc";
        assert_answers("message/search-minimum", long, &[("200 []", NotExercised)]);
    }
}
