//! JSON Schemas in the form that values are generated from.

mod conditional;

use hearback_contract::{ClientEvent, Operation, schemas};
use serde_json::Value;

use conditional::alternatives;

/// The values that one part of a request can have.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ValueSchema {
    /// An object.
    Object(Vec<Member>),
    /// An array with a minimum and a maximum number of items.
    Array { items: Box<Self>, minimum: usize, maximum: Option<usize> },
    /// Text with a minimum length in characters, and with a prefix that identifies it.
    Text { minimum: usize, prefix: &'static str },
    /// One of these values.
    Enumeration(Vec<Value>),
    /// A UUID.
    Uuid,
    /// A date-time with a zone.
    DateTime,
    /// An integer.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A reference to an existing object: placeholders of the scenario language.
    Reference { format: Box<Self>, placeholders: Vec<Value> },
    /// Null, or a value.
    Nullable(Box<Self>),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) required: bool,
    /// True if the member is present in all values except those that test its absence.
    pub(crate) given: bool,
    pub(crate) schema: ValueSchema,
}

/// Knowledge about parts of a request beyond its schema, by JSON Pointer; items of an array are `*`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hints {
    /// Placeholders of existing objects; without any, the part can only be null.
    pub(crate) placeholders: &'static [(&'static str, &'static [&'static str])],
    /// Prefixes of texts.
    pub(crate) prefixes: &'static [(&'static str, &'static str)],
    /// Optional members that some servers require.
    pub(crate) recommended: &'static [&'static str],
}

impl Hints {
    fn prefix(self, pointer: &str) -> &'static str {
        let mut prefixes = self.prefixes.iter();
        prefixes.find(|(path, _)| *path == pointer).map_or("", |(_, prefix)| prefix)
    }
}

impl ValueSchema {
    /// The alternatives of a schema: two if it is conditional, otherwise one.
    ///
    /// # Panics
    /// If a part is unsupported, see [`unsupported`]; a test compiles all shipped schemas.
    pub(crate) fn alternatives(schema: &Value, hints: Hints) -> Vec<Self> {
        Self::try_alternatives(schema, hints).unwrap_or_else(|part| panic!("unsupported: {part}"))
    }

    fn try_alternatives(schema: &Value, hints: Hints) -> Result<Vec<Self>, Unsupported> {
        alternatives(schema).iter().map(|schema| compile(schema, "", hints)).collect()
    }
}

/// A part of a schema without a type whose values can be generated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{pointer}` has the schema {schema}, whose values cannot be generated")]
pub struct Unsupported {
    pointer: String,
    schema: Value,
}

/// The parts of request bodies and events of the contract whose values cannot be generated, each with the id of its
/// schema. The shipped contract has none.
pub fn unsupported() -> Vec<(&'static str, Unsupported)> {
    let requests = Operation::all().filter_map(schemas::request);
    let schemas = requests.chain(ClientEvent::ALL.map(schemas::client_event));
    let failed = schemas.filter_map(|schema| {
        let compiled = ValueSchema::try_alternatives(schema.json, Hints::default());
        Some((schema.id, compiled.err()?))
    });
    failed.collect()
}

fn compile(schema: &Value, pointer: &str, hints: Hints) -> Result<ValueSchema, Unsupported> {
    let compiled = of_type(schema, pointer, hints)?;
    let mut known = hints.placeholders.iter().filter(|(path, _)| *path == pointer);
    let compiled = match known.next() {
        Some((_, placeholders)) if accepts(&compiled, placeholders) => ValueSchema::Reference {
            format: Box::new(compiled),
            placeholders: placeholders.iter().copied().map(Value::from).collect(),
        },
        _ => compiled,
    };
    let types = schema["type"].as_array();
    Ok(match types.is_some_and(|types| types.iter().any(|name| name == "null")) {
        true => ValueSchema::Nullable(Box::new(compiled)),
        false => compiled,
    })
}

/// True if a placeholder is valid: words of an enumeration are, if they are listed.
fn accepts(schema: &ValueSchema, placeholders: &[&str]) -> bool {
    match schema {
        ValueSchema::Enumeration(words) => {
            words.iter().any(|word| placeholders.iter().any(|it| word == it))
        }
        _ => true,
    }
}

