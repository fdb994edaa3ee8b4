//! The contract as an OpenAPI 3.1 document and an AsyncAPI 3.0 document, for other tools.
//!
//! Both are assembled from the tables and the schema files; one build always writes the same bytes.

mod asyncapi;
mod openapi;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

pub use asyncapi::asyncapi;
pub use openapi::openapi;

use crate::examples::EXAMPLES;
use crate::schemas::{Schema, references};

/// The host that the specification names.
const HOST: &str = "cosmo-management.cloud";

const TITLE: &str = "AriStay Chat API";

/// The name of a schema in `components`: its path without the first folder and the extension.
fn component(schema: &Schema) -> String {
    let path = schema.id.split_once('/').map_or(schema.id, |(_, path)| path);
    path.trim_end_matches(".json").replace('/', ".")
}

/// A reference to the schema in `components`.
fn reference(schema: &Schema) -> Value {
    json!({ "$ref": format!("#/components/schemas/{}", component(schema)) })
}

/// The `roots` and all schemas that they refer to, by name, with references into `components`.
fn components(roots: impl IntoIterator<Item = &'static Schema>) -> Value {
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
fn examples_of(schema: &Schema) -> impl Iterator<Item = (&'static str, &'static Value)> {
    let id = schema.id;
    EXAMPLES
        .iter()
        .filter(move |example| example.schema == id)
        .map(|example| (example.name, example.value()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::schemas;

    #[test]
    fn component_names_are_unique() {
        let names: BTreeSet<String> = schemas::all().map(component).collect();
        assert_eq!(names.len(), schemas::all().count());
    }

    #[test]
    fn each_reference_resolves() {
        for document in [openapi(), asyncapi()] {
            let references = references(&document);
            assert!(references.len() > 10);
            for reference in references {
                let pointer = reference.strip_prefix('#').expect("references are internal");
                assert!(document.pointer(pointer).is_some(), "{reference}");
            }
            assert!(!document.to_string().contains(".invalid"), "an `$id` remains");
        }
    }

    #[test]
    fn components_include_referenced_schemas() {
        let components = components(schemas::find("rest/rooms.get.200.json"));
        let names: Vec<&String> = components.as_object().unwrap().keys().collect();
        assert_eq!(names, ["chat_participant", "chat_room", "rooms.get.200", "user_brief"]);
    }
}
