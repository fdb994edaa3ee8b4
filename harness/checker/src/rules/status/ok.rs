//! Requests that succeed without creating anything are answered with 200.
//!
//! DELETE may also answer 204, the status that REST frameworks use for an empty response.

use hearback_contract::{Method, RequirementId};

use super::responses::{is_creation, responses};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};

pub(super) const RULE: Rule = Rule { requirement: RequirementId::StatusOk, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, operation, status) in responses(input) {
        if is_creation(operation) || !call.succeeded() {
            continue;
        }
        let is_deletion = operation.spec().method == Method::Delete;
        context.check(status == 200 || (status == 204 && is_deletion), || {
            let expected = if is_deletion { "200 or 204" } else { "200 OK" };
            Violation::new(operation.id(), expected, status.to_string()).evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_detects, verdict_of};
    use crate::verdict::State;

    #[test]
    fn a_202_is_a_violation() {
        assert_detects(
            "status/ok",
            "alice rooms.mark_read $r1 => 202 {}",
            "alice messages.delete $m1 => 204",
        );
    }

    #[test]
    fn a_call_of_unknown_outcome_shows_nothing() {
        let verdict = verdict_of("status/ok", "alice rooms.get $r1 => ?");
        assert_eq!(verdict.state, State::NotExercised);
    }
}
