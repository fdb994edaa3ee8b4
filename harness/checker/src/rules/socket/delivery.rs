//! Messages on their way: to the others, back to the sender, and into the history.

use ahash::{AHashMap, AHashSet};
use hearback_contract::{ClientEvent, Operation, schemas};
use hearback_history::{Call, Interval};

use super::{TOO_SHORT, expect_delivery};
use crate::model::{Message, Origin, PendingEvent, Room, SocketSend};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{quoted, refusal};
use crate::rules::text::{self, ORDINARY_LENGTH};

/// Messages sent by socket that nothing in the document lets a server refuse, with their room.
pub(super) fn ordinary<'h>(
    input: RuleInput<'h>,
) -> impl Iterator<Item = (&'h SocketSend<'h>, &'h Room<'h>)> {
    let invalid_frames: AHashSet<u64> =
        input.model.invalid_frames.iter().map(|invalid_frames| invalid_frames.frame.seq).collect();
    let schema = schemas::client_event(ClientEvent::ChatMessage);
    input.model.socket_sends.iter().filter_map(move |send| {
        let room = input.model.rooms.get(&send.connection.room)?;
        let is_answerable = send.reply_to.is_none_or(|id| {
            input.model.messages.get(id).is_some_and(|answered| answered.deletions.is_empty())
        });
        // One that does not fit and has no invalid_frame may be taken or not (lenient-values).
        let fits = || send.frame.json().is_some_and(|event| schema.is_valid(event));
        let is_ordinary = !invalid_frames.contains(&send.frame.seq)
            && fits()
            && send.is_distinct
            && send.text.chars().count() <= ORDINARY_LENGTH
            && text::is_ordinary(send.text)
            && is_answerable;
        is_ordinary.then_some((send, room))
    })
}

pub(super) fn reaches_others<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (send, room) in ordinary(input) {
        let Some(source) = input.model.sockets.listener(send.connection) else { continue };
        let message = send.id.as_deref().and_then(|id| input.model.messages.get(id));
        if message.is_some_and(|message| !message.deletions.is_empty()) {
            continue;
        }
        let handed = source.handed(send.frame.at);
        let seen = message.map(|message| message.sent.returned);
        let handed = PendingEvent { handled: seen.or(handed.handled), ..handed };
        for listener in input.model.sockets.in_room(&room.id) {
            if listener.user == source.user || listener.established >= send.frame.at {
                continue;
            }
            let has_come = send.id.as_deref().is_some_and(|id| listener.message(id).is_some());
            let sent = (source.user, handed);
            expect_delivery(input, room, sent, listener, has_come, context, || {
                let to = &listener.connection.actor;
                Violation::new(
                    "chat_message to others",
                    format!(
                        "{to} receives {}, which {} sent",
                        quoted(send.text),
                        send.connection.actor
                    ),
                    format!("{to}'s socket never received it"),
                )
                .evidence((send.connection, send.frame))
                .evidence(listener.connection)
            });
        }
    }
}

pub(super) fn reaches_sender<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (send, room) in ordinary(input) {
        let Some(source) = input.model.sockets.listener(send.connection) else { continue };
        if send.echo.is_none() {
            let Some(over) = input.model.sockets.is_unanswered(source, send.frame.at) else {
                context.inconclusive(TOO_SHORT);
                continue;
            };
            let meanwhile = Interval { invoked: send.frame.at, returned: over };
            if !source.is_entitled(room, meanwhile) || !room.surely_active(meanwhile) {
                continue;
            }
        }
        context.check(send.echo.is_some(), || {
            Violation::new(
                "chat_message to its sender",
                format!("{} receives its own {}", send.connection.actor, quoted(send.text)),
                "it never came back on that connection",
            )
            .evidence((send.connection, send.frame))
        });
    }
}

pub(super) fn rest_message<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for message in input.model.messages.values() {
        let Origin::Rest(call) = message.origin else { continue };
        let Some(room) = input.model.rooms.get(&message.room) else { continue };
        let Some(sender) = input.model.user_id(&message.sender) else { continue };
        if !message.deletions.is_empty() {
            continue;
        }
        let answered = message.sent.returned;
        let handed =
            PendingEvent { at: answered, on: None, handled: Some(answered), until: u64::MAX };
        for listener in input.model.sockets.in_room(&room.id) {
            if listener.established >= call.invoked {
                continue;
            }
            let has_come = listener.message(&message.id).is_some();
            expect_delivery(input, room, (sender, handed), listener, has_come, context, || {
                let to = &listener.connection.actor;
                Violation::new(
                    "messages.send to sockets",
                    format!(
                        "{to}'s socket receives the message that {} sent by REST",
                        message.sender
                    ),
                    "it never came",
                )
                .evidence(call)
                .evidence(listener.connection)
            });
        }
    }
}

