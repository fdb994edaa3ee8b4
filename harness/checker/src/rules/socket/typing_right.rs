//! Checks that a received `typing` event names a user who sent that `is_typing` before, with the
//! username of the actor. An event with an unreadable `is_typing` counts as both values, and a
//! server may say by itself that a user stopped typing.

use ahash::AHashMap;
use hearback_contract::{ClientEvent, RequirementId, RoomRef, ServerEvent, UserId};
use hearback_history::Nanoseconds;
use serde_json::Value;

use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketTypingRight, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    // The first `typing` of each user in each room that may have each value. A mistyped value may be read as
    // both, and a server may say by itself that a user stopped typing.
    let mut earliest: AHashMap<(RoomRef<'_>, UserId, bool), Nanoseconds> = AHashMap::new();
    for connection in &input.history.connections {
        let Some(user) = input.model.user_id(&connection.actor) else { continue };
        // A target may read a frame that it has to reject (protocol/reserved-refused, protocol/unmasked-refused).
        for probe in connection.probes.iter().filter(|probe| probe.probe.is_invalid()) {
            for is_typing in [true, false] {
                let key = (connection.room.borrowed(), user, is_typing);
                let first = earliest.entry(key).or_insert(probe.at);
                *first = probe.at.min(*first);
            }
        }
        for frame in connection.sent().filter(|it| it.sends(ClientEvent::Typing)) {
            let sent_value = frame.json().and_then(|json| json.get("is_typing")?.as_bool());
            for meaning in [true, false] {
                if sent_value != Some(!meaning) || !meaning {
                    let key = (connection.room.borrowed(), user, meaning);
                    let first = earliest.entry(key).or_insert(frame.at);
                    *first = frame.at.min(*first);
                }
            }
        }
    }
    for listener in input.model.sockets.all() {
        let connection = listener.connection;
        if !input.model.rooms.contains_key(&connection.room) {
            continue;
        }
        for (frame, event) in listener.received(ServerEvent::Typing) {
            let user = member(event, "user_id", UserId::from_json, context);
            let is_typing = member(event, "is_typing", Value::as_bool, context);
            let Some((user, is_typing)) = user.zip(is_typing) else { continue };
            let first = earliest.get(&(connection.room.borrowed(), user, is_typing));
            context.check(first.is_some_and(|first| *first <= frame.at), || {
                Violation::new(
                    "typing user_id",
                    format!("is_typing {is_typing} names a user who sent it"),
                    format!("user_id is {user}, who did not send it"),
                )
                .evidence((connection, frame))
            });
            let shown = member(event, "username", Value::as_str, context);
            let name = input.model.actor(user).and_then(|it| input.history.username(it));
            if let Some((shown, name)) = shown.zip(name) {
                context.check(shown == name, || {
                    Violation::new(
                        "typing username",
                        format!("username of user {user} is {}", quoted(name)),
                        format!("username is {}", quoted(shown)),
                    )
                    .evidence((connection, frame))
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::typing_frames::testing::sockets;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    const SEEN: &str = r#"[6..6] bob@r1 <- @typing {"user_id": 1, "username": "alice"}"#;

    #[test]
    fn typing_names_the_typist() {
        let rule = "socket/typing-right";
        let event =
            |fields: &str| SEEN.replace("\"user_id\": 1", &format!("\"user_id\": 1{fields}"));
        assert_states(&[
            (rule, Held, &sockets(&[SEEN])),
            (rule, Held, &sockets(&[SEEN, &event(r#", "is_typing": false"#)])),
            (rule, Broken, &sockets(&[&SEEN.replace("alice", "carol")])),
            (rule, Broken, &sockets(&[&event(r#", "user_id": 3"#)])),
            (rule, Broken, &sockets(&[&SEEN.replace("[6..6]", "[4..4]")])),
            (rule, Undecided, &sockets(&[&event(r#", "user_id": "$absent""#)])),
        ]);
    }
}
