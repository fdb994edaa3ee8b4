//! Checks that users who are certainly not members of a room do not get `connection_established`
//! for it. Closing the connection after the handshake is a rejection, too. Inconclusive handshakes
//! are skipped.

use hearback_contract::RequirementId;

use super::handshakes::{expect_rejection, handshakes, opening};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketOutsiderRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (connection, user) in handshakes(input) {
        let Some(room) = input.model.rooms.get(&connection.room) else { continue };
        let (opening, interval) = opening(input, connection);
        if room.creation.interval().precedes(interval) && room.surely_outside(user, interval) {
            let expected = format!(
                "{}, who is not a member of the room, cannot open a socket",
                connection.actor
            );
            expect_rejection(connection, opening, expected, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::handshakes::testing::in_room;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn outsiders_cannot_open_sockets() {
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
