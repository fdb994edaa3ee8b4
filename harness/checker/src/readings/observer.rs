//! Rows of the observer tables.

use hearback_contract::AmbiguityId;

use super::observation::ReadingObservations;
use crate::rule::RuleInput;

/// An open question, and the function that looks for the target's answer.
pub(super) struct Observer {
    pub(super) ambiguity: AmbiguityId,
    pub(super) observe: for<'h> fn(RuleInput<'h>, &mut ReadingObservations),
}

/// A row of a table.
pub(super) const fn row(
    ambiguity: AmbiguityId,
    observe: for<'h> fn(RuleInput<'h>, &mut ReadingObservations),
) -> Observer {
    Observer { ambiguity, observe }
}
