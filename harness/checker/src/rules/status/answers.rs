//! Every documented operation responds.
//!
//! An operation that was called at least three times with a valid token and never responded is
//! broken: whatever the time limit is, it has none of its documented statuses. Calls count as
//! unanswered if the run waited for the whole `--timeout`, or if the connection broke; broken
//! connections alone count only if the rate at which other operations lose connections cannot
//! explain them.

use hearback_contract::{Operation, RequirementId};
use hearback_history::{Call, Outcome};

use super::unanswered::{Network, answers_by_operation, timed_out};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::StatusAnswers, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let all = answers_by_operation(input);
    let network = Network::of(&all);
    for (operation, answers) in all {
        if answers.answered > 0 {
            context.held();
        } else if answers.is_never_answered(&network) {
            for call in answers.timed_out {
                context.check(false, || timed_out(operation.id(), input).evidence(call));
            }
            for call in answers.cut_off {
                context.check(false, || cut_off(operation, call).evidence(call));
            }
        }
    }
}

fn cut_off<'h>(operation: Operation, call: &Call) -> Violation<'h> {
    let error = match &call.outcome {
        Outcome::Unknown { error, .. } => error.as_str(),
        _ => "nothing",
    };
    let variant = format!("{operation}, cut off");
    Violation::new(variant, "an answer that can be read", format!("none: {error}"))
}

#[cfg(test)]
mod tests {
    use crate::rules::status::testing::{
        ALWAYS_CUT_OFF, CUT_OFF, LOSSY, NEVER, SOMETIMES, SPARED, TWICE,
    };
    use crate::rules::testing::{assert_states, verdict_of};
    use crate::verdict::State::{Broken, Held, NotExercised};

    const RULE: &str = "status/answers";

    #[test]
    fn an_operation_that_never_responds_is_a_violation() {
        assert_states(&[
            (RULE, Broken, NEVER),
            (RULE, Held, SOMETIMES),
            (RULE, NotExercised, TWICE),
            (RULE, Broken, SPARED),
            (RULE, NotExercised, CUT_OFF),
            (RULE, Broken, ALWAYS_CUT_OFF),
            (RULE, Held, LOSSY),
        ]);
    }

    #[test]
    fn an_operation_that_hangs_is_one_finding_with_a_line_to_reproduce_it() {
        let verdict = verdict_of(RULE, NEVER);
        let [finding] = &verdict.findings[..] else { panic!("{verdict:#?}") };
        assert_eq!((finding.variant.as_str(), finding.count), ("rooms.stats", 3));
        assert_eq!(finding.expected, "an answer within 0.05 s (--timeout)");
        assert_eq!(finding.evidence.len(), 1, "{finding:#?}");
    }
}
