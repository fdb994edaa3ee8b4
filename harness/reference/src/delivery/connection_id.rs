//! Numbers of connections.

/// Number of a connection, never reused.
pub type ConnectionId = u64;
