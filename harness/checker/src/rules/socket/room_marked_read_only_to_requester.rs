//! Checks that `room_marked_read` is sent only to users who marked the room before.

use hearback_contract::{RequirementId, ServerEvent};

use super::read_marks::Marks;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::SocketRoomMarkedReadOnlyToRequester, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let marks = Marks::of(input);
    for listener in input.model.sockets.all() {
        let connection = listener.connection;
        if !input.model.rooms.contains_key(&connection.room) {
            continue;
        }
        for (frame, _) in listener.received(ServerEvent::RoomMarkedRead) {
            let mut marked = marks.of_room(listener.user, connection.room.borrowed());
            context.check(marked.any(|mark| mark.at <= frame.at), || {
                Violation::new(
                    "room_marked_read to others",
                    "the confirmation is sent only to the user who marked the room",
                    format!("{} received one without having marked the room", connection.actor),
                )
                .evidence((connection, frame))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::read_marks::testing::{CONFIRMED, MARK, sockets};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn only_the_requester_receives_the_confirmation() {
        let elsewhere = CONFIRMED.replace("bob", "alice");
        let rule = "socket/room-marked-read-only-to-requester";
        assert_states(&[
            (rule, Held, &sockets(&[MARK, CONFIRMED])),
            (rule, Broken, &sockets(&[MARK, CONFIRMED, &elsewhere])),
            (rule, NotExercised, &sockets(&[MARK])),
        ]);
    }
}
