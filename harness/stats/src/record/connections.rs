//! Counts of connections and of messages sent.

use serde::{Deserialize, Serialize};

/// Connection counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connections {
    /// Connection attempts, including reconnects.
    pub attempted: u64,
    /// Attempts that reached `connection_established`.
    pub opened: u64,
    /// Opened connections that were reconnects.
    pub reconnects: u64,
    /// Connections that a persona closed on purpose.
    pub dropped: u64,
    /// Maximum number of connections open at once.
    pub peak: u64,
}

/// Message counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sends {
    /// Messages that were due.
    pub offered: u64,
    /// Messages that were written to a socket.
    pub sent: u64,
}
