//! Every received frame is a JSON object of one of the six documented types.
//!
//! Binary frames, text that is not JSON, and unknown types are violations, because no documented
//! client can read them. A text frame that is not UTF-8 cannot be recorded; it ends the connection
//! with an encoding error, which counts as well.

use hearback_contract::{RequirementId, schemas};
use hearback_history::{CloseOrigin, FrameDirection, json_extent};

use crate::per_body::PerBody;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SchemaEventType, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut fits = PerBody::of(input.history);
    for connection in &input.history.connections {
        for frame in
            connection.frames.iter().filter(|frame| frame.direction == FrameDirection::Received)
        {
            let is_event =
                || frame.json().is_some_and(|value| schemas::server_event_of(value).is_ok());
            if fits.get(&frame.body, is_event) {
                context.held();
                continue;
            }
            let problem = match frame.json() {
                None if frame.body.payload.is_unbounded() => continue,
                None => Some(match frame.body.payload.as_text() {
                    Some(text) => format!("text that is {}", json_extent::why_not_parsed(text)),
                    None => "a binary frame".to_owned(),
                }),
                Some(value) => schemas::server_event_of(value).err().map(|error| error.to_string()),
            };
            context.check(problem.is_none(), || {
                let problem = problem.unwrap_or_default();
                Violation::new(problem.clone(), "an event of one of the six types", problem)
                    .evidence((connection, frame))
            });
        }
        // Such a frame cannot be recorded; it ends the connection.
        let closing = connection.closed.as_ref();
        if let Some(closing) = closing.filter(|it| it.by == CloseOrigin::InvalidText) {
            context.check(false, || {
                let expected = "an event of one of the six types";
                Violation::new("text that is not UTF-8", expected, closing.reason.as_str())
                    .evidence(connection)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    #[test]
    fn frames_of_no_documented_type_are_violations() {
        const RULE: &str = "schema/event-type";
        assert_states(&[
            (RULE, Broken, "bob@r1 mute-open\nbob@r1 <- raw pong"),
            (RULE, Broken, "bob@r1 mute-open\nbob@r1 <- {\"type\": \"ping\"}"),
            (RULE, Broken, "bob@r1 mute-open\nbob@r1 <- binary x"),
            (RULE, Broken, "bob@r1 open\nbob@r1 invalid-text"),
            (RULE, Held, "bob@r1 open\nbob@r1 break connection reset"),
            // The text of an error decides nothing.
            (RULE, Held, "bob@r1 open\nbob@r1 break UTF-8 encoding error"),
            (RULE, Held, "bob@r1 open"),
        ]);
    }
}
