//! A body that violates the request's schema is rejected with a 4xx.
//!
//! Only violations that no server can convert away count (lenient-values): a list in place of text,
//! or text that cannot be a UUID. Missing fields and bodies that are not objects belong to
//! status/invalid-input. Forms are left out because their values are all text. 3xx and 5xx are
//! undecided.

use hearback_contract::{RequirementId, schemas};

use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{refusal, violated_by};
use crate::strict_violations::strict_violation;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::InputInvalidBodyRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in &input.history.calls {
        let Some(operation) = call.operation() else { continue };
        let (Some(schema), Some(body)) = (schemas::request(operation), &call.request) else {
            continue;
        };
        // The values of a form are all text; bodies that are not objects are status/invalid-input.
        let is_json = call.invocation.content_type.as_deref() == Some("application/json");
        let is_open = call.is_authorized() || !operation.spec().authenticated;
        if !is_json || !is_open || !body.is_object() {
            continue;
        }
        let Some(status) = call.status() else { continue };
        let Some(schema_violation) = strict_violation(schema, body) else { continue };
        if let Some(violated) = violated_by(status) {
            context.inconclusive(Reason::Violates(violated));
            continue;
        }
        if status == 401 && operation.spec().authenticated {
            continue;
        }
        context.check(call.refused(), || {
            let place =
                schema_violation.pointer.replace(|letter: char| letter.is_ascii_digit(), "*");
            Violation::new(
                format!("{operation} {place}: {}", schema_violation.keyword),
                format!("rejected with 4xx, for {schema_violation}"),
                refusal(call),
            )
            .evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn bodies_that_cannot_be_converted_are_rejected() {
        let rule = "input/invalid-body-refused";
        let send = |content: &str, answer: &str| {
            format!(r#"alice messages.send {{"room": "$r1", "content": {content}}} => {answer}"#)
        };
        assert_states(&[
            (rule, Held, &send(r#"{"a": 1}"#, "400 @error")),
            (rule, Held, &send(r#"["a"]"#, "404 @error")),
            (rule, Broken, &send(r#"["a"]"#, "201 @message")),
            (rule, Undecided, &send(r#"["a"]"#, "500 @error")),
            (rule, NotExercised, &send(r#"["a"]"#, "401 @error")),
            (rule, NotExercised, &send(r#"["a"]"#, "?")),
            (rule, NotExercised, &send("42", "201 @message")),
            (rule, NotExercised, &send("\"a\"", "201 @message")),
            (rule, Broken, r#"alice[anonymous] token.refresh {"refresh": ["a"]} => 200 {}"#),
            (rule, Held, r#"alice[anonymous] token.refresh {"refresh": ["a"]} => 401 @error"#),
        ]);
    }
}