pub(super) fn listed<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut by_room: AHashMap<&str, Vec<(&SocketSend<'h>, &Message<'h>)>> = AHashMap::new();
    let mut by_id: AHashMap<&str, &SocketSend<'h>> = AHashMap::new();
    for send in &input.model.socket_sends {
        let Some(id) = send.id.as_deref().filter(|_| send.echo.is_some()) else { continue };
        let Some(message) = input.model.messages.get(id) else { continue };
        by_room.entry(&message.room).or_default().push((send, message));
        by_id.insert(id, send);
    }
    let reads = input.history.calls.iter().filter(|call| {
        matches!(call.operation(), Some(Operation::MessagesGet | Operation::MessagesList))
    });
    for call in reads.filter(|call| call.is_authorized()) {
        let Some(room) = input.model.room_of(call) else { continue };
        let Some(user) = input.model.user_id(&call.invocation.actor) else { continue };
        // What was sent before somebody joined may be hidden from them.
        let expected = |send: &SocketSend<'h>, message: &Message<'h>| {
            let sight = Interval { invoked: send.frame.at, ..call.interval() };
            send.echo.is_some_and(|echo| echo.at < call.invoked)
                && !message.maybe_deleted(call.interval())
                && room.surely_member(user, sight)
        };
        let violation = |send: &SocketSend<'h>, actual: String| {
            let violation = Violation::new(
                format!("chat_message in {}", call.operation().map_or("", Operation::id)),
                format!("{}, sent by socket, is in the history", quoted(send.text)),
                actual,
            )
            .evidence((send.connection, send.frame));
            let echoes = send.echo.into_iter();
            echoes.fold(violation, |it, echo| it.evidence((send.connection, echo))).evidence(call)
        };
        if call.operation() == Some(Operation::MessagesGet) {
            let sent =
                call.subject().and_then(|id| Some((by_id.get(id)?, input.model.messages.get(id)?)));
            let Some((send, _)) = sent.filter(|(send, message)| expected(send, message)) else {
                continue;
            };
            let is_gone = matches!(call.status(), Some(403 | 404));
            if call.succeeded() || is_gone {
                context.check(!is_gone, || violation(send, refusal(call)));
            }
        } else if let Some(ids) = complete_list(call) {
            for (send, message) in by_room.get(room.id.as_str()).into_iter().flatten() {
                if expected(send, message) {
                    context.check(ids.contains(message.id.as_str()), || {
                        violation(send, format!("{} messages listed, this one not", ids.len()))
                    });
                }
            }
        }
    }
}

