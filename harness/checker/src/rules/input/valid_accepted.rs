//! Requests that conform to the specification are not rejected as invalid.
//!
//! A request conforms if a member asks for something that exists, with documented fields and
//! parameters within their bounds. 401, 403 and 404 belong to the families `auth` and
//! `authorization`, and sending, adding participants and creating rooms have requirements of their
//! own. Values that some stores or proxies cannot take (control characters, very long text) do not
//! count. 5xx is undecided.

use hearback_contract::operation::QueryParameter;
use hearback_contract::{Operation, QueryKind, RequirementId, schemas};
use hearback_history::Call;
use jiff::Timestamp;
use serde_json::Value;

use crate::model::{Message, Room};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::rules::text::{self, ORDINARY_LENGTH};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::InputValidAccepted, check };

/// Longest query text that no server or proxy has a reason to reject, in characters.
const LONGEST_QUERY: u32 = 100;

/// Ends of mutes that are in the future and that every store of times can hold.
const FUTURE: std::ops::Range<&str> = "2035-01-01T00:00:00Z".."2100-01-01T00:00:00Z";

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls.iter().filter(|call| call.is_authorized()) {
        let (Some(operation), Some(status)) = (call.operation(), call.status()) else { continue };
        if matches!(status, 401 | 403 | 404) || !is_valid(input, call, operation) {
            continue;
        }
        if status >= 500 {
            context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError));
            continue;
        }
        context.check(!call.refused(), || {
            Violation::new(
                format!("{operation}{} answers {status}", parameters(call)),
                "a request that conforms to the specification is accepted",
                refusal(call),
            )
            .evidence(call)
        });
    }
}

/// The names of the request's parameters and fields.
fn parameters(call: &Call) -> String {
    let query = call.invocation.query.iter().map(|(name, _)| name.as_str());
    let body = call.request.as_ref().and_then(Value::as_object);
    let body = body.into_iter().flat_map(|body| body.keys().map(String::as_str));
    let mut names: Vec<_> = query.chain(body).collect();
    names.sort_unstable();
    if names.is_empty() { String::new() } else { format!(" with {}", names.join(", ")) }
}

/// Returns whether the request conforms to the specification and its caller may make it.
fn is_valid(input: RuleInput<'_>, call: &Call, operation: Operation) -> bool {
    let model = input.model;
    let at = call.interval();
    let Some(user) = model.user_id(&call.invocation.actor) else { return false };
    let is_member = |room: &Room<'_>| room.surely_member(user, at);
    let may_write = |room: &Room<'_>| is_member(room) && room.surely_active(at);
    let message = || {
        let message = call.message_in_path().and_then(|id| model.message(id));
        message.filter(|message| message.sent.precedes(at) && !message.maybe_deleted(at))
    };
    let room_of = |message: &Message<'_>| model.rooms.get(&message.room);
    let is_query_valid = || {
        let parameters = operation.spec().query;
        call.invocation.query.iter().all(|(name, value)| {
            let mut known = parameters.iter().filter(|parameter| parameter.name == name);
            known.next().is_some_and(|parameter| fits(parameter, value))
                && call.invocation.query.iter().filter(|(other, _)| other == name).count() == 1
        })
    };
    match operation {
        Operation::RoomsList => is_query_valid(),
        Operation::RoomsGet | Operation::RoomsStats => model.room_of(call).is_some_and(is_member),
        Operation::RoomsMarkRead => model.room_of(call).is_some_and(may_write),
        Operation::MessagesList | Operation::ParticipantsList => {
            is_query_valid() && model.room_of(call).is_some_and(is_member)
        }
        Operation::MessagesSearch => {
            let in_room =
                call.room_in_query().is_none() || model.room_of(call).is_some_and(is_member);
            is_query_valid() && call.query("q").is_some() && in_room
        }
        Operation::MessagesGet => message().and_then(room_of).is_some_and(is_member),
        Operation::MessagesMarkRead => message().is_some_and(|message| {
            message.sender != call.invocation.actor && room_of(message).is_some_and(may_write)
        }),
        Operation::MessagesEdit => {
            is_body_valid(call, operation, &["content"])
                && requested(call, "content").and_then(Value::as_str).is_some_and(|content| {
                    text::is_ordinary(content) && content.chars().count() <= ORDINARY_LENGTH
                })
                && message().is_some_and(|message| {
                    message.sender == call.invocation.actor
                        && room_of(message).is_some_and(may_write)
                })
        }
        Operation::ParticipantsMute => {
            is_body_valid(call, operation, &["muted", "muted_until"])
                && is_mute_sensible(call)
                && call
                    .participant_in_path()
                    .and_then(|id| model.participant(id))
                    .is_some_and(|(room, participant)| participant == user && may_write(room))
        }
        _ => false,
    }
}

/// A member of the request body.
fn requested<'h>(call: &'h Call, name: &str) -> Option<&'h Value> {
    call.request.as_ref()?.get(name)
}

