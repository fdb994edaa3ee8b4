//! Sends that no server has a reason to reject.

use hearback_contract::{MessageRef, Operation, RequirementId, schemas};
use hearback_history::Call;
use serde_json::Value;

use super::requests::{requested, writable_room};
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::rules::text;
use crate::violation::Violation;

pub(super) fn is_reply(call: &Call) -> bool {
    requested(call, "reply_to").is_some()
}

/// Returns the sends without a file that no server has a reason to reject, with content of `shortest` to
/// `longest` characters.
pub(super) fn well_formed<'h>(
    input: RuleInput<'h>,
    shortest: usize,
    longest: usize,
) -> impl Iterator<Item = &'h Call> {
    let schema = schemas::request(Operation::MessagesSend);
    input.history.calls_of(Operation::MessagesSend).filter(move |call| {
        let content = requested(call, "content").and_then(Value::as_str).unwrap_or_default();
        let length = content.chars().count();
        (shortest..=longest).contains(&length)
            && requested(call, "attachment").is_none()
            && call.request.as_ref().is_some_and(|body| schema.is_some_and(|it| it.is_valid(body)))
            && is_ordinary(input, call, content)
    })
}

/// Returns whether the length of the content or the file is the only possible reason to reject the send.
pub(super) fn is_ordinary<'h>(input: RuleInput<'h>, call: &'h Call, content: &str) -> bool {
    let fields = ["room", "content", "message_type", "reply_to", "attachment"];
    // A server may reject other content types (unsupported-content-type).
    let content_type = call.invocation.content_type.as_deref();
    let is_documented = matches!(content_type, Some("application/json" | "multipart/form-data"));
    is_documented
        && call
        .request
        .as_ref()
        .and_then(Value::as_object)
        .is_some_and(|request| request.keys().all(|name| fields.contains(&name.as_str())))
        && text::is_ordinary(content)
        // A server may reject other types (client-message-type).
        && requested(call, "message_type").is_none_or(|kind| kind == "text")
        && writable_room(input, call).is_some_and(|room| {
            requested(call, "reply_to").is_none_or(|reply| {
                let answered = MessageRef::from_json(reply).and_then(|id| input.model.message(id));
                answered.is_some_and(|answered| {
                    answered.room == room.id
                        && answered.sent.precedes(call.interval())
                        && !answered.maybe_deleted(call.interval())
                })
            })
        })
}

/// Checks that a call succeeded.
pub(super) fn expect_success<'h>(call: &'h Call, expected: &str, context: &mut RuleContext<'h>) {
    match call.status() {
        None => {}
        Some(401) => context.inconclusive(Reason::Unauthorized),
        Some(500..) => context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError)),
        Some(status) => context.check(call.succeeded(), || {
            Violation::new(format!("messages.send answers {status}"), expected, refusal(call))
                .evidence(call)
        }),
    }
}
