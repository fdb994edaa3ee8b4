//! The JSON Schema of the language, for editors.
//!
//! It is generated from the tables of [`grammar`](crate::grammar) and committed, so that editors can refer
//! to it. Checks that depend on the rest of a file, such as names of actors, are left to the linter.

use hearback_contract::ServerEvent;
use hearback_history::Probe;
use serde_json::{Map, Value, json};

use crate::grammar::{
    ACTIONS, CREDENTIALS, FILE, FILE_SOURCE, Key, MATCHERS, METHODS, Operand, ROOMS, VARIANT,
    ValueKind, action_names, step_keys,
};

/// The committed schema, JSON Schema 2020-12.
pub const SCENARIO_SCHEMA: &str = include_str!("../scenario.schema.json");

/// Generates the schema from the tables.
pub fn schema() -> Value {
    let verbs: Vec<Value> = ACTIONS
        .iter()
        .map(|action| json!({ "const": action.name, "description": action.description }))
        .chain([
            json!({ "enum": operations(), "description": "an operation of the specification" }),
        ])
        .collect();
    let mut step = object(&step_keys());
    // The keys of all kinds of steps: the linter checks their combinations.
    step["additionalProperties"] = json!({ "anyOf": verbs });
    if let Some(step) = step.as_object_mut() {
        step.remove("required");
    }
    step["description"] = json!(
        "an actor and its action, or `for`, `repeat`, `parallel`, `any-of`, `pause`, `until`"
    );
    let mut file = object(FILE);
    file["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    file["title"] = json!("A hearback scenario");
    file["$defs"] = json!({
        "name": { "type": "string", "pattern": "^[a-z][A-Za-z0-9_-]*$" },
        "requirement": {
            "type": "string",
            "pattern": "^[a-z]+([/.-][a-z0-9._-]*)*$",
            "description": "id of a requirement; `hearback list requirements` lists them",
        },
        "variant": object(VARIANT),
        "file": object(FILE_SOURCE),
        "step": step,
        "fields": {
            "type": "object",
            "description": "dotted paths and matchers",
            "additionalProperties": { "$ref": "#/$defs/expected" },
        },
        "expected": {
            "anyOf": [
                { "type": ["string", "number", "boolean", "null", "array"] },
                { "$ref": "#/$defs/matchers" },
            ],
        },
        "matchers": matchers(),
    });
    file
}

fn operations() -> Vec<&'static str> {
    action_names().filter(|name| !ACTIONS.iter().any(|action| action.name == *name)).collect()
}

