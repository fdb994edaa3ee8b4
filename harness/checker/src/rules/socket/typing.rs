//! Who is told that somebody types.

use ahash::AHashMap;
use hearback_contract::{ClientEvent, ServerEvent};
use hearback_history::{ConnectionId, Frame, Nanoseconds};
use serde_json::Value;

use super::{expect_delivery, username};
use crate::model::Listener;
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{member, quoted};

/// A well-formed `typing` that was sent.
struct Typed<'h> {
    by: &'h Listener<'h>,
    frame: &'h Frame,
    is_typing: bool,
}

/// Every `typing` that was sent, in the order of time.
fn typed<'h>(input: RuleInput<'h>) -> Vec<Typed<'h>> {
    let mut typed: Vec<_> = input
        .model
        .sockets
        .all()
        .flat_map(|by| {
            let sent = by.sent();
            sent.filter(|frame| frame.kind() == Some(ClientEvent::Typing.id())).filter_map(
                move |frame| {
                    let is_typing = frame.json()?.get("is_typing")?.as_bool()?;
                    Some(Typed { by, frame, is_typing })
                },
            )
        })
        .collect();
    typed.sort_by_key(|typed| typed.frame.at);
    typed
}

pub(super) fn reaches_others<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut received: AHashMap<(ConnectionId, i64, bool), Nanoseconds> = AHashMap::new();
    for listener in input.model.sockets.all() {
        for (frame, event) in listener.received(ServerEvent::Typing) {
            let user = event.get("user_id").and_then(Value::as_i64);
            let is_typing = event.get("is_typing").and_then(Value::as_bool);
            if let Some((user, is_typing)) = user.zip(is_typing) {
                // Frames are in order: the last stays.
                received.insert((listener.connection.id, user, is_typing), frame.at);
            }
        }
    }
    let mut state: AHashMap<(&str, i64), bool> = AHashMap::new();
    for Typed { by, frame, is_typing } in typed(input) {
        let Some(room) = input.model.rooms.get(&by.connection.room) else { continue };
        // What says nothing new may be left out.
        if state.insert((&room.id, by.user), is_typing) == Some(is_typing) {
            continue;
        }
        for listener in input.model.sockets.in_room(&room.id) {
            if listener.user == by.user || listener.established >= frame.at {
                continue;
            }
            let last = received.get(&(listener.connection.id, by.user, is_typing));
            let has_come = last.is_some_and(|last| *last >= frame.at);
            let sent = (by.user, by.handed(frame.at));
            expect_delivery(input, room, sent, listener, has_come, context, || {
                let (from, to) = (&by.connection.actor, &listener.connection.actor);
                Violation::new(
                    format!("typing with is_typing {is_typing}"),
                    format!("{to} is told of {from}: is_typing {is_typing}"),
                    "no such event came",
                )
                .evidence((by.connection, frame))
                .evidence(listener.connection)
            });
        }
    }
}

pub(super) fn not_to_typist<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let typed = typed(input);
    // Who types on more than one socket may be told, on each, of the others.
    let mut typists: AHashMap<(&str, i64), Vec<ConnectionId>> = AHashMap::new();
    for Typed { by, .. } in &typed {
        let connections = typists.entry((&by.connection.room, by.user)).or_default();
        if !connections.contains(&by.connection.id) {
            connections.push(by.connection.id);
        }
    }
    let mut own: AHashMap<ConnectionId, (&Typed<'h>, Option<&'h Frame>)> = AHashMap::new();
    for sent in &typed {
        let by = sent.by;
        let is_alone = typists[&(by.connection.room.as_str(), by.user)].len() == 1;
        if !is_alone || !input.model.rooms.contains_key(&by.connection.room) {
            continue;
        }
        let (first, told) = *own.entry(by.connection.id).or_insert_with(|| {
            let mut events = by.received(ServerEvent::Typing);
            let told = events.find(|(frame, event)| {
                frame.at > sent.frame.at
                    && event.get("user_id").and_then(Value::as_i64) == Some(by.user)
            });
            (sent, told.map(|(frame, _)| frame))
        });
        if told.is_none() && input.model.sockets.is_unanswered(by, sent.frame.at).is_none() {
            context.inconclusive(super::TOO_SHORT);
            continue;
        }
        context.check(told.is_none(), || {
            let who = &by.connection.actor;
            let violation = Violation::new(
                "typing to the typist",
                format!("{who} is not told that {who} types"),
                "the event came back on the same connection",
            )
            .evidence((by.connection, first.frame));
            told.into_iter()
                .fold(violation, |violation, frame| violation.evidence((by.connection, frame)))
        });
    }
}

