//! The frames that a socket received so far.

use std::sync::Arc;

/// Received frames, and the state of the connection.
#[derive(Default)]
pub(super) struct Log {
    /// Text frames as received; they are parsed on demand, since parsed JSON can be many times larger.
    pub(super) frames: Vec<Arc<str>>,
    pub(super) taken: usize,
    pub(super) bytes: usize,
    pub(super) closed: bool,
    /// Close code of the target if it, or the network, ended the connection.
    pub(super) lost: Option<Option<u16>>,
    /// True if hearback closed the connection because its frames exceeded a bound.
    pub(super) cut: bool,
    /// True if the reading task has ended.
    pub(super) finished: bool,
}
