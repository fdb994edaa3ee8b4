//! Family `status`: statuses and error bodies.

mod answers;
mod created;
mod documented;
mod error_body;
mod in_time;
mod invalid_input;
mod no_server_error;
mod ok;
mod required_query;
mod responses;
#[cfg(test)]
mod testing;
mod unanswered;
mod unknown_id;

use crate::rule::Rule;

/// The rules of this family, in the order of the requirements.
pub(super) static RULES: &[Rule] = &[
    documented::RULE,
    no_server_error::RULE,
    answers::RULE,
    in_time::RULE,
    created::RULE,
    ok::RULE,
    error_body::RULE,
    unknown_id::RULE,
    invalid_input::RULE,
    required_query::RULE,
];