/// Ids of the listed messages, if the page says that it holds all of them.
fn complete_list(call: &Call) -> Option<AHashSet<&str>> {
    let body = call.success()?;
    let items = call.items()?;
    let is_whole = body.get("next")?.is_null()
        && body.get("previous")?.is_null()
        && body.get("count")?.as_u64() == Some(items.len() as u64);
    is_whole.then(|| items.iter().filter_map(|item| item.get("id")?.as_str()).collect())
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    /// A room with a socket of alice's and one of bob's; silence counts from 50 ms on.
    fn sockets(lines: &str) -> String {
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            [3..3] alice@r1 open
            [4..4] bob@r1 open
            {lines}
            "#
        )
    }

    fn received(at: u64, who: &str, id: &str, fields: &str) -> String {
        format!(
            r#"[{at}..{at}] {who}@r1 <- @chat_message {{"message": {{"id": "${id}", "room_id": "$r1", "content": "{id}", "sender": {{"id": 1, "username": "alice"}}{fields}}}}}"#
        )
    }

    fn sent(at: u64, id: &str) -> String {
        format!(r#"[{at}..{at}] alice@r1 -> {{"type": "chat_message", "message": "{id}"}}"#)
    }

    fn lines(lines: &[&str]) -> String {
        sockets(&lines.join("\n"))
    }

    const LATER: &str = "[200..201] alice rooms.list => 200 {}";

    #[test]
    fn a_message_reaches_the_other_members() {
        let rule = "socket/message-reaches-others";
        let (a, b) = (sent(10, "m1"), sent(20, "m2"));
        let own = [received(11, "alice", "m1", ""), received(21, "alice", "m2", "")];
        let (first, second) = (received(12, "bob", "m1", ""), received(22, "bob", "m2", ""));
        let meanwhile = format!(
            r#"[11..12] bob messages.send {{"room": "$r1", "content": "m2"}} => 201 @message {{"id": "$m2"}}
            {second}"#
        );
        assert_states(&[
            (rule, Held, &lines(&[&a, &own[0], &first])),
            // A fence that was sent after the echo shows that the first was lost.
            (rule, Broken, &lines(&[&a, &own[0], &b, &own[1], &second])),
            // And one that was sent later on the same connection, but none that another sent meanwhile.
            (rule, Broken, &lines(&[&a, &b, &own[0], &own[1], &second])),
            (rule, Undecided, &lines(&[&a, &meanwhile, &received(22, "alice", "m1", "")])),
            (rule, Undecided, &lines(&[&a, &own[0]])),
            (rule, Broken, &lines(&[&a, &own[0], LATER])),
            (rule, Undecided, &lines(&[&a, &own[0], "[30..30] bob@r1 close", LATER])),
            (
                rule,
                NotExercised,
                &lines(&[&a, &own[0], "[30..40] bob rooms.leave $r1 => ?", LATER])
                    .replace("bob@r1 open", "carol@r1 open"),
            ),
        ]);
        // One of two with the same text may be the one sent before.
        let alike = |text: &str| {
            let before =
                format!(r#"[8..9] bob messages.send {{"room": "$r1", "content": "{text}"}} => ?"#);
            lines(&[&before, &a, &own[0], &b, &second])
        };
        assert_states(&[(rule, Undecided, &alike("m2")), (rule, Broken, &alike("m3"))]);
        // A socket that was let in before its user left and came back may be deaf.
        let back = r#"
            [5..6] bob rooms.leave $r1 => 200 {}
            [7..8] alice participants.add {"room": "$r1", "user": 2} => 201 @participant"#;
        let at = |handshake: &str| {
            let socket = format!(
                r#"{handshake} bob@r1 mute-open
                [9..9] bob@r1 <- @connection_established {{"room_id": "$r1", "user_id": 2}}"#
            );
            lines(&[back, &a, &own[0], LATER]).replace("[4..4] bob@r1 open", &socket)
        };
        let [outlived, new] = ["[4..4]", "[9..9]"].map(at);
        assert_states(&[(rule, NotExercised, &outlived), (rule, Broken, &new)]);
        // Who leaves meanwhile need not receive it.
        let leaving = lines(&[&a, &own[0], "[12..40] bob rooms.leave $r1 => 200 {}", LATER]);
        assert_states(&[(rule, NotExercised, &leaving)]);
    }

    #[test]
    fn a_message_comes_back_to_its_sender() {
        let rule = "socket/message-reaches-sender";
        let (a, b) = (sent(10, "m1"), sent(20, "m2"));
        assert_states(&[
            (rule, Held, &lines(&[&a, &received(11, "alice", "m1", "")])),
            (rule, Broken, &lines(&[&a, &b, &received(21, "alice", "m2", "")])),
            (rule, Broken, &lines(&[&a, &received(12, "bob", "m1", ""), LATER])),
            (rule, Undecided, &lines(&[&a, "[11..11] alice@r1 close", LATER])),
            (
                rule,
                NotExercised,
                &lines(&[&a, "[9..20] alice rooms.archive $r1 => 200 @room", LATER]),
            ),
        ]);
    }

    #[test]
    fn a_message_by_rest_reaches_sockets() {
        let rule = "socket/rest-message-delivered";
        let send = r#"[10..20] bob messages.send {"room": "$r1", "content": "m1"} => 201 @message {"id": "$m1"}"#;
        let (alice, bob) = (received(15, "alice", "m1", ""), received(16, "bob", "m1", ""));
        assert_states(&[
            (rule, Held, &lines(&[send, &alice, &bob])),
            (rule, Broken, &lines(&[send, &alice, LATER])),
            (rule, Undecided, &lines(&[send])),
            (rule, NotExercised, &lines(&[&send.replace("[10..20]", "[2..20]"), LATER])),
        ]);
    }

    #[test]
    fn a_message_by_socket_is_in_the_history() {
        let rule = "socket/message-listed";
        let list = |at: &str, items: &[&str]| {
            let items: Vec<_> =
                items.iter().map(|id| format!(r#"@message {{"id": "{id}"}}"#)).collect();
            format!(
                r#"{at} bob messages.list ?room=$r1 => 200 {{"count": {}, "next": null, "previous": null, "results": [{}]}}"#,
                items.len(),
                items.join(", ")
            )
        };
        let (a, back) = (sent(10, "m1"), received(20, "alice", "m1", ""));
        assert_states(&[
            (rule, Held, &lines(&[&a, &back, &list("[30..31]", &["$m1"])])),
            (rule, Broken, &lines(&[&a, &back, &list("[30..31]", &["$m7"])])),
            (rule, NotExercised, &lines(&[&a, &back, &list("[15..31]", &[])])),
            (rule, Held, &lines(&[&a, &back, "[30..31] bob messages.get $m1 => 200 @message"])),
            (rule, Broken, &lines(&[&a, &back, "[30..31] bob messages.get $m1 => 404 @error"])),
            (
                rule,
                NotExercised,
                &lines(&[
                    &a,
                    &back,
                    "[25..40] alice messages.delete $m1 => 200 @message",
                    "[30..31] bob messages.get $m1 => 404 @error",
                ]),
            ),
        ]);
    }
}
