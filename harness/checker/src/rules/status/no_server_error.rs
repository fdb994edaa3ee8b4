//! No request makes the server fail.
//!
//! "`500 Internal Server Error` - Server error" is the server's own fault whatever the client sent,
//! so any status of 500 or above is a violation.

use hearback_contract::RequirementId;

use super::responses::responses;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::subject::Defect;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::StatusNoServerError, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, operation, status) in responses(input) {
        context.check(status < 500, || {
            Violation::new(operation.id(), "a status below 500", status.to_string())
                .defect(Defect::response(call))
                .evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_detects, verdict_of};
    use crate::verdict::State;

    #[test]
    fn a_500_is_a_violation() {
        assert_detects(
            "status/no-server-error",
            "alice rooms.get $r1 => 500 @error",
            "alice rooms.get $r1 => 404 @error",
        );
    }

    #[test]
    fn a_call_of_unknown_outcome_shows_nothing() {
        let verdict = verdict_of("status/no-server-error", "alice rooms.get $r1 => ?");
        assert_eq!(verdict.state, State::NotExercised);
    }
}
