//! What became of deliveries, in numbers.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// What became of the deliveries of a room, or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryCounts {
    /// Messages sent.
    pub messages: u64,
    /// Deliveries that had to come: one for each member, the sender included, whose connection was open
    /// from before the send until the delivery, the end of the run, or longer than the bound. Members that
    /// read at their own pace count, too, if their connection stays open.
    pub expected: u64,
    /// Those of them that came.
    pub received: u64,
    /// Those that never came.
    pub lost: u64,
    /// Repetitions of what the same connection had received before.
    pub duplicate: u64,
    /// Deliveries after a later message of the same sender.
    pub out_of_order: u64,
    /// Deliveries to a connection of another room.
    pub leaked: u64,
    /// Received ones that took longer than the bound.
    pub late: u64,
    /// Deliveries that nobody can demand: their connection ended soon after the send.
    pub excused: u64,
    /// Messages that a connection received although they were sent before it was open.
    pub earlier: u64,
    /// Messages that nobody of this run has sent.
    pub foreign: u64,
}

impl AddAssign for DeliveryCounts {
    fn add_assign(&mut self, other: Self) {
        self.messages += other.messages;
        self.expected += other.expected;
        self.received += other.received;
        self.lost += other.lost;
        self.duplicate += other.duplicate;
        self.out_of_order += other.out_of_order;
        self.leaked += other.leaked;
        self.late += other.late;
        self.excused += other.excused;
        self.earlier += other.earlier;
        self.foreign += other.foreign;
    }
}
