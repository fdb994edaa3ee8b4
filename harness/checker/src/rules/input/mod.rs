//! Family `input`: valid requests are accepted, invalid requests are rejected without effect.

mod invalid_body_refused;
mod invalid_query_refused;
mod malformed_id_refused;
mod refusal_changes_nothing;
mod valid_accepted;

use crate::rule::Rule;

/// The rules of this family, in the order of the requirements.
pub(super) static RULES: &[Rule] = &[
    valid_accepted::RULE,
    invalid_body_refused::RULE,
    invalid_query_refused::RULE,
    malformed_id_refused::RULE,
    refusal_changes_nothing::RULE,
];
