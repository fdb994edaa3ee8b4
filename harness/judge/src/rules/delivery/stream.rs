//! What one socket receives: once, of its own room, and nothing older than itself.

use std::collections::{HashMap, HashSet};

use hearback_contract::ServerEvent;
use hearback_history::{Frame, Interval};
use serde_json::Value;

use super::attempts::Attempt;
use super::{Attempts, place};
use crate::examination::{Breach, Examination, Witness};
use crate::rule::Case;
use crate::rules::answer::quoted;
use crate::world::{Listener, Message};

/// Every received message with an id, on sockets to rooms of this run.
fn received<'h>(
    case: Case<'h>,
) -> impl Iterator<Item = (&'h Listener<'h>, &'h Frame, &'h Value, &'h str)> {
    let listeners = case.world.sockets.all();
    let own =
        listeners.filter(move |listener| case.world.rooms.contains_key(&listener.connection.room));
    own.flat_map(|listener| {
        listener.received(ServerEvent::ChatMessage).filter_map(move |(frame, event)| {
            let message = event.get("message")?;
            Some((listener, frame, message, message.get("id")?.as_str()?))
        })
    })
}

/// Whether a message may be told again because it was altered (edits-over-socket).
pub(in crate::rules) fn is_retold(
    value: &Value,
    message: Option<&Message<'_>>,
    frame: &Frame,
) -> bool {
    let at = Interval { invoked: frame.at, returned: frame.at };
    let is_altered =
        |message: &Message<'_>| message.is_edited(at) != Some(false) || message.maybe_deleted(at);
    value.get("is_edited") == Some(&Value::Bool(true)) || message.is_some_and(is_altered)
}

pub(super) fn no_duplicate<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    let mut first: HashMap<(u64, &str), &Frame> = HashMap::new();
    for (listener, frame, value, id) in received(case) {
        let connection = listener.connection;
        let earlier = first.get(&(connection.id.0, id)).copied();
        first.entry((connection.id.0, id)).or_insert(frame);
        if earlier.is_some() && is_retold(value, case.world.messages.get(id), frame) {
            continue;
        }
        examination.check(earlier.is_none(), || {
            let breach = Breach::new(
                "chat_message received again",
                format!("{} receives message {id} once on one socket", connection.actor),
                format!("it came again, {}", quoted(text(value))),
            );
            earlier
                .map(|earlier| Witness::from((connection, earlier)))
                .into_iter()
                .fold(breach, Breach::seen_in)
                .seen_in((connection, frame))
        });
    }
    one_id(case, examination);
}

/// One message sent has one id.
fn one_id<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    let attempts = Attempts::of(case);
    let mut ids: HashMap<&str, &str> = HashMap::new();
    for sighting in &case.world.sightings {
        let (Some(id), Some(content)) = (sighting.id(), sighting.content()) else { continue };
        let Some(attempt) = attempts.only(content) else { continue };
        // What another message says is another requirement's business, as is where it says it.
        let is_other = case.world.messages.contains_key(id) && attempt.id != Some(id);
        if is_other || place(sighting) != attempt.room || attempt.refused().is_some() {
            continue;
        }
        let known = *ids.entry(content.trim()).or_insert(attempt.id.unwrap_or(id));
        if known != id {
            examination.check(false, || {
                Breach::new(
                    "one message under two ids",
                    format!("{}, sent once, has one id: {known}", quoted(content)),
                    format!("{} shows it as {id}", sighting.place()),
                )
                .seen_in(attempt.witness)
                .seen_in(sighting.witness)
            });
        }
    }
}

pub(super) fn no_leak<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    let attempts = Attempts::of(case);
    for (listener, frame, value, id) in received(case) {
        let connection = listener.connection;
        let known = case.world.messages.get(id);
        if known.is_some_and(|message| case.world.is_doubtful(message)) {
            continue;
        }
        let attempt = attempts.only(text(value)).filter(|attempt| attempt.refused().is_none());
        let (room, origin) = match (known, attempt) {
            (Some(message), _) => (message.room.as_str(), Witness::from(message.origin)),
            // One that came nowhere but here is known by its text.
            (None, Some(Attempt { room: Some(room), witness, id: None, .. })) => (*room, *witness),
            _ => continue,
        };
        examination.check(room == connection.room, || {
            Breach::new(
                "chat_message of another room",
                format!(
                    "{} was sent to room {room} and is received there only",
                    quoted(text(value))
                ),
                format!("{} received it on a socket to room {}", connection.actor, connection.room),
            )
            .seen_in(origin)
            .seen_in((connection, frame))
        });
    }
}

