//! Checks that a socket to a room id that hearback invented does not get `connection_established`.

use hearback_contract::RequirementId;
use hearback_history::synthetic_ids;

use super::handshakes::{expect_rejection, handshakes, opening};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketUnknownRoomRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (connection, _) in handshakes(input) {
        if synthetic_ids::is_uuid(connection.room.as_str()) {
            let (opening, _) = opening(input, connection);
            let expected = "a room that does not exist has no socket".to_owned();
            expect_rejection(connection, opening, expected, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::{History, synthetic_ids};
    use hearback_testkit::dsl;

    use super::check;
    use crate::model::Model;
    use crate::rule::RuleInput;
    use crate::rule_context::RuleContext;
    use crate::rules::socket::handshakes::testing::in_room;
    use crate::verdict::State;
    use crate::verdict::State::{Broken, Held, NotExercised};

    fn state_of(
        examine: for<'h> fn(RuleInput<'h>, &mut RuleContext<'h>),
        history: &History,
    ) -> State {
        let model = Model::of(history);
        let mut context = RuleContext::default();
        examine(RuleInput { history, model: &model }, &mut context);
        let requirement = "socket/unknown-room-refused".parse().unwrap();
        context.verdict(requirement, history, &model).state
    }

    #[test]
    fn unknown_rooms_have_no_socket() {
        // The history DSL names rooms; only a synthetic id certainly does not exist.
        for (line, expected) in
            [("bob@r9 refused 404", Held), ("bob@r9 open", Broken), ("bob@r1 open", NotExercised)]
        {
            let mut history = dsl::parse(&in_room(line)).unwrap();
            let connection = &mut history.connections[0];
            if connection.room.as_str() != dsl::id("r1") {
                connection.room = synthetic_ids::uuid(1).into();
            }
            assert_eq!(state_of(check, &history), expected, "{line}");
        }
    }
}
