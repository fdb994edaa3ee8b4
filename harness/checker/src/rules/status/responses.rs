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
    operation.shipped().success.contains(&201)
}

/// The statuses of success of an operation, if an overlay of the contract states them.
pub(super) fn stated_success(operation: Operation) -> Option<&'static [u16]> {
    let stated = operation.spec().success;
    (stated != operation.shipped().success).then_some(stated)
}

/// Statuses, one of which is expected.
pub(super) fn one_of(statuses: &[u16]) -> String {
    statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ")
}
