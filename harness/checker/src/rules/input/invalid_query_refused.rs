//! A search limited to a `room` that is not a UUID is rejected, or finds nothing.
//!
//! Results from outside the requested room mean that the filter was ignored. An empty `room` may
//! count as absent. Page numbers belong to page/invalid-page and lists to status/required-query.
//! 5xx is undecided.

use hearback_contract::{Operation, RequirementId};

use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::strict_violations::may_be_uuid;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::InputInvalidQueryRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesSearch) {
        // An empty `room` may count as absent.
        let room = call.query("room").filter(|room| !room.is_empty() && !may_be_uuid(room));
        if room.is_none() || !call.is_authorized() || call.status() == Some(401) {
            continue;
        }
        match call.status() {
            None => {}
            Some(500..) => {
                context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError))
            }
            Some(_) => {
                let found = call.items().map_or(0, Vec::len);
                context.check(call.refused() || found == 0, || {
                    Violation::new(
                        "messages.search room",
                        "a `room` that is not a UUID is rejected, or nothing is found",
                        format!("{found} messages were found"),
                    )
                    .evidence(call)
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn nothing_is_found_in_a_room_that_cannot_be() {
        let rule = "input/invalid-query-refused";
        let search =
            |query: &str, answer: &str| format!("alice messages.search ?{query} => {answer}");
        assert_states(&[
            (rule, Held, &search("q=word&room=x", "400 @error")),
            (rule, Held, &search("q=word&room=x", "200 []")),
            (rule, Broken, &search("q=word&room=x", "200 @page_of_messages")),
            (rule, Undecided, &search("q=word&room=x", "500 @error")),
            (rule, NotExercised, &search("q=word&room=$r1", "200 @page_of_messages")),
            (rule, NotExercised, &search("q=word", "200 @page_of_messages")),
        ]);
    }
}
