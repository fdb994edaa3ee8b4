//! Messages in the order in which a socket received them, and messages that overtook earlier ones.

use hearback_history::Frame;

use crate::model::{Message, Stream};
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;
use crate::violation::Violation;

/// A message and the frame in which a socket received it first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival<'h> {
    pub(super) message: &'h Message<'h>,
    pub(super) frame: &'h Frame,
}

/// The messages of a stream, in order.
pub(super) fn arrivals<'h>(
    input: RuleInput<'h>,
    stream: &'h Stream<'h>,
) -> impl Iterator<Item = Arrival<'h>> {
    stream.in_order().map(move |(message, arrival)| Arrival {
        message: &input.model.messages[message],
        frame: arrival.frame,
    })
}

/// Counts a message that has to follow an earlier one, and reports one that was overtaken.
pub(super) fn check_overtaking<'h>(
    stream: &Stream<'h>,
    arrival: Arrival<'h>,
    overtaking: Option<Arrival<'h>>,
    is_ordered: bool,
    variant: &str,
    context: &mut RuleContext<'h>,
) {
    let Some(overtaking) = overtaking else {
        if is_ordered {
            context.held();
        }
        return;
    };
    let connection = stream.connection;
    let text = |arrival: Arrival<'h>| {
        quoted(arrival.message.versions.first().map_or("", |version| version.content))
    };
    context.check(false, || {
        Violation::new(
            format!("{variant} out of order"),
            format!(
                "{} receives {} of {} before {} of {}, which was sent later",
                connection.actor,
                text(arrival),
                arrival.message.sender,
                text(overtaking),
                overtaking.message.sender,
            ),
            "it came after",
        )
        .magnitude(arrival.frame.at.saturating_sub(overtaking.frame.at).get() / 1_000)
        .evidence(arrival.message.origin)
        .evidence(overtaking.message.origin)
        .evidence((connection, overtaking.frame))
        .evidence((connection, arrival.frame))
    });
}
