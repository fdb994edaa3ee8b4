//! Family `authorization`: every role can do what the policy allows, and nothing else. The policy
//! is part of the contract.

mod events_after_removal;
mod late_events;
mod no_existence_leak;
mod no_side_effect;
pub(super) mod operations;
mod relation;

pub(crate) use late_events::{LateEventOutcome, outcomes};
pub(super) use operations::is_kept;
pub(crate) use operations::ruling;
pub(crate) use relation::{invalid_credential, relation_in_room, relation_of};

use crate::rule::Rule;

/// The rules of this family, after [`operations::RULES`].
pub(super) static RULES: &[Rule] =
    &[no_side_effect::RULE, no_existence_leak::RULE, events_after_removal::RULE];
