//! Checks that `mark_room_read` is answered with `room_marked_read` for the room of the socket. The
//! answer is missing only if something that was sent later was answered, or the socket stayed open
//! long enough, and if the user is certainly a member of the active room all the while.

use hearback_contract::{ClientEvent, RequirementId, RoomRef, ServerEvent};
use hearback_history::Interval;

use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::member;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketRoomMarkedRead, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listener in input.model.sockets.all() {
        let connection = listener.connection;
        let Some(room) = input.model.rooms.get(&connection.room) else { continue };
        let confirmed: Vec<_> = listener.received(ServerEvent::RoomMarkedRead).collect();
        let marks = listener.sent().filter(|it| it.sends(ClientEvent::MarkRoomRead));
        for mark in marks {
            let next = confirmed.partition_point(|(frame, _)| frame.at < mark.at);
            if let Some((frame, event)) = confirmed.get(next) {
                let Some(id) = member(event, "room_id", RoomRef::from_json, context) else {
                    continue;
                };
                context.check(id.eq_ignore_ascii_case(room.id.borrowed()), || {
                    Violation::new(
                        "room_marked_read room_id",
                        format!("room_id is {}", room.id),
                        format!("room_id is {id}"),
                    )
                    .evidence((connection, mark))
                    .evidence((connection, *frame))
                });
                continue;
            }
            let Some(over) = input.model.sockets.silence_proven_at(listener, mark.at) else {
                context.inconclusive(Reason::ObservedTooBriefly);
                continue;
            };
            let meanwhile = Interval { invoked: mark.at, returned: over };
            if listener.is_entitled(room, meanwhile) && room.surely_active(meanwhile) {
                context.check(false, || {
                    Violation::new(
                        "mark_room_read",
                        format!("{} receives room_marked_read", connection.actor),
                        "no confirmation arrived",
                    )
                    .evidence((connection, mark))
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::read_marks::testing::{CONFIRMED, MARK, sockets};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const LATER: &str = "[200..201] alice rooms.list => 200 {}";

    const ECHO: &str = r#"
        [12..12] bob@r1 -> {"type": "chat_message", "message": "b"}
        [13..13] bob@r1 <- @chat_message {"message": {"id": "$m2", "content": "b", "sender": {"id": 2}}}
    "#;

    #[test]
    fn marks_of_rooms_are_confirmed() {
        let rule = "socket/room-marked-read";
        let same = r#"[7..9] bob messages.send {"room": "$r1", "content": "b"} => ?"#;
        assert_states(&[
            (rule, Held, &sockets(&[MARK, CONFIRMED])),
            (rule, Broken, &sockets(&[MARK, LATER])),
            (rule, Broken, &sockets(&[MARK, &CONFIRMED.replace("$r1", "$r2")])),
            (rule, Undecided, &sockets(&[MARK])),
            (rule, NotExercised, &sockets(&[MARK, "[9..30] bob rooms.leave $r1 => ?", LATER])),
            // The echo proves that the mark was handled, unless another message has the same text.
            (rule, Broken, &sockets(&[MARK, ECHO])),
            (rule, Undecided, &sockets(&[MARK, ECHO, same])),
        ]);
    }
}
