//! Requests that must be rejected, and their responses.

use hearback_contract::{MessageRef, Operation, RequirementId};
use hearback_history::Call;

use super::requests::{requested, writable_room};
use crate::model::Message;
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::violation::Violation;

/// Statuses that reject a request.
#[derive(Clone, Copy)]
pub(super) enum Rejection {
    /// Any 4xx.
    Any,
    /// One of these.
    OneOf(&'static [u16]),
}

/// Checks that a call was rejected with one of the accepted statuses.
pub(super) fn expect_rejection<'h>(
    call: &'h Call,
    accepted: Rejection,
    variant: &str,
    expected: &str,
    context: &mut RuleContext<'h>,
) {
    let Some(status) = call.status() else { return };
    let is_refused = match accepted {
        Rejection::Any => call.refused(),
        Rejection::OneOf(statuses) => statuses.contains(&status),
    };
    match status {
        401 => context.inconclusive(Reason::Unauthorized),
        500.. => context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError)),
        _ => context.check(is_refused, || {
            Violation::new(variant, format!("{expected}: {accepted}"), refusal(call)).evidence(call)
        }),
    }
}

impl std::fmt::Display for Rejection {
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

/// Returns the sends with text by members to active rooms, and the id that they reply to.
pub(super) fn replies<'h>(
    input: RuleInput<'h>,
) -> impl Iterator<Item = (&'h Call, MessageRef<'h>)> {
    input.history.calls_of(Operation::MessagesSend).filter_map(move |call| {
        writable_room(input, call)?;
        requested(call, "content")?;
        Some((call, requested(call, "reply_to").and_then(MessageRef::from_json)?))
    })
}

/// Returns the edits by members in active rooms of messages that are certainly not deleted, and the new
/// content.
pub(super) fn edits<'h>(
    input: RuleInput<'h>,
) -> impl Iterator<Item = (&'h Call, &'h Message<'h>, &'h str)> {
    input.history.calls_of(Operation::MessagesEdit).filter_map(move |call| {
        writable_room(input, call)?;
        let message = input.model.message(call.message_in_path()?)?;
        let content = requested(call, "content")?.as_str()?;
        (message.sent.precedes(call.interval()) && !message.maybe_deleted(call.interval()))
            .then_some((call, message, content))
    })
}

#[cfg(test)]
pub(super) mod testing {
    //! Requests that must be rejected, and responses to them.

    use hearback_history::synthetic_ids;

    use crate::rules::testing::assert_states;
    use crate::verdict::State;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const ROOMS: &str = r#"
        alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        alice rooms.create {"room_type": "group", "participant_ids": []} => 201 @room {"id": "$r2"}
        alice messages.send {"room": "$r2", "content": "b"} => 201 @message {"id": "$m2", "room": "$r2"}
        alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1"}
    "#;

    /// Responses to a request that may be rejected with any 4xx.
    pub(in super::super) const ANY: &[(&str, State)] = &[
        ("400 @error", Held),
        ("404 @error", Held),
        ("201 @message {\"id\": \"$m3\"}", Broken),
        ("500 @error", Undecided),
        ("?", NotExercised),
    ];

    /// Responses to a request that must be rejected with 400.
    pub(in super::super) const BAD_REQUEST: &[(&str, State)] = &[
        ("400 @error", Held),
        ("404 @error", Broken),
        ("200 @page_of_messages", Broken),
        ("500 @error", Undecided),
    ];

    /// A send that nothing is wrong with.
    pub(in super::super) const VALID_SEND: &str =
        r#"alice messages.send {"room": "$r1", "content": "a", "reply_to": "$m1"}"#;

    /// Returns a send by alice with these fields.
    pub(in super::super) fn send(fields: &str) -> String {
        format!("alice messages.send {{\"room\": \"$r1\", {fields}}}")
    }

    /// Asserts the states for the responses to a request. `NONE` is an id that does not exist.
    pub(in super::super) fn assert_responses(
        requirement: &str,
        request: &str,
        answers: &[(&str, State)],
    ) {
        for (answer, state) in answers {
            let text = format!("{ROOMS}\n{request} => {answer}");
            let text = text.replace("NONE", &synthetic_ids::uuid(1));
            assert_states(&[(requirement, *state, &text)]);
        }
    }
}
