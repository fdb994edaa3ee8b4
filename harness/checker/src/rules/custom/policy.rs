//! Users in a role are allowed or denied an operation, as the rules of family `authorization` check the shipped policy.

use hearback_contract::Operation;
use hearback_contract::policy::{Permission, Role};

use super::responses::responses_to;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::authorization::{is_kept, relation_of};
use crate::violation::Violation;

pub(super) fn check<'h>(
    (operation, role): (Operation, Role),
    permission: Permission,
    input: RuleInput<'h>,
    context: &mut RuleContext<'h>,
) {
    for (call, status) in responses_to(input, operation, role) {
        let holds = match role {
            Role::Authenticated(_) if status == 401 || status >= 500 => None,
            Role::Authenticated(_) => relation_of(input.model, call)
                .and_then(|relation| is_kept(input, call, relation, permission)),
            Role::Unauthenticated(_) => match (permission, call.succeeded()) {
                (Permission::Deny, succeeded) => Some(!succeeded).filter(|_| status < 500),
                (Permission::Allow, true) => Some(true),
                (Permission::Allow, false) => Some(false).filter(|_| matches!(status, 401 | 403)),
                (Permission::Either, _) => None,
            },
        };
        let Some(holds) = holds else { continue };
        let word = if permission == Permission::Deny { "rejected" } else { "allowed" };
        context.check(holds, || {
            Violation::new(
                format!("{operation} by {role}"),
                format!("{}, in the role {role}, is {word}", call.invocation.actor),
                format!("answered {status}"),
            )
            .evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use hearback_contract::overlay::CustomCheck;
    use hearback_contract::{InvalidCredential, Relation};

    use super::*;
    use crate::rules::custom::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn users_in_the_role_are_allowed_or_denied() {
        let check = |role, permission| CustomCheck::Policy {
            operation: Operation::RoomsStats,
            role,
            permission,
        };
        let member = Role::Authenticated(Relation::Member);
        let cases = [
            (Held, "bob rooms.stats $r1 => 403 @error"),
            (Broken, "bob rooms.stats $r1 => 200 @room_stats"),
            (NotExercised, "alice rooms.stats $r1 => 200 @room_stats"),
            (NotExercised, "bob rooms.stats $r1 => 500 @error"),
        ];
        assert_states(&check(member, Permission::Deny), &cases);
        let cases = [
            (Held, "bob rooms.stats $r1 => 200 @room_stats"),
            (Broken, "bob rooms.stats $r1 => 403 @error"),
        ];
        assert_states(&check(member, Permission::Allow), &cases);
        let anonymous = Role::Unauthenticated(InvalidCredential::Missing);
        let cases = [
            (Held, "bob[anonymous] rooms.stats $r1 => 401 @error"),
            (Broken, "bob[anonymous] rooms.stats $r1 => 200 @room_stats"),
        ];
        assert_states(&check(anonymous, Permission::Deny), &cases);
        let cases = [(Broken, "bob[anonymous] rooms.stats $r1 => 401 @error")];
        assert_states(&check(anonymous, Permission::Allow), &cases);
    }
}
