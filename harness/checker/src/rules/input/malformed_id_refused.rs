//! A path with a malformed id, or with the id of something else, is rejected with a 4xx.
//!
//! An id counts as malformed if no reader of UUIDs (or of numbers, for participants) accepts it.
//! The id of a message where a room is expected, and the other way round, cannot exist either.
//! Well-formed ids that do not exist belong to status/unknown-id. 3xx and 5xx are undecided.

use hearback_contract::{Operation, RequirementId};
use hearback_history::synthetic_ids;

use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{refusal, violated_by};
use crate::strict_violations::may_be_uuid;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::InputMalformedIdRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls.iter().filter(|call| call.is_authorized()) {
        let (Some(operation), Some(id)) = (call.operation(), call.subject()) else { continue };
        let Some(defect) = defect(input, operation, id) else { continue };
        match call.status() {
            None | Some(401) => {}
            Some(status) => match violated_by(status) {
                Some(violated) => context.inconclusive(Reason::Violates(violated)),
                None => context.check(call.refused(), || {
                    Violation::new(
                        format!("{operation}: {defect}"),
                        format!("rejected with 4xx, for {defect}"),
                        refusal(call),
                    )
                    .evidence(call)
                }),
            },
        }
    }
}

/// The reason why nothing that the operation is about can have this id, if there is one.
fn defect(input: RuleInput<'_>, operation: Operation, id: &str) -> Option<&'static str> {
    let parameter = operation.spec().path_parameters().next()?;
    if parameter == "participant_id" {
        let is_number = id.trim().parse::<f64>().is_ok();
        return (!is_number && !may_be_uuid(id)).then_some("an id that is not a number");
    }
    if synthetic_ids::is_uuid(id) {
        return None;
    }
    let (room, message) =
        (input.model.rooms.contains_key(id), input.model.messages.contains_key(id));
    match parameter {
        "room_id" if message && !room => Some("the id of a message"),
        "message_id" if room && !message => Some("the id of a room"),
        // The ids of rooms and messages are UUIDs.
        _ => (!may_be_uuid(id)).then_some("an id that is not a UUID"),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn malformed_ids_and_ids_of_something_else_are_rejected() {
        let rule = "input/malformed-id-refused";
        let sent = r#"
            alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
            alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1"}
        "#;
        let after = |line: &str| format!("{sent}\n{line}");
        assert_states(&[
            (rule, Held, "alice rooms.get not-an-id => 404 @error"),
            (rule, Held, "alice rooms.get not-an-id => 400 @error"),
            (rule, Broken, "alice rooms.get 1 => 200 @room"),
            (rule, Undecided, "alice rooms.get 1 => 500 @error"),
            (rule, Broken, "alice participants.remove bob => 204"),
            (rule, NotExercised, "alice participants.remove 7 => 204"),
            (rule, NotExercised, "alice rooms.get $r1 => 404 @error"),
            (rule, NotExercised, "alice rooms.get 550e8400e29b41d4a716446655440000 => 404 @error"),
            (rule, Broken, &after("alice rooms.get $m1 => 200 @room")),
            (rule, Held, &after("alice messages.get $r1 => 404 @error")),
            (rule, NotExercised, &after("alice rooms.get $r1 => 200 @room")),
        ]);
    }
}
