//! Reasons to close a connection.

use axum::extract::ws::{CloseFrame, Utf8Bytes};

/// The close code and reason of a connection that the server ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Close code of RFC 6455, or from 4000 on of this server.
    pub code: u16,
    /// Reason, in words.
    pub reason: &'static str,
}

impl Closing {
    /// The server is stopping.
    pub const STOPPING: Self = Self { code: 1001, reason: "The server is stopping." };
    /// A frame violates RFC 6455.
    pub const INVALID_FRAME: Self = Self { code: 1002, reason: "The frame is invalid." };
    /// A text frame is not UTF-8.
    pub const INVALID_TEXT: Self = Self { code: 1007, reason: "The text is not UTF-8." };
    /// A frame was too large.
    pub const TOO_LARGE: Self = Self { code: 1009, reason: "The frame is too large." };
    /// The client reads too slowly.
    pub const TOO_SLOW: Self = Self { code: 1013, reason: "The client reads too slowly." };
    /// Nothing was sent for a long time.
    pub const IDLE: Self = Self { code: 4000, reason: "The connection was idle." };
    /// The access token has expired.
    pub const EXPIRED: Self = Self { code: 4001, reason: "The access token has expired." };
    /// The membership has ended.
    pub const NOT_A_MEMBER: Self =
        Self { code: 4003, reason: "You are no longer a member of this room." };

    /// The close frame.
    pub(crate) fn frame(self) -> CloseFrame {
        CloseFrame { code: self.code, reason: Utf8Bytes::from_static(self.reason) }
    }
}
