//! Every response has one of the operation's documented statuses.
//!
//! Each operation lists the statuses with which it may reject a request. Which 2xx a success has is
//! status/ok and status/created, and 5xx is status/no-server-error. Proxies and frameworks answer
//! in their own name for undocumented content types (415) and for requests that are too long (413,
//! 414, 431), so these are accepted for such requests.

use hearback_contract::RequirementId;
use hearback_history::Call;

use super::responses::responses;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::subject::Defect;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::StatusDocumented, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, operation, status) in responses(input).filter(|(_, _, status)| *status < 500) {
        let spec = operation.spec();
        // Frameworks reject undocumented content types with 415 before the operation sees the
        // request.
        let is_other_type = status == 415 && is_undocumented_content_type(call);
        let is_too_long = call.is_rejected_for_length();
        let is_success = (200..300).contains(&status);
        let holds = is_success || spec.refusals.contains(&status) || is_other_type || is_too_long;
        context.check(holds, || {
            let expected = format!("success, or one of {:?}", spec.refusals);
            let actual = match status {
                300..400 => format!("{status}, and redirects are not followed"),
                _ => status.to_string(),
            };
            Violation::new(operation.id(), expected, actual)
                .defect(Defect::response(call))
                .evidence(call)
        });
    }
}

fn is_undocumented_content_type(call: &Call) -> bool {
    call.invocation.content_type.as_deref().is_some_and(|content_type| {
        !content_type.starts_with("application/json")
            && !content_type.starts_with("multipart/form-data")
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_detects, verdict_of};
    use crate::verdict::State;

    #[test]
    fn an_undocumented_status_is_a_violation() {
        assert_detects(
            "status/documented",
            "alice rooms.get $r1 => 418 @error",
            "alice rooms.get $r1 => 404 @error",
        );
    }

    #[test]
    fn a_call_of_unknown_outcome_shows_nothing() {
        let verdict = verdict_of("status/documented", "alice rooms.get $r1 => ?");
        assert_eq!(verdict.state, State::NotExercised);
    }

    #[test]
    fn a_redirect_is_one_finding() {
        let redirect = "alice rooms.leave 0123abcd-0000-4000-8000-000000000000 => 307 {}";
        let verdict = verdict_of("status/documented", redirect);
        assert_eq!(verdict.findings[0].actual, "307, and redirects are not followed");
        assert_eq!(verdict_of("status/unknown-id", redirect).state, State::Undecided);
        let redirect = "alice rooms.get not-an-id => 301 {}";
        assert_eq!(verdict_of("input/malformed-id-refused", redirect).state, State::Undecided);
        assert_eq!(verdict_of("input/malformed-id-refused", redirect).findings, []);
    }
}
