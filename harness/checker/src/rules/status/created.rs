//! Creating a room, a message or a participant is answered with 201.
//!
//! A direct room between two users, or a participant, may exist already; 200 is accepted for these
//! (second-direct-room, readd-member).

use hearback_contract::{Operation, RequirementId};
use serde_json::Value;

use super::responses::{is_creation, one_of, responses, stated_success};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::StatusCreated, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, operation, status) in responses(input) {
        if !is_creation(operation) || !call.succeeded() {
            continue;
        }
        let field = |name| call.request.as_ref().and_then(|request| request.get(name));
        // These may exist already (second-direct-room, readd-member).
        let may_exist = operation == Operation::ParticipantsAdd
            || field("room_type") == Some(&Value::from("direct"));
        let stated = stated_success(operation);
        let is_created = match stated {
            Some(stated) => stated.contains(&status),
            None => status == 201 || (status == 200 && may_exist),
        };
        context.check(is_created, || {
            let expected = stated.map_or("201 Created".to_owned(), one_of);
            Violation::new(operation.id(), expected, status.to_string()).evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_detects, verdict_of};
    use crate::verdict::State;

    #[test]
    fn a_200_for_a_new_group_is_a_violation() {
        assert_detects(
            "status/created",
            r#"alice rooms.create {"room_type": "group"} => 200 @room"#,
            r#"alice rooms.create {"room_type": "direct"} => 200 @room"#,
        );
    }

    #[test]
    fn a_call_of_unknown_outcome_shows_nothing() {
        let verdict = verdict_of("status/created", "alice rooms.get $r1 => ?");
        assert_eq!(verdict.state, State::NotExercised);
    }
}
