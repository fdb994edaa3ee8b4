//! Family `unread`: every view shows the right unread count to every member.

mod bounds;
mod detail;
mod established;
mod list;
mod mark_effects;
mod others_unmoved;
mod own_never_count;
mod participants;
mod stats;
pub(crate) mod views;
mod zero_after_mark_read;
mod zero_after_socket_mark;

use crate::rule::Rule;

/// The rules of this family, in the order of the requirements.
pub(super) static RULES: &[Rule] = &[
    detail::RULE,
    list::RULE,
    stats::RULE,
    participants::RULE,
    established::RULE,
    own_never_count::RULE,
    zero_after_mark_read::RULE,
    zero_after_socket_mark::RULE,
    others_unmoved::RULE,
];