pub(super) fn not_before_joining<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    let mut told = HashSet::new();
    for (listener, frame, value, id) in received(case) {
        let connection = listener.connection;
        let Some(message) = case.world.messages.get(id) else { continue };
        let is_first = told.insert((connection.id, id));
        if !is_first || case.world.is_doubtful(message) || is_retold(value, Some(message), frame) {
            continue;
        }
        examination.check(message.sent.returned >= connection.invoked, || {
            Breach::new(
                "chat_message from before the socket",
                format!(
                    "{} was acknowledged before {} opened the socket and is not received on it",
                    quoted(text(value)),
                    connection.actor
                ),
                "it was received",
            )
            .seen_in(message.origin)
            .seen_in(connection)
            .seen_in((connection, frame))
        });
    }
}

fn text(message: &Value) -> &str {
    message.get("content").and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    /// Rooms `r1` and `r2` of alice and bob, with a socket of each to `r1`.
    const ROOMS: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        [3..4] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r2"}
        [5..5] alice@r1 open
        [6..6] bob@r1 open
    "#;

    fn received(who: &str, id: &str, text: &str, fields: &str) -> String {
        format!(
            r#"{who}@r1 <- @chat_message {{"message": {{"id": "${id}", "room_id": "$r1", "content": "{text}"{fields}}}}}"#
        )
    }

    fn lines(lines: &[&str]) -> String {
        format!("{ROOMS}\n{}", lines.join("\n"))
    }

    const SEND: &str = r#"alice@r1 -> {"type": "chat_message", "message": "a"}"#;

    #[test]
    fn each_message_is_received_once() {
        const RULE: &str = "delivery/no-duplicate";
        let (one, again) = (received("bob", "m1", "a", ""), received("bob", "m1", "a", ""));
        let other = received("alice", "m1", "a", "");
        let edited = received("bob", "m1", "b", r#", "is_edited": true"#);
        let edit = r#"alice messages.edit $m1 {"content": "b"} => ?"#;
        let renamed = received("bob", "m2", "a", "");
        let rest = r#"alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1", "content": "a"}"#;
        assert_states(&[
            (RULE, Held, &lines(&[SEND, &one, &other])),
            (RULE, Broken, &lines(&[SEND, &one, &again])),
            (RULE, Held, &lines(&[SEND, &one, edit, &edited])),
            (RULE, Held, &lines(&[SEND, &one, edit, &again])),
            (RULE, Held, &lines(&[SEND, &one, "alice messages.delete $m1 => ?", &again])),
            // One text that was sent once has one id, by whichever way it came; sent twice, it has two.
            (RULE, Broken, &lines(&[SEND, &other, &renamed])),
            (RULE, Broken, &lines(&[rest, &renamed])),
            (RULE, Held, &lines(&[SEND, SEND, &other, &renamed])),
            (RULE, Held, &lines(&[rest, SEND, &renamed])),
            (RULE, NotExercised, &lines(&[SEND])),
        ]);
    }

    #[test]
    fn messages_stay_in_their_room() {
        const RULE: &str = "delivery/no-leak";
        let elsewhere = r#"alice messages.send {"room": "$r2", "content": "a"} => 201 @message {"id": "$m1", "room": "$r2"}"#;
        let lost = r#"alice messages.send {"room": "$r2", "content": "a"} => ?"#;
        let one = received("bob", "m1", "a", "");
        assert_states(&[
            (RULE, Held, &lines(&[SEND, &one])),
            (RULE, Broken, &lines(&[elsewhere, &one])),
            (
                RULE,
                Broken,
                &lines(&[elsewhere, &received("bob", "m1", "a", r#", "room_id": "$r2""#)]),
            ),
            // Whatever its id, nobody said this here.
            (RULE, Broken, &lines(&[lost, &one])),
            // Said in both, it may be of either.
            (RULE, Held, &lines(&[lost, SEND, &one])),
            (RULE, NotExercised, &lines(&[&one])),
        ]);
    }

    #[test]
    fn nothing_older_than_the_socket_is_received() {
        const RULE: &str = "delivery/not-before-joining";
        let sent = r#"[10..20] alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1"}"#;
        let open = |at: u64| format!("[{at}..{at}] bob/2@r1 open");
        let got = received("bob/2", "m1", "a", "");
        let edited = received("bob/2", "m1", "a", r#", "is_edited": true"#);
        assert_states(&[
            (RULE, Held, &lines(&[sent, &open(15), &got])),
            (RULE, Broken, &lines(&[sent, &open(25), &got])),
            (RULE, NotExercised, &lines(&[sent, &open(25), &edited])),
            (RULE, NotExercised, &lines(&[sent, &open(25)])),
        ]);
    }
}
