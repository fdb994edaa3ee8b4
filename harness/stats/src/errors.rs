//! What can go wrong under load, and how often it did.

use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A kind of thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// A connection was refused, or broke before the handshake was answered.
    ConnectFailed,
    /// Connecting, or the handshake, took too long.
    ConnectTimedOut,
    /// The handshake was answered with something else than 101.
    HandshakeRejected,
    /// The handshake succeeded, but no `connection_established` came.
    NotEstablished,
    /// The target closed an open connection.
    ClosedByTarget,
    /// An open connection broke.
    ConnectionBroken,
    /// A message could not be sent: its sender was not connected when it was due.
    NotSent,
    /// A message was dropped because the target did not read: too much was waiting already.
    SendBlocked,
    /// The target answered with an `error` event.
    ErrorEvent,
    /// A frame was no event that the document knows.
    UnknownFrame,
    /// A message's text was altered.
    Damaged,
    /// A request was answered with another status than the documented one.
    RequestRejected,
    /// A request was throttled.
    RequestThrottled,
    /// A request took too long.
    RequestTimedOut,
    /// A request got no answer for another reason.
    RequestFailed,
}

impl ErrorKind {
    /// Every kind, in the order of reports.
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

    /// Its name, as in JSON.
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

    /// Whether it is a connection that did not come about.
    pub fn is_of_connecting(self) -> bool {
        matches!(
            self,
            Self::ConnectFailed
                | Self::ConnectTimedOut
                | Self::HandshakeRejected
                | Self::NotEstablished
        )
    }

    /// Whether it is a message that was not sent.
    pub fn is_of_sending(self) -> bool {
        matches!(self, Self::NotSent | Self::SendBlocked)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.id().replace('_', " "))
    }
}

/// How often each fault happened; those that never did are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErrorCounts(IndexMap<ErrorKind, u64>);

impl ErrorCounts {
    /// Counts a kind.
    pub fn add(&mut self, kind: ErrorKind, times: u64) {
        if times > 0 {
            *self.0.entry(kind).or_default() += times;
        }
    }

    /// Counts all of another.
    pub fn merge(&mut self, other: &Self) {
        other.iter().for_each(|(kind, times)| self.add(kind, times));
    }

    /// How often a fault happened.
    pub fn of(&self, kind: ErrorKind) -> u64 {
        self.0.get(&kind).copied().unwrap_or_default()
    }

    /// How often any of those that `chosen` picks happened.
    pub fn sum(&self, chosen: impl Fn(ErrorKind) -> bool) -> u64 {
        self.iter().filter(|(kind, _)| chosen(*kind)).map(|(_, times)| times).sum()
    }

    /// Those that happened, in the order of [`ErrorKind::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (ErrorKind, u64)> + '_ {
        ErrorKind::ALL.into_iter().filter_map(|kind| Some((kind, *self.0.get(&kind)?)))
    }

    /// Whether nothing went wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_listed_under_its_name_in_json() {
        for (position, kind) in ErrorKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, position, "{kind:?}");
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
        assert_eq!(counts.sum(ErrorKind::is_of_sending), 5);
        assert_eq!(counts.iter().count(), 2);
    }
}
