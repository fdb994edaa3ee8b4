//! Indices of messages and members in a room.

/// Sequence number of a message in its room, in the order of sending.
pub type Sequence = u32;

/// Index of a member in its room.
pub type Member = usize;
