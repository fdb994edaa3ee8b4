//! Excuses: reasons why a response says nothing about the API.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::names::{CallId, ConnectionId};

/// A request or a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attempt {
    /// A request.
    Call(CallId),
    /// A handshake.
    Connection(ConnectionId),
}

/// The reason why a response, or its absence, says nothing about the API. It is not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Excuse {
    /// The access token had expired.
    TokenExpired,
    /// Another login or refresh of the same account had ended the session.
    SessionEnded,
    /// The token may have stopped working, and the target did not say whether it had.
    TokenUnverified,
    /// The target refused for a while what it permitted before and afterwards.
    Throttled,
    /// A gateway answered instead of the target, or the connection broke.
    Gateway,
    /// The server stated that it did not process the request, and wants it on another connection.
    Unprocessed,
    /// The address was so long that servers and gateways may reject it in any way.
    LongAddress,
    /// It was waited for briefly, since many responses before it never came.
    Abandoned,
    /// The response was read from a copy that lagged behind.
    Lag,
    /// The response exceeded a bound and was truncated, or its encoding was not requested.
    Truncated,
}

impl Excuse {
    /// Returns whether the target may have processed the request all the same.
    pub fn maybe_done(self) -> bool {
        matches!(self, Self::Gateway | Self::Abandoned | Self::Truncated)
    }
}

impl fmt::Display for Excuse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TokenExpired => "the access token had expired",
            Self::SessionEnded => "another login had ended the session",
            Self::TokenUnverified => "the target did not say whether the access token still worked",
            Self::Throttled => "the target throttled the request",
            Self::Gateway => "a gateway answered, or the connection broke",
            Self::Unprocessed => "the server ended the connection without processing the request",
            Self::LongAddress => "servers and gateways may reject such a long address",
            Self::Abandoned => "many responses never came, and this one was waited for briefly",
            Self::Lag => "the response lagged behind",
            Self::Truncated => {
                "the response was truncated, or has an encoding that was not requested"
            }
        })
    }
}
