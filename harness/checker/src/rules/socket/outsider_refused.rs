//! Rule `socket/outsider-refused`.

use hearback_contract::RequirementId;

use super::handshakes::{expect_refusal, handshakes, opening};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketOutsiderRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (connection, user) in handshakes(input) {
        let Some(room) = input.model.rooms.get(connection.room.as_str()) else { continue };
        let (opening, interval) = opening(input, connection);
        if room.creation.interval().precedes(interval) && room.surely_outside(user, interval) {
            let expected = format!("{}, who is not in the room, gets no socket", connection.actor);
            expect_refusal(connection, opening, expected, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::handshakes::testing::in_room;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn others_do_not() {
        let rule = "socket/outsider-refused";
        let left = "bob rooms.leave $r1 => 200 {}";
        assert_states(&[
            (rule, Held, &in_room("carol@r1 refused 404")),
            (rule, Held, &in_room("carol@r1 mute-open\ncarol@r1 close 4003")),
            (rule, Broken, &in_room("carol@r1 open")),
            (rule, Broken, &in_room(&format!("{left}\nbob@r1 open"))),
            (rule, NotExercised, &in_room(&format!("bob@r1 open\n{left}"))),
            (
                rule,
                NotExercised,
                &in_room("[10..90] bob rooms.leave $r1 => ?\n[95..96] bob@r1 open"),
            ),
        ]);
    }
}
