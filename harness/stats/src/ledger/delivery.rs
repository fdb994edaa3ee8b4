//! Kinds of deliveries.

use hearback_history::Nanoseconds;

/// The pace at which a member reads its socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// The member reads immediately, so that the target alone determines its latencies.
    #[default]
    Prompt,
    /// The member pauses reading. It is owed every message, but its latencies are not measured: it is never the
    /// last recipient, and messages in flight when its connection ends are excused.
    Slow,
}

/// A classified delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// An owed delivery to a prompt reader.
    Due {
        /// Time since the intended send time.
        latency: Nanoseconds,
        /// Time since the actual send time.
        service: Nanoseconds,
        /// True if the recipient is the sender.
        own: bool,
        /// Intended send time.
        intended: Nanoseconds,
        /// Time from the intended send time to the last recipient, if this delivery completes the message.
        last: Option<Nanoseconds>,
    },
    /// A delivery to a prompt reader from another part of the room, whose clock differs from that of the recipient.
    Across {
        /// Time since the intended send time, up to the error of the clocks.
        latency: Nanoseconds,
        /// Intended send time, on the recipient's clock.
        intended: Nanoseconds,
    },
    /// An owed delivery to a slow reader.
    DueToSlowReader,
    /// A repeated delivery.
    Duplicate,
    /// A message of another room.
    Leaked,
    /// A message that was sent before the connection was open.
    Earlier,
    /// A message that this run did not send.
    Foreign,
}

impl Delivery {
    /// Returns whether the target owed this delivery.
    pub fn was_owed(&self) -> bool {
        matches!(self, Self::Due { .. } | Self::Across { .. } | Self::DueToSlowReader)
    }
}
