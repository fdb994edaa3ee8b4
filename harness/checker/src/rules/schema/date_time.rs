//! Every field that the schemas call a date-time is one according to RFC 3339, with a zone.
//!
//! The examples show `2025-10-19T10:00:00Z` throughout. The rules on single operations and events
//! leave date-times out, so that a server with another format breaks one requirement and not all of
//! them.

use hearback_contract::RequirementId;

use super::conformance::{variant, violations};
use super::documents::{Document, documents};
use crate::per_body::PerBody;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SchemaDateTime, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut fits = PerBody::of(input.history);
    for Document { schema, value, evidence, body } in documents(input) {
        let find = || violations(schema, value).into_iter().find(|it| it.is_of_date_time);
        if body.is_some_and(|body| fits.get(body, || find().is_none())) {
            context.held();
            continue;
        }
        let schema_violation = find();
        context.check(schema_violation.is_none(), || {
            let (place, message) = schema_violation
                .map(|schema_violation| {
                    (variant(&schema_violation.pointer, ""), schema_violation.to_string())
                })
                .unwrap_or_default();
            Violation::new(
                format!("{} {place}", schema.id),
                "a date-time as RFC 3339 has it, with a zone",
                message,
            )
            .evidence(evidence)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    #[test]
    fn a_date_time_without_a_zone_is_a_violation() {
        const RULE: &str = "schema/date-time";
        assert_states(&[
            (
                RULE,
                Broken,
                r#"alice messages.get $m1 => 200 @message {"created_at": "2025-10-19T14:30:00"}"#,
            ),
            (RULE, Held, "alice messages.get $m1 => 200 @message"),
            (
                "schema/messages.get",
                Held,
                r#"alice messages.get $m1 => 200 @message {"created_at": "2025-10-19T14:30:00"}"#,
            ),
        ]);
    }
}
