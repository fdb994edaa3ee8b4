//! An id that does not exist is answered with 404.
//!
//! hearback asks for ids from a range that it reserves for this purpose, so nothing can have them.
//! 403 is accepted too: a server that answers outsiders with 403 reveals less if it does not
//! distinguish the two. 3xx and 5xx are undecided because other requirements report them.

use hearback_contract::{Operation, RequirementId};
use hearback_history::synthetic_ids;

use super::responses::responses;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::violated_by;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::StatusUnknownId, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, operation, status) in responses(input).filter(|(call, _, _)| call.is_authorized()) {
        let Some(id) = call.subject() else { continue };
        if !is_synthetic(operation, id) {
            continue;
        }
        if let Some(violated) = violated_by(status) {
            context.inconclusive(Reason::Violates(violated));
            continue;
        }
        context.check(matches!(status, 404 | 403), || {
            Violation::new(operation.id(), "404 for an id that does not exist", status.to_string())
                .evidence(call)
        });
    }
}

/// Returns whether the id is from the range that hearback reserves for ids that do not exist.
fn is_synthetic(operation: Operation, id: &str) -> bool {
    match operation {
        Operation::ParticipantsRemove | Operation::ParticipantsMute => {
            id.parse::<i64>().is_ok_and(|number| number >= synthetic_ids::NUMBER)
        }
        _ => synthetic_ids::is_uuid(id),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_detects, verdict_of};
    use crate::verdict::State;

    #[test]
    fn a_success_is_a_violation() {
        assert_detects(
            "status/unknown-id",
            "alice rooms.leave 0123abcd-0000-4000-8000-000000000000 => 200 {}",
            "alice participants.mute 2147483647 {\"muted\": true} => 404 @error",
        );
    }

    #[test]
    fn a_call_of_unknown_outcome_shows_nothing() {
        let verdict = verdict_of("status/unknown-id", "alice rooms.get $r1 => ?");
        assert_eq!(verdict.state, State::NotExercised);
    }
}