/// The schema without null and references.
fn of_type(schema: &Value, pointer: &str, hints: Hints) -> Result<ValueSchema, Unsupported> {
    if let Some(words) = schema["enum"].as_array() {
        return Ok(ValueSchema::Enumeration(words.clone()));
    }
    if let Some(word) = schema.get("const") {
        return Ok(ValueSchema::Enumeration(vec![word.clone()]));
    }
    let size = |keyword: &str| schema[keyword].as_u64().and_then(|size| usize::try_from(size).ok());
    let name = match &schema["type"] {
        Value::Array(names) => names.iter().find(|name| *name != "null").and_then(Value::as_str),
        name => name.as_str(),
    };
    Ok(match (name, schema["format"].as_str()) {
        (Some("object"), None) => ValueSchema::Object(members(schema, pointer, hints)?),
        (Some("array"), None) => ValueSchema::Array {
            items: Box::new(compile(&schema["items"], &format!("{pointer}/*"), hints)?),
            minimum: size("minItems").unwrap_or(0),
            maximum: size("maxItems"),
        },
        (Some("string"), Some("uuid")) => ValueSchema::Uuid,
        (Some("string"), Some("date-time")) => ValueSchema::DateTime,
        (Some("string"), None) => ValueSchema::Text {
            minimum: size("minLength").unwrap_or(0),
            prefix: hints.prefix(pointer),
        },
        (Some("integer"), None) => ValueSchema::Integer,
        (Some("boolean"), None) => ValueSchema::Boolean,
        _ => return Err(Unsupported { pointer: pointer.to_owned(), schema: schema.clone() }),
    })
}

fn members(schema: &Value, pointer: &str, hints: Hints) -> Result<Vec<Member>, Unsupported> {
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, member)| {
            let pointer = format!("{pointer}/{name}");
            let required = required.iter().any(|it| it == name);
            Ok(Member {
                name: name.clone(),
                required,
                given: required || hints.recommended.contains(&pointer.as_str()),
                schema: compile(member, &pointer, hints)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_request_and_event_compiles() {
        let requests = Operation::all().filter_map(schemas::request);
        for schema in requests.chain(ClientEvent::ALL.map(schemas::client_event)) {
            for compiled in ValueSchema::alternatives(schema.json, Hints::default()) {
                assert!(matches!(compiled, ValueSchema::Object(_)), "{}", schema.id);
            }
        }
    }

    #[test]
    fn formats_nulls_and_references_are_distinguished() {
        let schema = json!({
            "type": "object",
            "required": ["room"],
            "properties": {
                "room": { "type": "string", "format": "uuid" },
                "until": { "type": ["string", "null"], "format": "date-time" },
                "ids": { "type": "array", "items": { "type": "integer" }, "maxItems": 2 },
            },
        });
        let placeholders = &[("/room", &["{room.id}"] as _), ("/ids/*", &["{bob.id}"] as _)];
        let compiled =
            ValueSchema::alternatives(&schema, Hints { placeholders, ..Hints::default() });
        let reference = |format, placeholder: &str| ValueSchema::Reference {
            format: Box::new(format),
            placeholders: vec![json!(placeholder)],
        };
        let member = |name: &str, required, schema| Member {
            name: name.to_owned(),
            required,
            given: required,
            schema,
        };
        let items = Box::new(reference(ValueSchema::Integer, "{bob.id}"));
        assert_eq!(
            compiled,
            [ValueSchema::Object(vec![
                member("room", true, reference(ValueSchema::Uuid, "{room.id}")),
                member("until", false, ValueSchema::Nullable(Box::new(ValueSchema::DateTime))),
                member("ids", false, ValueSchema::Array { items, minimum: 0, maximum: Some(2) }),
            ])]
        );
    }

    #[test]
    fn parts_without_a_type_are_named() {
        assert_eq!(unsupported(), []);
        let schema = json!({ "type": "object", "properties": { "note": { "maxLength": 3 } } });
        let error = ValueSchema::try_alternatives(&schema, Hints::default()).unwrap_err();
        let expected = "`/note` has the schema {\"maxLength\":3}, whose values cannot be generated";
        assert_eq!(error.to_string(), expected);
    }
}
