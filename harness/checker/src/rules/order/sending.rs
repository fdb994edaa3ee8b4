//! Messages are received in the order in which they were sent.

use ahash::AHashMap;
use hearback_history::{Frame, Nanoseconds};

use crate::model::{Message, Origin, Stream};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::quoted;

/// A message where it was received first.
#[derive(Clone, Copy, Debug)]
struct Received<'h> {
    message: &'h Message<'h>,
    frame: &'h Frame,
}

/// The messages of a stream in order.
fn received<'h>(
    input: RuleInput<'h>,
    stream: &'h Stream<'h>,
) -> impl Iterator<Item = Received<'h>> {
    stream.in_place().map(move |(message, receipt)| Received {
        message: &input.model.messages[message],
        frame: receipt.frame,
    })
}

/// Of the messages that one sender's was received after: the one sent last, and the first
/// acknowledgement.
#[derive(Clone, Copy)]
struct Before<'h> {
    newest: Received<'h>,
    acknowledged: Nanoseconds,
}

impl<'h> Before<'h> {
    /// With one receipt more.
    fn and(earlier: Option<Self>, receipt: Received<'h>) -> Self {
        let sent = receipt.message.sent;
        let Some(earlier) = earlier else {
            return Self { newest: receipt, acknowledged: sent.returned };
        };
        let is_newer = sent.invoked > earlier.newest.message.sent.invoked;
        Self {
            newest: if is_newer { receipt } else { earlier.newest },
            acknowledged: earlier.acknowledged.min(sent.returned),
        }
    }

    /// One that was received before `receipt` and sent after it was acknowledged.
    fn overtaking(&self, receipt: Received<'h>) -> Option<Received<'h>> {
        let sent = self.newest.message.sent.invoked;
        Some(self.newest).filter(|_| receipt.message.sent.returned < sent)
    }

    /// Whether one of them was acknowledged before `receipt` was sent.
    fn precedes(&self, receipt: Received<'h>) -> bool {
        self.acknowledged < receipt.message.sent.invoked
    }
}

pub(super) fn per_sender<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for stream in input.model.streams() {
        let mut of_sender: AHashMap<&str, Before<'h>> = AHashMap::new();
        // What one socket sent is in order even if nothing was acknowledged in between.
        let mut of_socket: AHashMap<u64, Received<'h>> = AHashMap::new();
        for receipt in received(input, stream) {
            let sender = receipt.message.sender.as_str();
            let before = of_sender.get(sender).copied();
            let mut overtaking = before.and_then(|before| before.overtaking(receipt));
            let mut is_ordered = before.is_some_and(|before| before.precedes(receipt));
            if let Origin::Socket(connection, sent) = receipt.message.origin {
                let last = of_socket.entry(connection.id.0).or_insert(receipt);
                if let Origin::Socket(_, earlier) = last.message.origin {
                    is_ordered |= earlier.seq < sent.seq;
                    if earlier.seq > sent.seq {
                        overtaking = Some(*last);
                    } else {
                        *last = receipt;
                    }
                }
            }
            of_sender.insert(sender, Before::and(before, receipt));
            check_order(stream, receipt, overtaking, is_ordered, "one sender's messages", context);
        }
    }
}

pub(super) fn real_time<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for stream in input.model.streams() {
        // The two senders whose newest is newest are enough: one of them is not the sender in question.
        let mut newest: [Option<Received<'h>>; 2] = [None; 2];
        let mut acknowledged: [Option<(&str, Nanoseconds)>; 2] = [None; 2];
        for receipt in received(input, stream) {
            let (sender, sent) = (receipt.message.sender.as_str(), receipt.message.sent);
            let other =
                newest.into_iter().flatten().find(|it| it.message.sender.as_str() != sender);
            let overtaking = other.filter(|it| sent.returned < it.message.sent.invoked);
            let first = acknowledged.into_iter().flatten().find(|(other, _)| *other != sender);
            let is_ordered = first.is_some_and(|(_, returned)| returned < sent.invoked);
            keep_two(
                &mut newest,
                receipt,
                |it| it.message.sender.as_str(),
                |it| u64::MAX - it.message.sent.invoked,
            );
            keep_two(&mut acknowledged, (sender, sent.returned), |it| it.0, |it| it.1);
            check_order(stream, receipt, overtaking, is_ordered, "messages", context);
        }
    }
}

