//! What a delivery turns out to be.

use crate::Nanoseconds;

/// How fast a member reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// As fast as it can: when it gets a message is the target's doing.
    #[default]
    Prompt,
    /// As it likes: it has to get everything, but nothing can be said of when. Nobody waits for it as for the
    /// last recipient, and what was on its way when its connection ended is excused.
    Own,
}

/// What a delivery turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// One that had to come.
    Due {
        /// From the intended time of the send.
        latency: Nanoseconds,
        /// From the send itself.
        service: Nanoseconds,
        /// Whether it is the sender's own.
        own: bool,
        /// When the message was due to be sent.
        intended: Nanoseconds,
        /// The message is delivered everywhere with it: from the intended time to the last recipient.
        last: Option<Nanoseconds>,
    },
    /// One that had to come, to a member that reads at its own pace.
    Unhurried,
    /// A repetition.
    Duplicate,
    /// A message of another room.
    Leaked,
    /// A message from before the connection was open.
    Earlier,
    /// A message that was not sent in this run.
    Foreign,
}

impl Delivery {
    /// Whether it is one that the target owed.
    pub fn had_to_come(&self) -> bool {
        matches!(self, Self::Due { .. } | Self::Unhurried)
    }
}
