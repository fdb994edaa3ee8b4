//! Comparing a value with its schema.

use hearback_contract::schemas::{Schema, SchemaViolation};
use serde_json::Value;

use crate::evidence::Evidence;
use crate::rule_context::RuleContext;
use crate::subject::Defect;
use crate::violation::Violation;

/// The pointer with `*` for array indexes, and the keyword: the same for every item of a list.
pub(super) fn variant(pointer: &str, keyword: &str) -> String {
    let place: Vec<_> = pointer
        .split('/')
        .map(|part| if part.parse::<usize>().is_ok() { "*" } else { part })
        .collect();
    format!("{} {keyword}", place.join("/"))
}

/// Every violation of the schema.
pub(super) fn violations(schema: &Schema, value: &Value) -> Vec<SchemaViolation> {
    // Most values conform, and `is_valid` is faster than listing violations.
    if schema.is_valid(value) { Vec::new() } else { schema.violations(value) }
}

/// Checks a value against its schema, date-times apart; each place and keyword is a variant.
pub(in crate::rules) fn check_schema<'h>(
    context: &mut RuleContext<'h>,
    schema: &Schema,
    value: &Value,
    evidence: Evidence<'h>,
) {
    // Those of date-times belong to schema/date-time.
    let violations: Vec<_> =
        violations(schema, value).into_iter().filter(|it| !it.is_of_date_time).collect();
    context.check(violations.is_empty(), || {
        let first = &violations[0];
        Violation::new(
            variant(&first.pointer, &first.keyword),
            format!("a body that fits {}", schema.id),
            violations.iter().take(5).map(ToString::to_string).collect::<Vec<_>>().join("; "),
        )
        .defect(Defect::schema(first))
        .evidence(evidence)
    });
}
