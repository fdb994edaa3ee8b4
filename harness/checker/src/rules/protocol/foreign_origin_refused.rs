//! Checks that a member's handshake with the origin of another site opens no socket. Only members are considered, and
//! only with a valid token: other handshakes are rejected for another reason.

use hearback_contract::RequirementId;
use hearback_history::{CloseOrigin, Handshake, Interval};

use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::ProtocolForeignOriginRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for connection in &input.history.connections {
        let Some(origin) = connection.origin.as_deref() else { continue };
        let room = input.model.rooms.get(&connection.room);
        let user = input.model.user_id(&connection.actor);
        let (Some(room), Some(user)) = (room, user) else { continue };
        let established = connection.established();
        let until = established.map_or(connection.invoked, |frame| frame.at);
        let meanwhile = Interval { invoked: connection.invoked, returned: until };
        if !connection.credential.kind.is_valid() || !room.surely_member(user, meanwhile) {
            continue;
        }
        let is_refused = match (&connection.handshake, &connection.closed) {
            (Handshake::Refused { status: Some(400..500), .. }, _) => true,
            (Handshake::Accepted { .. }, Some(closing)) => {
                closing.by == CloseOrigin::Server && !closing.is_unavailability()
            }
            _ => false,
        };
        if established.is_none() && !is_refused {
            context.inconclusive(Reason::HandshakePending);
            continue;
        }
        context.check(established.is_none(), || {
            Violation::new(
                "handshake",
                format!("the handshake with the origin {origin} is rejected"),
                "connection_established arrived",
            )
            .evidence(connection)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::protocol::probes::testing::socket;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn pages_of_other_sites_open_no_socket() {
        let rule = "protocol/foreign-origin-refused";
        assert_states(&[
            (rule, Held, &socket(&["bob@r1 refused 403 from https://attacker.example"])),
            (rule, Broken, &socket(&["bob@r1 open from https://attacker.example"])),
            (rule, Undecided, &socket(&["bob@r1 refused 500 from https://attacker.example"])),
            (rule, NotExercised, &socket(&["bob@r1 open"])),
            (rule, NotExercised, &socket(&["carol@r1 refused 403 from https://attacker.example"])),
        ]);
    }
}