/// Keeps the two that rank lowest of all that were offered, with different names.
fn keep_two<'h, T: Copy>(
    kept: &mut [Option<T>; 2],
    offered: T,
    name: impl Fn(&T) -> &'h str,
    rank: impl Fn(&T) -> u64,
) {
    let [first, second] = *kept;
    let is_lower = |kept: Option<T>| kept.is_none_or(|kept| rank(&offered) < rank(&kept));
    let has_name = |kept: Option<T>| kept.is_some_and(|kept| name(&kept) == name(&offered));
    if is_lower(first) {
        *kept = [Some(offered), if has_name(first) { second } else { first }];
    } else if !has_name(first) && is_lower(second) {
        kept[1] = Some(offered);
    }
}

/// Counts a receipt that has an order with an earlier one, and finds fault if it should have come before.
fn check_order<'h>(
    stream: &Stream<'h>,
    receipt: Received<'h>,
    overtaking: Option<Received<'h>>,
    is_ordered: bool,
    variant: &str,
    context: &mut RuleContext<'h>,
) {
    let Some(overtaking) = overtaking else {
        if is_ordered {
            context.held();
        }
        return;
    };
    let connection = stream.connection;
    let text = |receipt: Received<'h>| {
        quoted(receipt.message.versions.first().map_or("", |version| version.content))
    };
    context.check(false, || {
        Violation::new(
            format!("{variant} out of order"),
            format!(
                "{} receives {} of {} before {} of {}, which was sent later",
                connection.actor,
                text(receipt),
                receipt.message.sender,
                text(overtaking),
                overtaking.message.sender,
            ),
            "it came after",
        )
        .evidence(receipt.message.origin)
        .evidence(overtaking.message.origin)
        .evidence((connection, overtaking.frame))
        .evidence((connection, receipt.frame))
    });
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    /// A room of three, with a socket of bob's that receives messages in this order.
    fn history(sends: &[&str], received: &[&str]) -> String {
        let frames: Vec<_> = received
            .iter()
            .map(|id| {
                format!(
                    r#"[900..900] bob@r1 <- @chat_message {{"message": {{"id": "${id}", "room_id": "$r1", "content": "{id}"}}}}"#
                )
            })
            .collect();
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2, 3]}} => 201 @room {{"id": "$r1"}}
            [3..3] bob@r1 open
            [4..4] alice@r1 open
            {}
            {}
            "#,
            sends.join("\n"),
            frames.join("\n")
        )
    }

    fn rest(at: &str, who: &str, id: &str) -> String {
        format!(
            r#"{at} {who} messages.send {{"room": "$r1", "content": "{id}"}} => 201 @message {{"id": "${id}"}}"#
        )
    }

    fn socket(at: u64, id: &str) -> String {
        format!(r#"[{at}..{at}] alice@r1 -> {{"type": "chat_message", "message": "{id}"}}"#)
    }

    #[test]
    fn a_sender_s_messages_come_in_order() {
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
            // The socket's own was not acknowledged before the other was sent.
            (RULE, NotExercised, &history(&[&first, &two], &["m2", "m1"])),
        ]);
    }

    #[test]
    fn what_was_said_later_comes_later() {
        const RULE: &str = "order/real-time";
        let (one, two) = (rest("[10..20]", "alice", "m1"), rest("[30..40]", "carol", "m2"));
        let (own, later) = (rest("[30..40]", "alice", "m2"), rest("[50..60]", "alice", "m3"));
        let meanwhile = rest("[20..40]", "carol", "m2");
        assert_states(&[
            (RULE, Held, &history(&[&one, &two], &["m1", "m2"])),
            (RULE, Broken, &history(&[&one, &two], &["m2", "m1"])),
            (RULE, Broken, &history(&[&one, &two, &later], &["m3", "m2", "m1"])),
            (RULE, NotExercised, &history(&[&one, &meanwhile], &["m2", "m1"])),
            // One sender's own are the other requirement's business.
            (RULE, NotExercised, &history(&[&one, &own], &["m2", "m1"])),
        ]);
    }
}
