//! The components of both documents: schemas, and references to them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::examples::EXAMPLES;
use crate::schemas::{Schema, references};

/// The host that the specification names.
pub(super) const HOST: &str = "cosmo-management.cloud";

pub(super) const TITLE: &str = "AriStay Chat API";

/// The name of a schema in `components`: its path without the first folder and the extension.
pub(super) fn component(schema: &Schema) -> String {
    let path = schema.id.split_once('/').map_or(schema.id, |(_, path)| path);
    path.trim_end_matches(".json").replace('/', ".")
}

/// A reference to the schema in `components`.
pub(super) fn reference(schema: &Schema) -> Value {
    json!({ "$ref": format!("#/components/schemas/{}", component(schema)) })
}

/// The `roots` and all schemas that they refer to, by name, with references into `components`.
pub(super) fn components(roots: impl IntoIterator<Item = &'static Schema>) -> Value {
    let mut pending: Vec<&Schema> = roots.into_iter().collect();
    let mut found = BTreeMap::new();
    while let Some(schema) = pending.pop() {
        pending.extend(references(schema.json).iter().filter_map(|path| schema.referenced(path)));
        found.insert(component(schema), relocated(schema, schema.json));
        pending.retain(|schema| !found.contains_key(&component(schema)));
    }
    found.into_iter().collect::<Map<_, _>>().into()
}

/// A part of a schema file as written in `components`.
///
/// `$id` is omitted because it would be the base of the references below it, and `$schema` because it
/// is the default of the whole export.
fn relocated(schema: &Schema, part: &Value) -> Value {
    match part {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "$id" | "$schema"))
            .map(|(name, value)| {
                let target = value.as_str().filter(|_| name == "$ref");
                match target.and_then(|path| schema.referenced(path)) {
                    Some(target) => (name.clone(), reference(target)["$ref"].clone()),
                    None => (name.clone(), relocated(schema, value)),
                }
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(|item| relocated(schema, item)).collect(),
        other => other.clone(),
    }
}

/// The examples of a schema in the specification, by name.
pub(super) fn examples_of(schema: &Schema) -> impl Iterator<Item = (&'static str, &'static Value)> {
    let id = schema.id;
    EXAMPLES
        .iter()
        .filter(move |example| example.schema == id)
        .map(|example| (example.name, example.value()))
}
