//! Errors of gateways and of connections, which are not the target's answer.

use std::collections::HashMap;
use std::time::Duration;

use hearback_contract::Operation;
use parking_lot::Mutex;

use crate::failure::{Failure, FailureKind};

/// Number of attempts for a request that is safe to repeat.
pub(crate) const ATTEMPTS: u32 = 4;

/// Consecutive calls of one operation with gateway errors from which on these are the target's. Where every tenth request
/// meets one, three in a row happen by chance.
const CONSECUTIVE: u32 = 5;

/// Gateway errors by operation.
#[derive(Debug, Default)]
pub(crate) struct GatewayErrors {
    consecutive: Mutex<HashMap<Option<Operation>, u32>>,
}

impl GatewayErrors {
    /// Records an answer of the target itself.
    pub(crate) fn answered(&self, operation: Option<Operation>) {
        self.consecutive.lock().remove(&operation);
    }

    /// Records a gateway error; `true` if it may be the gateway's alone, since the operation worked shortly before.
    pub(crate) fn failed(&self, operation: Option<Operation>) -> bool {
        let mut consecutive = self.consecutive.lock();
        let errors = consecutive.entry(operation).or_default();
        *errors += 1;
        *errors < CONSECUTIVE
    }
}

/// Returns whether a response comes from a gateway: a status of gateways, and a body that is not the API's JSON.
pub(crate) fn is_gateway_error(status: u16, body: &[u8]) -> bool {
    matches!(status, 502..=504) && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err()
}

/// Returns whether a connection broke, as opposed to a target that does not answer or cannot be trusted.
pub(crate) fn is_broken(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Broken | FailureKind::Refused)
}

/// Delay before a repeated request.
pub(crate) fn delay(attempt: u32) -> Duration {
    Duration::from_millis(50 << attempt.min(5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_gateways_are_gateway_errors() {
        assert!(is_gateway_error(502, b"<html>502 Bad Gateway</html>"));
        assert!(is_gateway_error(504, b""));
        assert!(!is_gateway_error(503, br#"{"error": "maintenance"}"#));
        assert!(!is_gateway_error(500, b"<html>"));
    }

    #[test]
    fn an_operation_that_never_works_has_no_excuse() {
        let errors = GatewayErrors::default();
        let operation = Some(Operation::RoomsStats);
        let excused: Vec<_> = (0..6).map(|_| errors.failed(operation)).collect();
        assert_eq!(excused, [true, true, true, true, false, false]);
        assert!(errors.failed(None));
        errors.answered(operation);
        assert!(errors.failed(operation));
    }
}
