//! Every rejection carries an object with the strings `error` and `detail`.
//!
//! All responses from 400 to 499 count, except pages that reject a very long request. A body that is not JSON is
//! undecided here, because schema/content-type reports it.

use hearback_contract::{RequirementId, schemas};
use hearback_history::Outcome;

use super::responses::responses;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::subject::Defect;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::StatusErrorBody, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, operation, status) in responses(input).filter(|(call, _, _)| call.refused()) {
        if call.is_unreadable() {
            // A gateway may have rejected the request before the API saw it.
            if !call.is_rejected_for_length() {
                context.inconclusive(Reason::UnreadableBody);
            }
            continue;
        }
        if matches!(call.outcome, Outcome::Response { truncated: true, .. }) {
            context.inconclusive(Reason::TruncatedBody);
            continue;
        }
        let violations = call.response().map(|body| schemas::error().violations(body));
        let holds = violations.as_ref().is_some_and(Vec::is_empty);
        context.check(holds, || {
            let first = violations.as_ref().and_then(|violations| violations.first());
            let actual = match first {
                Some(schema_violation) => format!("{status}: {schema_violation}"),
                None => format!("{status}, and the body is not JSON"),
            };
            let variant = format!("{} {status}", operation.id());
            Violation::new(variant, "an object with the strings `error` and `detail`", actual)
                .defect(first.map(Defect::schema))
                .evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_detects, verdict_of};
    use crate::verdict::State;

    #[test]
    fn a_missing_member_is_a_violation() {
        assert_detects(
            "status/error-body",
            r#"alice rooms.get $r1 => 404 {"detail": "Not found."}"#,
            "alice rooms.get $r1 => 404 @error",
        );
    }

    #[test]
    fn a_page_that_rejects_a_long_address_shows_nothing() {
        let state = |length: usize, status: &str| {
            let query = "a".repeat(length);
            let history = format!("alice messages.search ?q={query} => {status} <html>");
            ["status/error-body", "schema/content-type"]
                .map(|rule| verdict_of(rule, &history).state)
        };
        for status in ["400", "414", "431"] {
            assert_eq!(state(2_000, status), [State::NotExercised; 2], "{status}");
            assert_eq!(state(100, status), [State::Undecided, State::Broken], "{status}");
        }
    }

    #[test]
    fn a_truncated_body_is_undecided() {
        let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        let history = format!("alice rooms.get $r1 => 404 {deep}");
        assert_eq!(verdict_of("status/error-body", &history).state, State::Undecided);
    }

    #[test]
    fn a_call_of_unknown_outcome_shows_nothing() {
        let verdict = verdict_of("status/error-body", "alice rooms.get $r1 => ?");
        assert_eq!(verdict.state, State::NotExercised);
    }
}
