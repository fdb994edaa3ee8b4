//! Users in a role are rejected, with one of some statuses.

use hearback_contract::policy::Role;
use hearback_contract::{Operation, RequirementId};

use super::responses::responses_to;
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

/// Statuses of requests that are rejected for what they contain, whoever sends them.
const INVALID: [u16; 7] = [400, 405, 413, 414, 415, 422, 431];

pub(super) fn check<'h>(
    (operation, role): (Operation, Role),
    statuses: &[u16],
    input: RuleInput<'h>,
    context: &mut RuleContext<'h>,
) {
    for (call, status) in responses_to(input, operation, role) {
        let is_known = statuses.contains(&status);
        if !is_known && status >= 500 {
            context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError));
        } else if is_known || !INVALID.contains(&status) {
            context.check(is_known, || {
                let expected: Vec<_> = statuses.iter().map(ToString::to_string).collect();
                Violation::new(
                    format!("{operation} by {role}: {status}"),
                    format!(
                        "{}, in the role {role}, is rejected with {}",
                        call.invocation.actor,
                        expected.join(" or ")
                    ),
                    format!("answered {status}"),
                )
                .evidence(call)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_contract::overlay::CustomCheck;
    use hearback_contract::{InvalidCredential, Relation};

    use super::*;
    use crate::rules::custom::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn users_in_the_role_are_rejected_with_the_statuses() {
        let check = |role| CustomCheck::Rejection {
            operation: Operation::RoomsGet,
            role,
            statuses: vec![404, 410],
        };
        let cases = [
            (Held, "carol rooms.get $r1 => 404 @error"),
            (Held, "carol rooms.get $r1 => 410 @error"),
            (Broken, "carol rooms.get $r1 => 403 @error"),
            (Broken, "carol rooms.get $r1 => 200 @room"),
            (Undecided, "carol rooms.get $r1 => 500 @error"),
            (NotExercised, "carol rooms.get $r1 => 414 @error"),
            (NotExercised, "bob rooms.get $r1 => 200 @room"),
            (NotExercised, "carol[anonymous] rooms.get $r1 => 401 @error"),
        ];
        assert_states(&check(Role::Authenticated(Relation::Outsider)), &cases);
        let cases = [
            (Broken, "bob[anonymous] rooms.get $r1 => 401 @error"),
            (NotExercised, "carol rooms.get $r1 => 403 @error"),
        ];
        assert_states(&check(Role::Unauthenticated(InvalidCredential::Missing)), &cases);
    }
}