pub(super) fn right<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    // When each user first sent a `typing` in each room that may mean so; what is mistyped may mean both,
    // and who typed may be said to have stopped by the server itself.
    let mut earliest: AHashMap<(&str, i64, bool), Nanoseconds> = AHashMap::new();
    for connection in &input.history.connections {
        let Some(user) = input.model.user_id(&connection.actor) else { continue };
        for frame in connection.sent().filter(|it| it.kind() == Some(ClientEvent::Typing.id())) {
            let said = frame.json().and_then(|json| json.get("is_typing")?.as_bool());
            for meaning in [true, false] {
                if said != Some(!meaning) || !meaning {
                    let key = (connection.room.as_str(), user, meaning);
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
            let user = member(event, "user_id", Value::as_i64, context);
            let is_typing = member(event, "is_typing", Value::as_bool, context);
            let Some((user, is_typing)) = user.zip(is_typing) else { continue };
            let first = earliest.get(&(connection.room.as_str(), user, is_typing));
            context.check(first.is_some_and(|first| *first <= frame.at), || {
                Violation::new(
                    "typing user_id",
                    format!("is_typing {is_typing} is of a member who sent it"),
                    format!("user_id is {user}, who had not"),
                )
                .evidence((connection, frame))
            });
            let shown = member(event, "username", Value::as_str, context);
            let name = input.model.actor(user).and_then(username);
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
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    fn sockets(lines: &[&str]) -> String {
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            [3..3] alice@r1 open
            [4..4] bob@r1 open
            [5..5] alice@r1 -> {{"type": "typing", "is_typing": true}}
            {}
            "#,
            lines.join("\n")
        )
    }

    const TOLD: &str = r#"[6..6] bob@r1 <- @typing {"user_id": 1, "username": "alice"}"#;
    const LATER: &str = "[200..201] alice rooms.list => 200 {}";
    /// A message of alice's that comes back, and then one that bob receives.
    const FENCE: &str = r#"
        [10..10] alice@r1 -> {"type": "chat_message", "message": "a"}
        [11..11] alice@r1 <- @chat_message {"message": {"id": "$m1", "content": "a", "sender": {"id": 1}}}
        [12..13] alice messages.send {"room": "$r1", "content": "b"} => 201 @message {"id": "$m2"}
        [14..14] bob@r1 <- @chat_message {"message": {"id": "$m2", "content": "b", "sender": {"id": 1}}}
    "#;

    #[test]
    fn typing_reaches_the_others() {
        let rule = "socket/typing-reaches-others";
        let again = r#"[7..7] alice@r1 -> {"type": "typing", "is_typing": true}"#;
        let stop = r#"[7..7] alice@r1 -> {"type": "typing", "is_typing": false}"#;
        assert_states(&[
            (rule, Held, &sockets(&[TOLD, LATER])),
            (rule, Held, &sockets(&[TOLD, again, LATER])),
            (rule, Broken, &sockets(&[TOLD, stop, LATER])),
            (rule, Broken, &sockets(&[LATER])),
            (rule, Broken, &sockets(&[FENCE])),
            (rule, Broken, &sockets(&[&TOLD.replace("\"user_id\": 1", "\"user_id\": 2"), LATER])),
            (rule, Undecided, &sockets(&[])),
            (rule, Undecided, &sockets(&["[10..10] bob@r1 close", LATER])),
            (rule, Undecided, &sockets(&["[5..5] alice@r1 close", LATER])),
            (rule, NotExercised, &sockets(&["[6..9] bob rooms.leave $r1 => ?", LATER])),
        ]);
    }

    #[test]
    fn the_typist_is_not_told() {
        let rule = "socket/typing-not-to-typist";
        let own = r#"[6..6] alice@r1 <- @typing {"user_id": 1, "username": "alice"}"#;
        let elsewhere = r#"
            [4..4] alice/2@r1 open
            [5..5] alice/2@r1 -> {"type": "typing", "is_typing": true}
        "#;
        assert_states(&[
            (rule, Held, &sockets(&[TOLD, LATER])),
            (rule, Held, &sockets(&[FENCE])),
            (rule, Broken, &sockets(&[own])),
            (rule, Undecided, &sockets(&[TOLD])),
            (rule, NotExercised, &sockets(&[elsewhere, own, LATER])),
        ]);
    }

    #[test]
    fn typing_names_who_types() {
        let rule = "socket/typing-right";
        let event =
            |fields: &str| TOLD.replace("\"user_id\": 1", &format!("\"user_id\": 1{fields}"));
        assert_states(&[
            (rule, Held, &sockets(&[TOLD])),
            (rule, Held, &sockets(&[TOLD, &event(r#", "is_typing": false"#)])),
            (rule, Broken, &sockets(&[&TOLD.replace("alice", "carol")])),
            (rule, Broken, &sockets(&[&event(r#", "user_id": 3"#)])),
            (rule, Broken, &sockets(&[&TOLD.replace("[6..6]", "[4..4]")])),
            (rule, Undecided, &sockets(&[&event(r#", "user_id": "$absent""#)])),
        ]);
    }
}
