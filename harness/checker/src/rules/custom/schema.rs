//! Responses with some statuses conform to a schema of the overlay.

use hearback_contract::{Operation, schemas};

use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::schema::conformance::check_schema;
use crate::violation::Violation;

pub(super) fn check<'h>(
    operation: Operation,
    statuses: &[u16],
    schema: &str,
    input: RuleInput<'h>,
    context: &mut RuleContext<'h>,
) {
    let Some(schema) = schemas::find(schema) else { return };
    for call in input.history.calls_of(operation) {
        let is_covered = match call.status() {
            Some(_) if statuses.is_empty() => call.succeeded(),
            Some(status) => statuses.contains(&status),
            None => false,
        };
        match call.response().filter(|_| is_covered) {
            Some(body) => check_schema(context, schema, body, call.into()),
            None if is_covered && call.is_bodiless() => context.check(false, || {
                Violation::new("no body", format!("a body that fits {}", schema.id), "no body")
                    .evidence(call)
            }),
            // The body was cut at the size limit, or is not JSON (schema/content-type).
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_contract::overlay::CustomCheck;

    use super::*;
    use crate::rules::custom::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn responses_with_the_statuses_conform_to_the_schema() {
        let check = |statuses: &[u16], schema: &str| CustomCheck::Schema {
            operation: Operation::RoomsGet,
            statuses: statuses.to_vec(),
            schema: schema.to_owned(),
        };
        let cases = [
            (Held, r#"carol rooms.get $r1 => 404 {"error": "not_found", "detail": "no"}"#),
            (Broken, r#"carol rooms.get $r1 => 404 {"error": 404}"#),
            (Broken, "carol rooms.get $r1 => 404"),
            (NotExercised, r#"carol rooms.get $r1 => 403 {"error": 404}"#),
        ];
        assert_states(&check(&[404], "models/error.json"), &cases);
        let cases = [
            (Held, r#"bob rooms.get $r1 => 200 @room"#),
            (Broken, r#"bob rooms.get $r1 => 200 {"id": 1}"#),
            (NotExercised, r#"carol rooms.get $r1 => 404 {"error": 404}"#),
        ];
        assert_states(&check(&[], "models/chat_room.json"), &cases);
    }
}
