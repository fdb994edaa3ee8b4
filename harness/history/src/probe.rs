//! Frames that show whether a target conforms to RFC 6455, and that clients send rarely.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::nanoseconds::Nanoseconds;

/// Frames that show how a target handles a part of RFC 6455.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    /// A ping with a payload.
    Ping,
    /// A text message in three fragments, with a ping between the first two.
    Fragments,
    /// A text frame that is not UTF-8.
    InvalidText,
    /// A text frame with a reserved bit, although no extension was negotiated.
    ReservedBit,
    /// A frame with a reserved opcode.
    ReservedOpcode,
    /// A text frame without a mask.
    Unmasked,
    /// A close frame.
    Close,
}

impl Probe {
    /// Every probe, in the order of the scenario language.
    pub const ALL: [Self; 7] = [
        Self::Ping,
        Self::Fragments,
        Self::InvalidText,
        Self::ReservedBit,
        Self::ReservedOpcode,
        Self::Unmasked,
        Self::Close,
    ];

    /// The name in scenarios and journals.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::Fragments => "fragments",
            Self::InvalidText => "invalid-text",
            Self::ReservedBit => "reserved-bit",
            Self::ReservedOpcode => "reserved-opcode",
            Self::Unmasked => "unmasked",
            Self::Close => "close",
        }
    }

    /// Returns whether RFC 6455 demands that the receiver fails the connection.
    pub fn is_invalid(self) -> bool {
        matches!(
            self,
            Self::InvalidText | Self::ReservedBit | Self::ReservedOpcode | Self::Unmasked
        )
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Probe {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|probe| probe.as_str() == name).ok_or(())
    }
}

/// The reaction of a target to a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeOutcome {
    /// A pong with the payload of the ping, the message of the fragments, or a close frame.
    Answered,
    /// The connection ended.
    Ended,
    /// Neither within the timeout.
    TimedOut,
}

/// A probe on a connection, and its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedProbe {
    /// The probe.
    pub probe: Probe,
    /// Time at which it was sent.
    pub at: Nanoseconds,
    /// Outcome; `None` if the journal ends before.
    pub outcome: Option<ProbeOutcome>,
    /// Close code in the answer to a close frame; `None` without one.
    pub code: Option<u16>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn probes_are_stored_by_name() {
        for probe in Probe::ALL {
            assert_eq!(serde_json::to_value(probe).unwrap(), json!(probe.as_str()));
            assert_eq!(probe.as_str().parse(), Ok(probe));
        }
        assert_eq!("pong".parse::<Probe>(), Err(()));
    }
}
