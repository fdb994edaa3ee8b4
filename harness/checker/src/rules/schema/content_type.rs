//! A response body is declared as application/json and is JSON.
//!
//! Redirects, 5xx, throttled responses and rejections of very long requests often come from a proxy in front of the
//! API, so they are left out, and so are bodies that hearback cut at its size limit.

use hearback_contract::RequirementId;
use hearback_history::{Outcome, Payload, json_extent};

use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SchemaContentType, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in &input.history.calls {
        let Some(operation) = call.operation() else { continue };
        let Outcome::Response {
            status,
            content_type,
            throttled_s: None,
            body,
            json,
            truncated,
            ..
        } = &call.outcome
        else {
            continue;
        };
        // Redirects and 5xx often come from a proxy in front of the API.
        if body.is_empty() || matches!(status, 300..400 | 500..) || *truncated {
            continue;
        }
        // A gateway may have rejected the request before the API saw it.
        if json.is_none() && call.is_rejected_for_length() {
            continue;
        }
        let declared = content_type.as_deref().unwrap_or("none");
        let is_json = declared.trim_start().to_ascii_lowercase().starts_with("application/json");
        context.check(is_json && json.is_some(), || {
            let actual = match (is_json, json) {
                (true, None) => format!("declared as JSON, but it is {}", why_not_parsed(body)),
                _ => format!("content type {declared}"),
            };
            Violation::new(operation.id(), "a JSON body, declared as application/json", actual)
                .evidence(call)
        });
    }
}

/// The reason why a body was not parsed.
fn why_not_parsed(body: &Payload) -> String {
    body.as_text().map_or_else(|| "not UTF-8".to_owned(), json_extent::why_not_parsed)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn a_body_that_is_not_json_is_a_violation() {
        const RULE: &str = "schema/content-type";
        assert_states(&[
            (RULE, Broken, "alice rooms.get $r1 => 404 <html>"),
            (RULE, Held, "alice rooms.get $r1 => 404 @error"),
            (RULE, NotExercised, "alice messages.delete $m1 => 204"),
        ]);
    }
}