/// Returns whether a JSON body conforms to the schema and contains nothing but `fields`.
fn is_body_valid(call: &Call, operation: Operation, fields: &[&str]) -> bool {
    let is_json = call.invocation.content_type.as_deref() == Some("application/json");
    is_json
        && call.request.as_ref().zip(schemas::request(operation)).is_some_and(|(body, schema)| {
            let members = body.as_object();
            members.is_some_and(|it| it.keys().all(|name| fields.contains(&name.as_str())))
                && schema.is_valid(body)
        })
}

/// Returns whether the mute has no end, or ends in the future (mute-past).
fn is_mute_sensible(call: &Call) -> bool {
    let moment = |text: &str| text.parse::<Timestamp>().ok();
    match requested(call, "muted_until") {
        None | Some(Value::Null) => true,
        Some(until) => {
            requested(call, "muted") == Some(&Value::Bool(true))
                && until.as_str().and_then(moment).is_some_and(|until| {
                    moment(FUTURE.start).is_some_and(|start| start <= until)
                        && moment(FUTURE.end).is_some_and(|end| until < end)
                })
        }
    }
}

/// Returns whether the value of a query parameter is within its documented bounds.
fn fits(parameter: &QueryParameter, value: &str) -> bool {
    match parameter.kind {
        // Whether the room exists, and whether the caller may see it, is checked by the caller.
        QueryKind::Uuid => true,
        // The number of pages is not known.
        QueryKind::Integer { .. } if parameter.name == "page" => value == "1",
        QueryKind::Integer { minimum, maximum } => {
            let is_plain = value.bytes().all(|byte| byte.is_ascii_digit());
            is_plain
                && value.parse::<u32>().is_ok_and(|number| {
                    number >= minimum && maximum.is_none_or(|maximum| number <= maximum)
                })
        }
        QueryKind::Enumeration(words) => words.contains(&value),
        QueryKind::Flag => value == "true",
        QueryKind::Text { minimum_length } => {
            let length = u32::try_from(value.trim().chars().count()).unwrap_or(u32::MAX);
            text::is_ordinary(value) && (minimum_length..=LONGEST_QUERY).contains(&length)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const RULE: &str = "input/valid-accepted";
    const SENT: &str = r#"
        alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1", "participants": [@participant {"id": 2, "room": "$r1", "user": {"id": 2}}]}
        alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1", "content": "a"}
    "#;

    fn after(line: &str) -> String {
        format!("{SENT}\n{line}")
    }

    #[test]
    fn rejecting_a_valid_query_or_body_is_a_violation() {
        let requests = [
            "bob messages.list ?room=$r1&page_size=1&ordering=-created_at",
            "bob messages.search ?q=abc&room=$r1",
            "bob participants.list ?room=$r1",
            "bob rooms.list ?room_type=task&search=x&include_archived=true",
            "bob rooms.stats $r1",
            "bob messages.mark_read $m1",
            r#"alice messages.edit $m1 {"content": "b"}"#,
            r#"bob participants.mute 2 {"muted": true, "muted_until": "2037-01-01T00:00:00Z"}"#,
            r#"bob participants.mute 2 {"muted": false}"#,
        ];
        for request in requests {
            let answered = |answer: &str| after(&format!("{request} => {answer}"));
            assert_states(&[
                (RULE, Broken, &answered("400 @error")),
                (RULE, Broken, &answered("422 @error")),
            ]);
        }
        let read = |answer: &str| format!("bob rooms.list => {answer}");
        assert_states(&[
            (RULE, Held, &read("200 []")),
            (RULE, Undecided, &read("500 @error")),
            (RULE, NotExercised, &read("403 @error")),
            (RULE, NotExercised, &read("?")),
        ]);
    }

    #[test]
    fn requests_that_may_be_rejected_do_not_count() {
        let requests = [
            "bob messages.list ?room=$r1&page=2",
            "bob messages.list ?room=$r1&page_size=0",
            "bob messages.list ?room=$r1&page_size=101",
            "bob messages.list ?room=$r1&ordering=id",
            "bob messages.search ?q=ab&room=$r1",
            "bob rooms.list ?include_archived=maybe",
            "bob rooms.list ?colour=red",
            r#"alice messages.edit $m1 {"content": " "}"#,
            r#"alice messages.edit $m1 {"content": "b", "sender": 1}"#,
            r#"alice participants.mute 2 {"muted": true}"#,
            r#"bob participants.mute 2 {"muted": true, "muted_until": "2020-01-01T00:00:00Z"}"#,
            r#"bob participants.mute 2 {"muted": false, "muted_until": "2037-01-01T00:00:00Z"}"#,
        ];
        for request in requests {
            let verdict = crate::rules::testing::verdict_of(
                RULE,
                &format!("{SENT}\n{request} => 400 @error"),
            );
            assert_ne!(verdict.state, Broken, "{request}: {verdict:?}");
        }
    }
}
