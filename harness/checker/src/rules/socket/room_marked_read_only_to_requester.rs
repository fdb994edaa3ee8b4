//! Rule `socket/room-marked-read-only-to-requester`.

use hearback_contract::{RequirementId, ServerEvent};

use super::read_marks::Marks;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::SocketRoomMarkedReadOnlyToRequester, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let marks = Marks::of(input);
    for listener in input.model.sockets.all() {
        let connection = listener.connection;
        if !input.model.rooms.contains_key(connection.room.as_str()) {
            continue;
        }
        for (frame, _) in listener.received(ServerEvent::RoomMarkedRead) {
            let mut asked = marks.of_room(listener.user, connection.room.as_str());
            context.check(asked.any(|mark| mark.at <= frame.at), || {
                Violation::new(
                    "room_marked_read to others",
                    "the confirmation goes to who marked the room only",
                    format!("{} got one without having marked it", connection.actor),
                )
                .evidence((connection, frame))
            });
        }
    }
}
