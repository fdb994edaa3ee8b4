//! The JSON Schema of the language, for editors: what may stand where, as it is typed.
//!
//! It is made from the tables of [`grammar`](crate::grammar), and committed so that editors can be pointed at it.
//! What depends on the rest of a file, such as the actors' names, only reading the file can tell.

use hearback_contract::ServerEvent;
use serde_json::{Map, Value, json};

use crate::grammar::{
    CREDENTIALS, FILE, FILE_SOURCE, Key, MATCHERS, Operand, ROOMS, Shape, VARIANT, VERBS,
    step_keys, verb_names,
};

/// The schema as it is committed, JSON Schema 2020-12.
pub const SCENARIO_SCHEMA: &str = include_str!("../scenario.schema.json");

/// Makes the schema from the tables.
pub fn schema() -> Value {
    let verbs: Vec<Value> = VERBS
        .iter()
        .map(|verb| json!({ "const": verb.name, "description": verb.description }))
        .chain([json!({ "enum": operations(), "description": "an operation of the document" })])
        .collect();
    let mut step = object(&step_keys());
    // The keys of all kinds of steps; which of them go together is for the linter to say.
    step["additionalProperties"] = json!({ "anyOf": verbs });
    if let Some(step) = step.as_object_mut() {
        step.remove("required");
    }
    step["description"] =
        json!("an actor's name and what it does, or `for`, `repeat`, `parallel`, `any-of`");
    let mut file = object(FILE);
    file["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    file["title"] = json!("A hearback scenario");
    file["$defs"] = json!({
        "name": { "type": "string", "pattern": "^[a-z][A-Za-z0-9_-]*$" },
        "requirement": {
            "type": "string",
            "pattern": "^[a-z]+([/.-][a-z0-9._-]*)*$",
            "description": "a requirement's id; `hearback list requirements` lists them",
        },
        "variant": object(VARIANT),
        "file": object(FILE_SOURCE),
        "step": step,
        "fields": {
            "type": "object",
            "description": "dotted paths, and what is expected there",
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
    verb_names().filter(|name| !VERBS.iter().any(|verb| verb.name == *name)).collect()
}

/// The schema of a mapping with these keys and no others.
fn object(keys: &[Key]) -> Value {
    let mut properties = Map::new();
    for key in keys {
        let mut schema = shape(key.shape);
        schema["description"] = json!(key.description);
        match properties.get_mut(key.name) {
            None => drop(properties.insert(key.name.to_owned(), schema)),
            // The same word beside another verb.
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

fn shape(shape: Shape) -> Value {
    let placeholder = json!({ "type": "string", "pattern": r"\{[a-z][A-Za-z0-9_.-]*\}" });
    match shape {
        Shape::Any => json!({}),
        Shape::Text => json!({ "type": "string" }),
        Shape::Scalar => json!({ "type": ["string", "number"] }),
        Shape::Name => json!({ "$ref": "#/$defs/name" }),
        Shape::Mapping => json!({ "type": "object" }),
        Shape::Count => json!({ "type": "integer", "minimum": 1 }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Duration => json!({ "type": "string", "pattern": "^[0-9.]+ *m?s$" }),
        Shape::ServerEvent => json!({ "enum": ServerEvent::ALL.map(ServerEvent::id) }),
        Shape::Credential => json!({ "anyOf": [{ "enum": CREDENTIALS }, placeholder] }),
        Shape::Room => json!({ "enum": ROOMS }),
        Shape::Requirement => json!({ "$ref": "#/$defs/requirement" }),
        Shape::Requirements => {
            json!({ "type": "array", "items": { "$ref": "#/$defs/requirement" } })
        }
        Shape::Fields => json!({ "$ref": "#/$defs/fields" }),
        Shape::File => json!({ "$ref": "#/$defs/file" }),
        Shape::Actors => json!({ "type": "array", "items": { "$ref": "#/$defs/name" } }),
        Shape::Variants => {
            json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/variant" } })
        }
        Shape::Loop => json!({
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": { "anyOf": [{ "type": "array" }, placeholder] },
        }),
        Shape::Steps => json!({ "type": "array", "items": { "$ref": "#/$defs/step" } }),
        Shape::Branches => json!({
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
    fn the_committed_schema_is_fresh() {
        let made = serde_json::to_string_pretty(&schema()).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenario.schema.json");
        if std::env::var_os("REGENERATE").is_some() {
            std::fs::write(path, format!("{made}\n")).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap();
        assert!(committed.trim_end() == made, "run this test with REGENERATE=1");
    }

    #[test]
    fn every_embedded_file_fits_the_schema() {
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
    fn the_schema_refuses_what_the_linter_refuses() {
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        let step = |step: Value| json!({ "title": "t", "actors": ["alice"], "steps": [step] });
        assert!(validator.is_valid(&step(json!({ "alice": "rooms.list" }))));
        for wrong in [
            json!({ "alice": "rooms.lits" }),
            json!({ "alice": "rooms.list", "expect": { "status": { "equal": 200 } } }),
            json!({ "alice": "expect", "event": "chat", "where": {} }),
            json!({ "alice": "connect", "as": "admin" }),
            json!({ "repeat": 0, "do": [] }),
        ] {
            assert!(!validator.is_valid(&step(wrong.clone())), "{wrong}");
        }
    }

    #[test]
    fn every_credential_is_one() {
        for name in CREDENTIALS {
            serde_json::from_value::<CredentialKind>(json!(name)).unwrap();
        }
    }
}
