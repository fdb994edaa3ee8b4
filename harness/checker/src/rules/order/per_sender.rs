//! Messages of one sender are received in the order in which they were sent.
//!
//! Two messages have an order if the second was sent after the first was acknowledged, or if both
//! were sent on one socket, whose frames are handled in order. Concurrent sends may be received in
//! any order.

use ahash::AHashMap;
use hearback_contract::RequirementId;
use hearback_history::Nanoseconds;

use super::overtaking::{Arrival, arrivals, check_overtaking};
use crate::model::Origin;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::OrderPerSender, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for stream in input.model.streams() {
        let mut of_sender: AHashMap<&str, Before<'h>> = AHashMap::new();
        // Frames of one socket are in order even if nothing was acknowledged in between.
        let mut of_socket: AHashMap<u64, Arrival<'h>> = AHashMap::new();
        for arrival in arrivals(input, stream) {
            let sender = arrival.message.sender.as_str();
            let before = of_sender.get(sender).copied();
            let mut overtaking = before.and_then(|before| before.overtaking(arrival));
            let mut is_ordered = before.is_some_and(|before| before.precedes(arrival));
            if let Origin::Socket(connection, sent) = arrival.message.origin {
                let last = of_socket.entry(connection.id.0).or_insert(arrival);
                if let Origin::Socket(_, earlier) = last.message.origin {
                    is_ordered |= earlier.seq < sent.seq;
                    if earlier.seq > sent.seq {
                        overtaking = Some(*last);
                    } else {
                        *last = arrival;
                    }
                }
            }
            of_sender.insert(sender, Before::and(before, arrival));
            check_overtaking(
                stream,
                arrival,
                overtaking,
                is_ordered,
                "one sender's messages",
                context,
            );
        }
    }
}

/// The messages of one sender that were received so far: the one sent last, and the first
/// acknowledgement.
#[derive(Clone, Copy)]
struct Before<'h> {
    newest: Arrival<'h>,
    acknowledged: Nanoseconds,
}

impl<'h> Before<'h> {
    /// Adds one received message.
    fn and(earlier: Option<Self>, arrival: Arrival<'h>) -> Self {
        let sent = arrival.message.sent;
        let Some(earlier) = earlier else {
            return Self { newest: arrival, acknowledged: sent.returned };
        };
        let is_newer = sent.invoked > earlier.newest.message.sent.invoked;
        Self {
            newest: if is_newer { arrival } else { earlier.newest },
            acknowledged: earlier.acknowledged.min(sent.returned),
        }
    }

    /// The message that was received before `arrival` although it was sent after its
    /// acknowledgement.
    fn overtaking(&self, arrival: Arrival<'h>) -> Option<Arrival<'h>> {
        let sent = self.newest.message.sent.invoked;
        Some(self.newest).filter(|_| arrival.message.sent.returned < sent)
    }

    /// Returns whether one of them was acknowledged before `arrival` was sent.
    fn precedes(&self, arrival: Arrival<'h>) -> bool {
        self.acknowledged < arrival.message.sent.invoked
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::order::testing::{history, rest, socket};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn a_sender_s_messages_are_received_in_order() {
        const RULE: &str = "order/per-sender";
        let (one, two) = (rest("[10..20]", "alice", "m1"), rest("[30..40]", "alice", "m2"));
        let meanwhile = rest("[15..40]", "alice", "m2");
        let other = rest("[30..40]", "carol", "m2");
        let (first, second) = (socket(10, "m1"), socket(11, "m2"));
        assert_states(&[
            (RULE, Held, &history(&[&one, &two], &["m1", "m2"])),
            (RULE, Broken, &history(&[&one, &two], &["m2", "m1"])),
            (RULE, NotExercised, &history(&[&one, &meanwhile], &["m2", "m1"])),
            (RULE, NotExercised, &history(&[&one, &other], &["m2", "m1"])),
            (RULE, Held, &history(&[&first, &second], &["m1", "m2"])),
            (RULE, Broken, &history(&[&first, &second], &["m2", "m1"])),
            // The socket's message was not acknowledged before the other was sent.
            (RULE, NotExercised, &history(&[&first, &two], &["m2", "m1"])),
        ]);
    }
}
