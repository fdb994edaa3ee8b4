//! Delivery counts.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// Delivery counts of one room, or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryCounts {
    /// Messages sent.
    pub messages: u64,
    /// Owed deliveries: one per member, including the sender, whose connection was open from before the send until
    /// the delivery, the end of the run, or longer than the bound. Slow readers count as well if their connection
    /// stays open.
    pub expected: u64,
    /// Owed deliveries that arrived.
    pub received: u64,
    /// Owed deliveries that never arrived.
    pub lost: u64,
    /// Repeated deliveries of a message to the same connection.
    pub duplicate: u64,
    /// Deliveries that arrived after a later message of the same sender.
    pub out_of_order: u64,
    /// Deliveries to a connection of another room.
    pub leaked: u64,
    /// Owed deliveries that took longer than the bound.
    pub late: u64,
    /// Deliveries that were not owed because the connection ended soon after the send.
    pub excused: u64,
    /// Deliveries of messages that were sent before the connection was open.
    pub earlier: u64,
    /// Deliveries of messages that this run did not send.
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
