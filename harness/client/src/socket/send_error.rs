//! Errors of sending frames.

use std::time::Duration;

use hearback_history::Nanoseconds;

/// Error of sending a frame.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum SendError {
    /// The connection has ended.
    #[error("the socket is closed")]
    Closed,
    /// The frame names something that the run did not create; it was not sent.
    #[error("{0}")]
    NotOurs(String),
    /// The target does not read.
    #[error("the target read no frame for {}", Nanoseconds::from(*.0))]
    TimedOut(Duration),
    /// The connection broke.
    #[error("the frame could not be written: {0}")]
    Broken(String),
}
