//! Family `delivery`: each message reaches every member once and unaltered.

mod acknowledged_is_kept;
mod attempts;
mod failed_is_not_sent;
mod large_message_spares_others;
pub(super) mod late_reads;
mod no_duplicate;
mod no_leak;
mod no_phantom;
mod not_before_joining;
mod received;
mod refused_is_not_sent;
mod refused_sends;
mod same_by_both_ways;
#[cfg(test)]
mod testing;

pub(super) use attempts::Attempts;
pub(super) use refused_sends::{RefusedSend, refused_sends};

use crate::rule::Rule;

/// The rules of this family, in the order of the requirements.
pub(super) static RULES: &[Rule] = &[
    no_duplicate::RULE,
    no_phantom::RULE,
    no_leak::RULE,
    refused_is_not_sent::RULE,
    failed_is_not_sent::RULE,
    acknowledged_is_kept::RULE,
    same_by_both_ways::RULE,
    not_before_joining::RULE,
    large_message_spares_others::RULE,
];
