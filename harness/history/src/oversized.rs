//! Requests that servers and gateways may reject for their size. Ambiguity `huge-requests`.

use crate::call::{Call, Outcome};

/// Maximum length of a body, in bytes, that must not be rejected for its length.
pub const LONG_BODY: usize = 64 << 10;

/// Maximum length of an address, in bytes, that must not be rejected for its length.
pub const LONG_ADDRESS: usize = 1 << 10;

/// Returns whether servers and gateways may reject a path and decoded query parameters for their length.
pub fn is_long_address(path: &str, query: &[(String, String)]) -> bool {
    let query: usize = query.iter().map(|(name, value)| name.len() + value.len()).sum();
    path.len() + query > LONG_ADDRESS
}

impl Call {
    /// Returns whether the response rejects a body or an address that is long enough to be rejected.
    pub fn is_rejected_for_length(&self) -> bool {
        let Outcome::Response { status, .. } = self.outcome else { return false };
        let invocation = &self.invocation;
        let has_long_address = || is_long_address(&invocation.path, &invocation.query);
        match status {
            413 => invocation.body.as_ref().is_some_and(|body| body.to_bytes().len() > LONG_BODY),
            414 | 431 => has_long_address(),
            // Gateways use it as well, with a page of their own.
            400 => self.is_unreadable() && has_long_address(),
            _ => false,
        }
    }
}
