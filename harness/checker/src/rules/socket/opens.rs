//! Checks that a member who opens a socket to an active room with a valid token gets
//! `connection_established`. Rejections, closes and silence for as long as the timeout are
//! violations; throttled handshakes, 5xx and broken connections are inconclusive. The user must
//! certainly be a member during the handshake.

use hearback_contract::RequirementId;

use super::handshakes::{Opening, handshakes, opening};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketOpens, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (connection, user) in handshakes(input) {
        let Some(room) = input.model.rooms.get(&connection.room) else { continue };
        let (opening, interval) = opening(input, connection);
        if !room.surely_member(user, interval) || !room.surely_active(interval) {
            continue;
        }
        let mut broken = |variant: &str, actual: &str| {
            context.check(false, || {
                let expected =
                    format!("{}, a member, receives connection_established", connection.actor);
                Violation::new(variant, expected, actual)
                    .evidence(room.creation)
                    .evidence(connection)
            });
        };
        match opening {
            Opening::Established => context.held(),
            Opening::Refused(description) => {
                broken(&format!("handshake {description}"), &description)
            }
            Opening::Silent(description) => broken("no response", description),
            Opening::Inconclusive(reason) => context.inconclusive(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::handshakes::testing::in_room;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const LOGIN: &str = r#"bob token.obtain {} => 200 {"access": "b", "refresh": "c"}"#;

    #[test]
    fn members_can_open_sockets() {
        let rule = "socket/opens";
        assert_states(&[
            (rule, Held, &in_room("bob@r1 open")),
            (rule, Broken, &in_room("bob@r1 refused 403")),
            (rule, Broken, &in_room("bob@r1 mute-open\nbob@r1 close 4003")),
            (rule, Broken, &in_room("bob@r1 mute-open")),
            // The login may have ended the session of the token.
            (rule, Undecided, &in_room(&format!("{LOGIN}\nbob@r1 mute-open\nbob@r1 close 4001"))),
            (rule, Undecided, &in_room(&format!("[20..40] {LOGIN}\n[30..35] bob@r1 refused 401"))),
            (rule, Broken, &in_room(&format!("[27..29] {LOGIN}\n[30..35] bob@r1 refused 401"))),
            (rule, Undecided, &in_room("bob@r1 mute-open\nbob@r1 close")),
            (rule, Undecided, &in_room("bob@r1 refused 503")),
            (rule, Undecided, &in_room("bob@r1 refused")),
            (rule, Undecided, &in_room("bob@r1 throttled 403")),
            (rule, NotExercised, &in_room("carol@r1 refused 403")),
            (rule, NotExercised, &in_room("bob[garbage]@r1 refused 401")),
            (
                rule,
                NotExercised,
                &in_room("[10..90] bob rooms.leave $r1 => 200 {}\n[20..21] bob@r1 refused 403"),
            ),
        ]);
    }
}
