//! Checks that a `typing` event reaches every other socket in the room that was established before.
//! An event that repeats the state of its user is skipped, because a server may drop it. It is
//! missing under the conditions of `socket/message-reaches-others`.

use ahash::AHashMap;
use hearback_contract::{RequirementId, RoomRef, ServerEvent, UserId};
use hearback_history::{ConnectionId, Nanoseconds};
use serde_json::Value;

use super::delivery::expect_delivery;
use super::typing_frames::{Typed, typed};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketTypingReachesOthers, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut received: AHashMap<(ConnectionId, UserId, bool), Nanoseconds> = AHashMap::new();
    for listener in input.model.sockets.all() {
        for (frame, event) in listener.received(ServerEvent::Typing) {
            let user = event.get("user_id").and_then(UserId::from_json);
            let is_typing = event.get("is_typing").and_then(Value::as_bool);
            if let Some((user, is_typing)) = user.zip(is_typing) {
                // Frames are in order, so the last one is kept.
                received.insert((listener.connection.id, user, is_typing), frame.at);
            }
        }
    }
    let mut state: AHashMap<(RoomRef<'_>, UserId), bool> = AHashMap::new();
    for Typed { by, frame, is_typing } in typed(input) {
        let Some(room) = input.model.rooms.get(&by.connection.room) else { continue };
        // A server may drop events that repeat the state.
        if state.insert((room.id.borrowed(), by.user), is_typing) == Some(is_typing) {
            continue;
        }
        for listener in input.model.sockets.in_room(&room.id) {
            if listener.user == by.user || listener.established >= frame.at {
                continue;
            }
            let last = received.get(&(listener.connection.id, by.user, is_typing));
            let has_arrived = last.is_some_and(|last| *last >= frame.at);
            let sent = (by.user, by.pending_event(frame.at));
            expect_delivery(input, room, sent, listener, has_arrived, context, || {
                let (from, to) = (&by.connection.actor, &listener.connection.actor);
                Violation::new(
                    format!("typing with is_typing {is_typing}"),
                    format!("{to} receives is_typing {is_typing} of {from}"),
                    "no such event arrived",
                )
                .evidence((by.connection, frame))
                .evidence(listener.connection)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::typing_frames::testing::{FENCE, sockets};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const SEEN: &str = r#"[6..6] bob@r1 <- @typing {"user_id": 1, "username": "alice"}"#;

    const LATER: &str = "[200..201] alice rooms.list => 200 {}";

    #[test]
    fn typing_reaches_the_other_members() {
        let rule = "socket/typing-reaches-others";
        let again = r#"[7..7] alice@r1 -> {"type": "typing", "is_typing": true}"#;
        let stop = r#"[7..7] alice@r1 -> {"type": "typing", "is_typing": false}"#;
        assert_states(&[
            (rule, Held, &sockets(&[SEEN, LATER])),
            (rule, Held, &sockets(&[SEEN, again, LATER])),
            (rule, Broken, &sockets(&[SEEN, stop, LATER])),
            (rule, Broken, &sockets(&[LATER])),
            (rule, Broken, &sockets(&[FENCE])),
            (rule, Broken, &sockets(&[&SEEN.replace("\"user_id\": 1", "\"user_id\": 2"), LATER])),
            (rule, Undecided, &sockets(&[])),
            (rule, Undecided, &sockets(&["[10..10] bob@r1 close", LATER])),
            (rule, Undecided, &sockets(&["[5..5] alice@r1 close", LATER])),
            (rule, NotExercised, &sockets(&["[6..9] bob rooms.leave $r1 => ?", LATER])),
        ]);
    }
}
