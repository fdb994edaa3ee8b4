//! Requests to mark a room or a message as read.

use hearback_contract::UserId;
use hearback_history::Interval;

use crate::evidence::Evidence;

/// A request to mark a room or a message as read.
#[derive(Clone, Copy, Debug)]
pub struct Mark<'h> {
    /// The user id of the reader.
    pub user: UserId,
    /// The time at which it took effect, if it did.
    pub given: Interval,
    /// True if it certainly took effect.
    pub is_sure: bool,
    /// The call or the frame.
    pub evidence: Evidence<'h>,
}
