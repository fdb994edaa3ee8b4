//! Checks that a `read_receipt` reaches every socket of the message's sender in the room that was
//! established before. A server may send it to further members (receipt-recipients). Only the first mark of a message by another member counts, because a server need not repeat
//! receipts. A mark in another way at the same time makes it inconclusive. It is missing under the
//! conditions of `socket/message-reaches-others`.

use ahash::AHashSet;
use hearback_contract::{ClientEvent, MessageRef, RequirementId, ServerEvent, UserId};
use hearback_history::Nanoseconds;

use super::delivery::expect_delivery;
use super::read_marks::Marks;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::SocketReceiptReachesOthers, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut received = AHashSet::new();
    for listener in input.model.sockets.all() {
        for (_, event) in listener.received(ServerEvent::ReadReceipt) {
            let user = event.get("user_id").and_then(UserId::from_json);
            let message = event.get("message_id").and_then(MessageRef::from_json);
            if let Some((user, message)) = user.zip(message) {
                received.insert((listener.connection.id, user, message));
            }
        }
    }
    let marks = Marks::of(input);
    for by in input.model.sockets.all() {
        let Some(room) = input.model.rooms.get(&by.connection.room) else { continue };
        let receipts = by.sent().filter(|it| it.sends(ClientEvent::ReadReceipt));
        for frame in receipts {
            let id = frame
                .json()
                .and_then(|json| json.get("message_id"))
                .and_then(MessageRef::from_json);
            let Some(message) = id.and_then(|id| input.model.message(id)) else { continue };
            let was_there = message.sent.returned < frame.at
                || by.message(message.id.borrowed()).is_some_and(|received| received.at < frame.at);
            let is_own = message.sender == by.connection.actor;
            let is_first = marks
                .on(by.user, message.id.borrowed(), room.id.borrowed())
                .all(|it| it.seq >= frame.seq);
            let is_ambiguous = input.model.is_ambiguous(message) || !message.deletions.is_empty();
            if message.room != room.id || !was_there || is_own || !is_first || is_ambiguous {
                continue;
            }
            let pending = by.pending_event(frame.at);
            for listener in input.model.sockets.in_room(&room.id) {
                let is_senders = listener.connection.actor == message.sender;
                if !is_senders || listener.user == by.user || listener.established >= frame.at {
                    continue;
                }
                let has_arrived =
                    received.contains(&(listener.connection.id, by.user, message.id.borrowed()));
                // After another mark that overtook this one, a server need not send a receipt.
                let over = input
                    .model
                    .sockets
                    .absence_proven_at(pending, listener)
                    .unwrap_or(Nanoseconds::MAX);
                let is_overtaken =
                    marks.on(by.user, message.id.borrowed(), room.id.borrowed()).any(|mark| {
                        mark.seq > frame.seq
                            && mark.connection != Some(by.connection.id)
                            && mark.at <= over
                    });
                if !has_arrived && is_overtaken {
                    context.inconclusive(Reason::Indistinguishable);
                    continue;
                }
                let sent = (by.user, pending);
                expect_delivery(input, room, sent, listener, has_arrived, context, || {
                    let (from, to) = (&by.connection.actor, &listener.connection.actor);
                    Violation::new(
                        "read_receipt to others",
                        format!(
                            "{to} receives the receipt of {from} for a message of {}",
                            message.sender
                        ),
                        "no such receipt arrived",
                    )
                    .evidence((by.connection, frame))
                    .evidence(listener.connection)
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::read_marks::testing::sockets;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const LATER: &str = "[200..201] alice rooms.list => 200 {}";

    const READ: &str = r#"[10..10] bob@r1 -> {"type": "read_receipt", "message_id": "$m1"}"#;

    const SEEN: &str = r#"[11..11] alice@r1 <- @read_receipt {"message_id": "$m1", "user_id": 2}"#;

    #[test]
    fn receipts_reach_the_other_members() {
        let rule = "socket/receipt-reaches-others";
        let again = READ.replace("[10..10]", "[20..20]");
        let by_rest = "[9..12] bob messages.mark_read $m1 => 200 {}";
        let at_once = "[11..12] bob rooms.mark_read $r1 => 200 {}";
        assert_states(&[
            (rule, Held, &sockets(&[READ, SEEN])),
            (rule, Held, &sockets(&[READ, SEEN, &again, LATER])),
            (rule, Broken, &sockets(&[READ, LATER])),
            (rule, Broken, &sockets(&[READ, &SEEN.replace("2}", "3}"), LATER])),
            (rule, Undecided, &sockets(&[READ])),
            (rule, Undecided, &sockets(&[READ, at_once, LATER])),
            (rule, NotExercised, &sockets(&[by_rest, READ, LATER])),
            (rule, NotExercised, &sockets(&[&READ.replace("bob", "alice"), LATER])),
            (
                rule,
                NotExercised,
                &sockets(&[READ, "[9..30] alice messages.delete $m1 => ?", LATER]),
            ),
        ]);
    }
}
