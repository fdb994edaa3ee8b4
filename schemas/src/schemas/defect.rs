//! Compiling schemas that refer to each other, and their defects.

use std::collections::BTreeMap;

use jsonschema::{Registry, Validator, draft202012};
use serde_json::Value;

/// The prefix of every `$id`; the path of the file follows.
pub const BASE: &str = "https://aristay-chat-api.invalid/1.0.0/";

/// A schema that is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SchemaError {
    /// The id of the schema.
    pub id: String,
    /// JSON Pointer of the place in the schema.
    pub pointer: String,
    /// The defect.
    pub message: String,
}

/// The schemas, so that they can refer to each other.
pub(super) fn registry(
    files: &BTreeMap<String, Value>,
) -> Result<Registry<'_>, jsonschema::ReferencingError> {
    let resources = files.iter().map(|(path, json)| (format!("{BASE}{path}"), json));
    Registry::new().extend(resources).and_then(jsonschema::RegistryBuilder::prepare)
}

/// The defects of some schemas, which may refer to each other.
pub(crate) fn defects(files: &BTreeMap<String, Value>) -> Vec<SchemaError> {
    let error = |id: &str, pointer: String, message: String| SchemaError {
        id: id.to_owned(),
        pointer,
        message,
    };
    let mut errors = Vec::new();
    for (id, json) in files {
        let unknown = references(json).into_iter();
        let unknown = unknown.filter(|path| !files.contains_key(&resolved(id, path)));
        errors.extend(unknown.map(|path| {
            let message = format!("no schema has the path `{path}`");
            error(id, "/$ref".to_owned(), message)
        }));
        if let Err(defect) = draft202012::meta::validate(json) {
            errors.push(error(id, defect.instance_path().to_string(), defect.to_string()));
        }
    }
    if !errors.is_empty() {
        return errors;
    }
    let registry = match registry(files) {
        Ok(registry) => registry,
        Err(defect) => return vec![error("", String::new(), defect.to_string())],
    };
    for (id, json) in files {
        if let Err(defect) = compiled(json, &registry) {
            errors.push(error(id, defect.instance_path().to_string(), defect.to_string()));
        }
    }
    errors
}

/// The validator of a schema.
pub(super) fn compiled<'a>(
    json: &'a Value,
    registry: &Registry<'_>,
) -> Result<Validator, jsonschema::ValidationError<'a>> {
    draft202012::options()
        .offline()
        .with_registry(registry)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .build(json)
}

/// The path of the file that a reference in another file points to.
pub fn resolved(id: &str, reference: &str) -> String {
    let mut path: Vec<&str> = id.split('/').collect();
    path.pop();
    for step in reference.split('/') {
        match step {
            ".." => drop(path.pop()),
            name => path.push(name),
        }
    }
    path.join("/")
}

/// Every `$ref` at any depth of `json`.
pub fn references(json: &Value) -> Vec<&str> {
    match json {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| match value {
                Value::String(reference) if name == "$ref" => vec![reference.as_str()],
                _ => references(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
