//! Errors under load, counted by kind.

use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A kind of error under load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// A connection was refused, or broke before the handshake completed.
    ConnectFailed,
    /// The connection or the handshake timed out.
    ConnectTimedOut,
    /// The status of the handshake's response was not 101.
    HandshakeRejected,
    /// The handshake succeeded, but `connection_established` did not arrive in time.
    NotEstablished,
    /// The target closed an open connection.
    ClosedByTarget,
    /// An open connection broke.
    ConnectionBroken,
    /// A message was not sent because its sender was not connected when it was due.
    NotSent,
    /// A message was dropped because the send buffer was full: the target did not read.
    SendBlocked,
    /// The target sent an `error` event.
    ErrorEvent,
    /// A frame was not an event of the specification.
    UnknownFrame,
    /// The text of a message was altered.
    Damaged,
    /// The status of a response was not the documented one.
    RequestRejected,
    /// A request was throttled.
    RequestThrottled,
    /// A request timed out.
    RequestTimedOut,
    /// A request was not answered for another reason.
    RequestFailed,
}

impl ErrorKind {
    /// All kinds, in the order of reports.
    pub const ALL: [Self; 15] = [
        Self::ConnectFailed,
        Self::ConnectTimedOut,
        Self::HandshakeRejected,
        Self::NotEstablished,
        Self::ClosedByTarget,
        Self::ConnectionBroken,
        Self::NotSent,
        Self::SendBlocked,
        Self::ErrorEvent,
        Self::UnknownFrame,
        Self::Damaged,
        Self::RequestRejected,
        Self::RequestThrottled,
        Self::RequestTimedOut,
        Self::RequestFailed,
    ];

    /// Id of the kind, as in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::ConnectFailed => "connect_failed",
            Self::ConnectTimedOut => "connect_timed_out",
            Self::HandshakeRejected => "handshake_rejected",
            Self::NotEstablished => "not_established",
            Self::ClosedByTarget => "closed_by_target",
            Self::ConnectionBroken => "connection_broken",
            Self::NotSent => "not_sent",
            Self::SendBlocked => "send_blocked",
            Self::ErrorEvent => "error_event",
            Self::UnknownFrame => "unknown_frame",
            Self::Damaged => "damaged",
            Self::RequestRejected => "request_rejected",
            Self::RequestThrottled => "request_throttled",
            Self::RequestTimedOut => "request_timed_out",
            Self::RequestFailed => "request_failed",
        }
    }

    /// Returns whether a connection attempt failed.
    pub fn is_connect_error(self) -> bool {
        matches!(
            self,
            Self::ConnectFailed
                | Self::ConnectTimedOut
                | Self::HandshakeRejected
                | Self::NotEstablished
        )
    }

    /// Returns whether a message was not sent.
    pub fn is_send_error(self) -> bool {
        matches!(self, Self::NotSent | Self::SendBlocked)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.id().replace('_', " "))
    }
}

/// Number of errors of each kind; kinds that did not occur are omitted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErrorCounts(IndexMap<ErrorKind, u64>);

impl ErrorCounts {
    /// Adds errors of one kind.
    pub fn add(&mut self, kind: ErrorKind, times: u64) {
        if times > 0 {
            *self.0.entry(kind).or_default() += times;
        }
    }

    /// Adds all counts of another.
    pub fn merge(&mut self, other: &Self) {
        other.iter().for_each(|(kind, times)| self.add(kind, times));
    }

    /// The number of errors of one kind.
    pub fn of(&self, kind: ErrorKind) -> u64 {
        self.0.get(&kind).copied().unwrap_or_default()
    }

    /// The number of errors of the kinds that satisfy `predicate`.
    pub fn sum(&self, predicate: impl Fn(ErrorKind) -> bool) -> u64 {
        self.iter().filter(|(kind, _)| predicate(*kind)).map(|(_, times)| times).sum()
    }

    /// The counts above zero, in the order of [`ErrorKind::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (ErrorKind, u64)> + '_ {
        ErrorKind::ALL.into_iter().filter_map(|kind| Some((kind, *self.0.get(&kind)?)))
    }

    /// Returns whether no error occurred.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_kinds_are_listed_and_named_as_in_json() {
        for (index, kind) in ErrorKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, index, "{kind:?}");
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.id());
        }
        assert_eq!(ErrorKind::ALL.len(), ErrorKind::RequestFailed as usize + 1);
    }

    #[test]
    fn counts_add_up() {
        let mut counts = ErrorCounts::default();
        counts.add(ErrorKind::NotSent, 2);
        counts.add(ErrorKind::ConnectFailed, 0);
        let mut other = counts.clone();
        other.add(ErrorKind::SendBlocked, 1);
        counts.merge(&other);
        assert_eq!(counts.of(ErrorKind::NotSent), 4);
        assert_eq!(counts.sum(ErrorKind::is_send_error), 5);
        assert_eq!(counts.iter().count(), 2);
    }
}
