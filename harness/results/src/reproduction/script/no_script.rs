//! Reasons for a missing script.

use thiserror::Error;

/// Reason for a missing script.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(in crate::reproduction) enum NoScript {
    /// The scenario is too long.
    #[error("it would have {0} steps")]
    Steps(usize),
    /// A body is too long for a command line.
    #[error("a body of {0} bytes is too long for a command")]
    Long(usize),
    /// A body or frame is not text.
    #[error("a body or frame is not text")]
    Binary,
    /// A frame has a line break.
    #[error("a frame has a line break")]
    Frame,
    /// A probe of the protocol.
    #[error("websocat cannot send such frames")]
    Protocol,
    /// The journal does not have what happened.
    #[error("the journal has no event that shows it")]
    NoEvidence,
}
