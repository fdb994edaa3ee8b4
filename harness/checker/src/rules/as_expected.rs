//! Messages that many sockets received in the same body.

use hearback_history::Body;

use crate::evidence::Evidence;
use crate::model::{Message, MessageObservation};
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

/// The bodies of events that show a message as expected.
///
/// Only messages that were never edited or deleted look the same to every user.
pub(super) struct AsExpected(Vec<bool>);

impl AsExpected {
    pub(super) fn of(input: RuleInput<'_>) -> Self {
        Self(vec![false; input.history.bodies.len()])
    }

    /// Counts an observation that is as expected because another socket received the same body, and returns whether it
    /// is one.
    pub(super) fn skips<'h>(
        &self,
        observation: &MessageObservation<'h>,
        message: &Message<'h>,
        context: &mut RuleContext<'h>,
    ) -> bool {
        let is_known = body(observation).is_some_and(|body| self.0[body.number]);
        let skips = is_known && message.is_unaltered();
        if skips {
            context.held();
        }
        skips
    }

    /// Checks an observation, and remembers its body if it is as expected.
    pub(super) fn check<'h>(
        &mut self,
        observation: &MessageObservation<'h>,
        holds: bool,
        context: &mut RuleContext<'h>,
        violation: impl FnOnce() -> Violation<'h>,
    ) {
        context.check(holds, violation);
        if holds {
            self.add(observation);
        }
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
