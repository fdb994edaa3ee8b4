//! Responses of documented operations.

use hearback_contract::Operation;
use hearback_history::Call;

use crate::rule::RuleInput;

/// Every response of a documented operation: the call, the operation and the status.
pub(super) fn responses<'h>(
    input: RuleInput<'h>,
) -> impl Iterator<Item = (&'h Call, Operation, u16)> {
    input.history.calls.iter().filter_map(|call| Some((call, call.operation()?, call.status()?)))
}

/// Returns whether a success of the operation creates something.
pub(super) fn is_creation(operation: Operation) -> bool {
    operation.spec().success.contains(&201)
}
