//! Responses and events with the schemas that they have to conform to.

use hearback_contract::schemas::{self, Schema};
use hearback_history::{Body, Call};
use serde_json::Value;

use crate::evidence::Evidence;
use crate::rule::RuleInput;

/// The schema of a response, if its operation is documented.
///
/// A success has the same body with 200 and with 201: the ambiguity `created-status` accepts both where none is shown.
pub(super) fn schema_of(call: &Call) -> Option<&'static Schema> {
    let (operation, status) = (call.operation()?, call.status()?);
    let other = match status {
        200 => Some(201),
        201 => Some(200),
        _ => None,
    };
    schemas::response(operation, status)
        .or_else(|| other.and_then(|other| schemas::response(operation, other)))
}

/// A successful response or an event, and its schema.
pub(super) struct Document<'h> {
    pub(super) schema: &'static Schema,
    pub(super) value: &'h Value,
    pub(super) evidence: Evidence<'h>,
    /// The body of an event; many sockets may have received the same.
    pub(super) body: Option<&'h Body>,
}

/// Every successful response and every event with its schema.
pub(super) fn documents<'h>(input: RuleInput<'h>) -> impl Iterator<Item = Document<'h>> {
    let in_responses =
        input.history.calls.iter().filter(|call| call.succeeded()).filter_map(|call| {
            let (schema, value) = (schema_of(call)?, call.response()?);
            Some(Document { schema, value, evidence: call.into(), body: None })
        });
    let in_events = input.history.connections.iter().flat_map(|connection| {
        connection.frames.iter().filter_map(move |frame| {
            let (schema, value) = (schemas::server_event(frame.event()?), frame.json()?);
            let evidence = (connection, frame).into();
            Some(Document { schema, value, evidence, body: Some(&frame.body) })
        })
    });
    in_responses.chain(in_events)
}
