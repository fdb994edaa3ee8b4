//! The JSON Schema of `hearback.toml`, for editors.

use serde_json::{Map, Value, json};

use super::key::Key;
use super::registry::Registry;
use super::table::TypedTable;
use crate::document::ENVIRONMENTS;

/// The schema of the file: sections with keys, typed tables, and the same again for each environment.
pub(super) fn schema(registry: &Registry, tables: &[TypedTable]) -> Value {
    let mut sections = section(registry, &[]);
    for table in tables {
        let schema = serde_json::from_str(table.schema).unwrap_or(Value::Bool(true));
        sections.insert(table.name.to_owned(), schema);
    }
    let references: Map<_, _> = sections
        .keys()
        .map(|name| (name.clone(), json!({ "$ref": format!("#/$defs/{name}") })))
        .collect();
    let mut properties = references.clone();
    properties.insert(
        ENVIRONMENTS.to_owned(),
        json!({
            "description": "Named environments; --env NAME selects one, whose values take precedence",
            "type": "object",
            "additionalProperties": object(references),
        }),
    );
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "hearback.toml",
        "description": "Configuration of hearback: the options of its command line",
    });
    if let (Some(schema), Value::Object(root)) = (schema.as_object_mut(), object(properties)) {
        schema.extend(root);
        schema.insert("$defs".to_owned(), Value::Object(sections));
    }
    schema
}

/// The properties of a section: its keys, and the sections below it.
fn section(registry: &Registry, path: &[&str]) -> Map<String, Value> {
    let mut properties = Map::new();
    for name in registry.names_below(path) {
        let here = [path, &[name]].concat();
        let mut options = registry.keys().filter(|(key, _)| key.path().eq(here.iter().copied()));
        let schema = match options.next() {
            Some((key, option)) if key == option.key() => option.kind.schema(&option.arg),
            // Documented where commands share it.
            Some((_, option)) => json!({ "$ref": reference(option.key()) }),
            None => object(section(registry, &here)),
        };
        properties.insert(name.to_owned(), schema);
    }
    properties
}

fn reference(key: &Key) -> String {
    let path: Vec<_> = key.path().collect();
    format!("#/$defs/{}", path.join("/properties/"))
}

fn object(properties: Map<String, Value>) -> Value {
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}
