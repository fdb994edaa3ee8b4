//! The ledger of a part of a room, and the other parts.

use hearback_history::Nanoseconds;

use super::across::Arrival;
use super::{Delivery, DeliveryCounts, Member, RoomLedger, RoomShare, SendLog, Sequence};
use crate::message_tag::MessageTag;

impl RoomLedger {
    /// Sets the common start of all parts, and the number of messages of the whole run. Messages are sent afterwards only.
    pub fn start(&mut self, at: Nanoseconds, messages: Sequence) {
        if let Some(across) = &mut self.across {
            across.start(at, messages);
        }
    }

    /// The share of the room.
    pub fn share(&self) -> RoomShare {
        self.share
    }

    /// The messages of this part, for the other parts.
    pub fn send_log(&self) -> Option<&SendLog> {
        self.across.as_ref().map(|across| across.log())
    }

    /// Compares what arrived from other parts with what they sent. `logs` has the log of each part, `None` for this one; `error` is
    /// the bound of the error of the clocks.
    pub fn settle_across(
        &mut self,
        logs: &[Option<SendLog>],
        error: Nanoseconds,
        measured_from: Nanoseconds,
    ) {
        if let Some(across) = &mut self.across {
            across.settle(logs, error, measured_from);
        }
    }

    /// The counts of messages of other parts, and the lost deliveries that were sent in the measured phases. Lost deliveries are known
    /// after [`settle_across`](Self::settle_across).
    pub fn across(&self) -> Option<(DeliveryCounts, u64)> {
        self.across.as_ref().map(|across| (across.counts(), across.lost_in_measured()))
    }

    /// Records the delivery of a message of another part.
    pub(super) fn deliver_across(
        &mut self,
        member: Member,
        tag: &MessageTag,
        at: Nanoseconds,
    ) -> Delivery {
        let (sender, part) = (tag.sender as usize, self.share.part_of(tag.sender as usize));
        if !self.has_sender(sender) {
            return self.record_foreign();
        }
        let Some(across) = &mut self.across else { return self.record_foreign() };
        match across.deliver(member, part, tag.sequence, tag.intended, at) {
            Arrival::New { latency, is_slow } => {
                let intended = at.saturating_sub(latency);
                if self.is_overtaken(member, sender, tag.sequence)
                    && let Some(across) = &mut self.across
                {
                    across.counts.out_of_order += 1;
                }
                match is_slow {
                    true => Delivery::DueToSlowReader,
                    false => Delivery::Across { latency, intended },
                }
            }
            Arrival::Duplicate => Delivery::Duplicate,
            Arrival::Earlier => Delivery::Earlier,
            Arrival::Foreign => Delivery::Foreign,
        }
    }

    /// Returns whether the room has a sender with an index, as far as this part knows.
    pub(super) fn has_sender(&self, sender: usize) -> bool {
        sender < (self.members.len() + 1) * self.share.parts
    }
}
