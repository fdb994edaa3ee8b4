//! Family `receipts`: read receipts are stored, counted and kept.

mod count;
mod idempotent;
mod is_read;
mod last_read_at;
mod message_timeline;
mod never_lost;
mod no_phantom;
mod readers;
mod stored;
mod time;

use crate::rule::Rule;

/// The rules of this family, in the order of the requirements.
pub(super) static RULES: &[Rule] = &[
    stored::RULE,
    count::RULE,
    is_read::RULE,
    idempotent::RULE,
    no_phantom::RULE,
    never_lost::RULE,
    time::RULE,
    last_read_at::RULE,
];
