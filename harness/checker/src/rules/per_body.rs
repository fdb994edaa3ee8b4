//! Results for each body: many sockets receive the same one, and it is checked once.

use hearback_history::Body;

use crate::evidence::Evidence;
use crate::model::{Message, MessageObservation};
use crate::rule::RuleInput;

/// A result for each body of a history.
pub(crate) struct PerBody<T>(Vec<Option<T>>);

impl<T: Copy> PerBody<T> {
    pub(crate) fn of(input: RuleInput<'_>) -> Self {
        Self(vec![None; input.history.bodies.len()])
    }

    /// The result for this body; `find` runs the first time only.
    pub(crate) fn get(&mut self, body: &Body, find: impl FnOnce() -> T) -> T {
        *self.0[body.number].get_or_insert_with(find)
    }
}

/// The bodies of events that show a message as expected.
///
/// Only messages that were never edited or deleted look the same to every user.
pub(super) struct AsExpected(Vec<bool>);

impl AsExpected {
    pub(super) fn of(input: RuleInput<'_>) -> Self {
        Self(vec![false; input.history.bodies.len()])
    }

    /// Returns whether another socket received the same message in the same body, and it was as expected.
    pub(super) fn contains(
        &self,
        observation: &MessageObservation<'_>,
        message: &Message<'_>,
    ) -> bool {
        body(observation).is_some_and(|body| self.0[body.number]) && message.is_unaltered()
    }

    /// Adds the body of an observation.
    pub(super) fn add(&mut self, observation: &MessageObservation<'_>) {
        if let Some(body) = body(observation) {
            self.0[body.number] = true;
        }
    }
}

fn body<'h>(observation: &MessageObservation<'h>) -> Option<&'h Body> {
    match observation.evidence {
        Evidence::Frame(_, frame) => Some(&frame.body),
        _ => None,
    }
}