/// The schema of a mapping with exactly these keys.
fn object(keys: &[Key]) -> Value {
    let mut properties = Map::new();
    for key in keys {
        let mut schema = value_of_kind(key.kind);
        schema["description"] = json!(key.description);
        match properties.get_mut(key.name) {
            None => drop(properties.insert(key.name.to_owned(), schema)),
            // The same key of another action.
            Some(other) => *other = json!({ "anyOf": [other.take(), schema] }),
        }
    }
    let required: Vec<_> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut object = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

fn value_of_kind(kind: ValueKind) -> Value {
    let placeholder = json!({ "type": "string", "pattern": r"\{[a-z][A-Za-z0-9_.-]*\}" });
    match kind {
        ValueKind::Any => json!({}),
        ValueKind::Text => json!({ "type": "string" }),
        ValueKind::Scalar => json!({ "type": ["string", "number"] }),
        ValueKind::Name => json!({ "$ref": "#/$defs/name" }),
        ValueKind::Mapping => json!({ "type": "object" }),
        ValueKind::Count => json!({ "type": "integer", "minimum": 1 }),
        ValueKind::Flag => json!({ "type": "boolean" }),
        ValueKind::Duration => json!({ "type": "string", "pattern": "^[0-9.]+ *m?s$" }),
        ValueKind::ServerEvent => json!({ "enum": ServerEvent::ALL.map(ServerEvent::id) }),
        ValueKind::Credential => json!({ "anyOf": [{ "enum": CREDENTIALS }, placeholder] }),
        ValueKind::Room => json!({ "enum": ROOMS }),
        ValueKind::Method => json!({ "enum": METHODS }),
        ValueKind::Operation => json!({ "enum": operations() }),
        ValueKind::Probe => json!({ "enum": Probe::ALL.map(Probe::as_str) }),
        ValueKind::Requirement => json!({ "$ref": "#/$defs/requirement" }),
        ValueKind::Requirements => {
            json!({ "type": "array", "items": { "$ref": "#/$defs/requirement" } })
        }
        ValueKind::Fields => json!({ "$ref": "#/$defs/fields" }),
        ValueKind::File => json!({ "$ref": "#/$defs/file" }),
        ValueKind::Actors => json!({ "type": "array", "items": { "$ref": "#/$defs/name" } }),
        ValueKind::Variants => {
            json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/variant" } })
        }
        ValueKind::Loop => json!({
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": { "anyOf": [{ "type": "array" }, placeholder] },
        }),
        ValueKind::Steps => json!({ "type": "array", "items": { "$ref": "#/$defs/step" } }),
        ValueKind::StepLists => json!({
            "type": "array",
            "items": { "type": "array", "items": { "$ref": "#/$defs/step" } },
        }),
    }
}

fn matchers() -> Value {
    let properties: Map<_, _> = MATCHERS
        .iter()
        .map(|word| {
            let mut schema = operand(word.operand);
            schema["description"] = json!(word.description);
            (word.name.to_owned(), schema)
        })
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "minProperties": 1,
    })
}

fn operand(operand: Operand) -> Value {
    match operand {
        Operand::Value | Operand::Part => json!({}),
        Operand::Matchers => json!({ "$ref": "#/$defs/expected" }),
        Operand::Pattern => json!({ "type": "string", "format": "regex" }),
        Operand::Values => json!({ "type": ["array", "string"] }),
        Operand::Number => json!({ "type": ["number", "string"] }),
        Operand::Increase => json!({
            "type": "object",
            "properties": { "from": {}, "by": {} },
            "required": ["from", "by"],
            "additionalProperties": false,
        }),
        Operand::Time => json!({ "type": "string" }),
        Operand::Flag => json!({ "type": "boolean" }),
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::CredentialKind;

    use super::*;
    use crate::library;

    #[test]
    fn the_committed_schema_is_up_to_date() {
        let generated = serde_json::to_string_pretty(&schema()).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenario.schema.json");
        if std::env::var_os("REGENERATE").is_some() {
            std::fs::write(path, format!("{generated}\n")).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap();
        assert!(committed.trim_end() == generated, "run this test with REGENERATE=1");
    }

    #[test]
    fn every_embedded_file_conforms_to_the_schema() {
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        for (path, text) in library::files() {
            let value: Value = serde_saphyr::from_str(text).unwrap();
            let errors: Vec<_> = validator
                .iter_errors(&value)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{path}: {errors:#?}");
        }
    }

    #[test]
    fn the_schema_rejects_invalid_steps() {
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        let step = |step: Value| json!({ "title": "t", "actors": ["alice"], "steps": [step] });
        assert!(validator.is_valid(&step(json!({ "alice": "rooms.list" }))));
        for invalid in [
            json!({ "alice": "rooms.lits" }),
            json!({ "alice": "rooms.list", "expect": { "status": { "equal": 200 } } }),
            json!({ "alice": "expect", "event": "chat", "where": {} }),
            json!({ "alice": "connect", "as": "admin" }),
            json!({ "repeat": 0, "do": [] }),
        ] {
            assert!(!validator.is_valid(&step(invalid.clone())), "{invalid}");
        }
    }

    #[test]
    fn every_credential_of_the_grammar_exists() {
        for name in CREDENTIALS {
            serde_json::from_value::<CredentialKind>(json!(name)).unwrap();
        }
    }
}
