//! Checks that a handshake with a room id that no reader of UUIDs accepts is rejected, with a status below
//! 500 or a close frame before any event.

use hearback_contract::RequirementId;
use hearback_history::Handshake;

use super::handshakes::{expect_rejection, handshakes, opening};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::strict_violations::may_be_uuid;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::SocketMalformedRoomRefused, check };

/// Statuses of gateways, which say nothing of the target.
const GATEWAY: [u16; 3] = [502, 503, 504];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (connection, _) in handshakes(input) {
        if may_be_uuid(connection.room.as_str()) {
            continue;
        }
        if let Handshake::Refused { status: Some(status @ 500..), .. } = connection.handshake
            && !GATEWAY.contains(&status)
        {
            context.check(false, || {
                let expected = "a malformed room id is rejected with a status below 500";
                Violation::new("handshake fails", expected, format!("answered {status}"))
                    .evidence(connection)
            });
            continue;
        }
        let (opening, _) = opening(input, connection);
        let expected = "a malformed room id has no socket".to_owned();
        expect_rejection(connection, opening, expected, context);
    }
}

#[cfg(test)]
mod tests {
    use hearback_testkit::dsl;

    use super::check;
    use crate::model::Model;
    use crate::rule::RuleInput;
    use crate::rule_context::RuleContext;
    use crate::rules::socket::handshakes::testing::in_room;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn malformed_rooms_have_no_socket() {
        for (room, line, expected) in [
            ("abc", "bob@r1 refused 404", Held),
            ("abc", "bob@r1 refused 500", Broken),
            ("abc", "bob@r1 refused 502", Undecided),
            ("abc", "bob@r1 open", Broken),
            ("", "bob@r1 refused 500", NotExercised),
        ] {
            // The history DSL names rooms by UUIDs only.
            let mut history = dsl::parse(&in_room(line)).unwrap();
            if !room.is_empty() {
                history.connections[0].room = room.into();
            }
            let model = Model::of(&history);
            let mut context = RuleContext::default();
            check(RuleInput { history: &history, model: &model }, &mut context);
            let requirement = "socket/malformed-room-refused".parse().unwrap();
            let verdict = context.verdict(requirement, &history, &model);
            assert_eq!(verdict.state, expected, "{room}: {line}");
        }
    }
}
