//! Requests that succeed without creating a room, a message or a participant are answered with 200.
//!
//! Operations whose response the specification does not show may also answer 204, without a body
//! (undocumented-bodies), and operations that create a token or a receipt 201 (created-status).

use hearback_contract::{Operation, RequirementId};

use super::responses::{is_creation, one_of, responses, stated_success};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::StatusOk, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, operation, status) in responses(input) {
        if is_creation(operation) || !call.succeeded() {
            continue;
        }
        let accepted = stated_success(operation).unwrap_or_else(|| accepted(operation));
        context.check(accepted.contains(&status), || {
            Violation::new(operation.id(), one_of(accepted), status.to_string()).evidence(call)
        });
    }
}

/// The statuses of success of an operation that creates none of the documented resources.
fn accepted(operation: Operation) -> &'static [u16] {
    match operation {
        Operation::TokenObtain | Operation::TokenRefresh => &[200, 201],
        Operation::MessagesMarkRead => &[200, 201, 204],
        Operation::MessagesDelete | Operation::ParticipantsRemove | Operation::ParticipantsMute => {
            &[200, 204]
        }
        _ => &[200],
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_detects, assert_states, verdict_of};
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
    fn undocumented_responses_have_other_statuses() {
        use State::{Broken, Held};
        assert_states(&[
            ("status/ok", Held, r#"alice token.obtain {} => 201 @token_pair"#),
            ("status/ok", Held, "alice messages.mark_read $m1 => 201 {}"),
            ("status/ok", Held, "alice messages.mark_read $m1 => 204"),
            ("status/ok", Held, r#"alice participants.mute 12 {"muted": true} => 204"#),
            ("status/ok", Broken, r#"alice participants.mute 12 {"muted": true} => 201 {}"#),
            ("status/ok", Broken, "alice rooms.leave $r1 => 201 {}"),
            ("status/ok", Broken, "alice rooms.mark_read $r1 => 204"),
            ("status/ok", Broken, "alice messages.list ?room=$r1 => 201 @page_of_messages"),
        ]);
    }

    #[test]
    fn a_call_of_unknown_outcome_shows_nothing() {
        let verdict = verdict_of("status/ok", "alice rooms.get $r1 => ?");
        assert_eq!(verdict.state, State::NotExercised);
    }
}
