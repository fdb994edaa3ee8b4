//! Responses and events contain documented fields only.
//!
//! Additional fields break no client, so the level is a note: the rule lists them because clients
//! may come to rely on them.

use hearback_contract::RequirementId;
use std::hash::{Hash as _, Hasher as _};

use ahash::{AHashSet, AHasher};
use hearback_contract::schemas::{self, Schema};
use serde_json::Value;

use super::documents::{Document, documents};
use crate::per_body::PerBody;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SchemaUndocumentedFields, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    // Most values have the shape of an earlier one.
    let mut clean_shapes = AHashSet::new();
    let mut find = |schema: &'static Schema, value: &Value| {
        let mut hasher = AHasher::default();
        schema.id.hash(&mut hasher);
        hash_shape(value, &mut hasher);
        let shape = hasher.finish();
        if clean_shapes.contains(&shape) {
            return Vec::new();
        }
        let fields = schemas::undocumented_fields(schema, value);
        if fields.is_empty() {
            clean_shapes.insert(shape);
        }
        fields
    };
    let mut clean = PerBody::of(input.history);
    for Document { schema, value, evidence, body } in documents(input) {
        if body.is_some_and(|body| clean.get(body, || find(schema, value).is_empty())) {
            context.held();
            continue;
        }
        let fields = find(schema, value);
        if fields.is_empty() {
            context.held();
        }
        for field in &fields {
            context.check(false, || {
                Violation::new(
                    format!("{} {field}", schema.id),
                    "documented fields only",
                    format!("`{field}` as well"),
                )
                .evidence(evidence)
            });
        }
    }
}

/// Hashes the names and types in a value without its texts and numbers: they decide which fields it
/// has.
fn hash_shape(value: &Value, hasher: &mut AHasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        Value::Object(members) => {
            members.len().hash(hasher);
            for (name, member) in members {
                name.hash(hasher);
                hash_shape(member, hasher);
            }
        }
        Value::Array(items) => {
            items.len().hash(hasher);
            items.iter().for_each(|item| hash_shape(item, hasher));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    #[test]
    fn an_additional_field_is_listed() {
        const RULE: &str = "schema/undocumented-fields";
        assert_states(&[
            (RULE, Broken, r#"alice messages.get $m1 => 200 @message {"extra": 1}"#),
            (RULE, Held, "alice messages.get $m1 => 200 @message"),
        ]);
    }
}
