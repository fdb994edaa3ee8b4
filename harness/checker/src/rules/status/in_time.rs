//! Every request and every handshake is answered within `--timeout`.
//!
//! The specification states no time limit, but every client gives up at some point. Operations that
//! never respond are left out, because status/answers reports them, and so are calls whose
//! connection broke.

use hearback_contract::RequirementId;

use super::unanswered::{Network, answers_by_operation, timed_out};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::StatusInTime, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let all = answers_by_operation(input);
    let network = Network::of(&all);
    for (operation, answers) in all {
        if answers.is_never_answered(&network) {
            continue;
        }
        (0..answers.answered).for_each(|_| context.held());
        for call in answers.timed_out {
            context.check(false, || timed_out(operation.id(), input).evidence(call));
        }
    }
    for connection in &input.history.connections {
        let is_unanswered = connection.is_unanswered(input.history.timeout());
        if is_unanswered || connection.is_answered() {
            context
                .check(!is_unanswered, || timed_out("the handshake", input).evidence(connection));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::status::testing::{ALWAYS_CUT_OFF, CUT_OFF, NEVER, SOMETIMES, TWICE};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const RULE: &str = "status/in-time";

    /// A handshake that is never answered.
    const HANDSHAKE: &str = "
        [0..10] alice rooms.list => 200 @page_of_rooms
        [10..61] bob@r1 unanswered";

    /// hearback itself did not run for 4 seconds.
    const STALL: &str = "
        [4000..4001] alice rooms.stats $r1 => 404 @error
        stalled 4000";

    #[test]
    fn a_response_that_does_not_arrive_in_time_is_a_violation() {
        assert_states(&[
            (RULE, Held, &format!("{SOMETIMES}\n{STALL}")),
            (RULE, NotExercised, NEVER),
            (RULE, Broken, SOMETIMES),
            (RULE, Broken, TWICE),
            (RULE, NotExercised, CUT_OFF),
            (RULE, NotExercised, ALWAYS_CUT_OFF),
            (RULE, Broken, HANDSHAKE),
        ]);
    }
}
