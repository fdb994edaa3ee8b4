//! What a JSON Schema allows, as far as values are made from it.

mod branch;

use serde_json::Value;

use branch::branches;

/// Which values there are at one place of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// An object.
    Object(Vec<Member>),
    /// An array of so many items.
    Array { items: Box<Self>, minimum: usize, maximum: Option<usize> },
    /// Text of so many characters or more, and what it begins with, where that must be recognised.
    Text { minimum: usize, prefix: &'static str },
    /// One of these.
    Word(Vec<Value>),
    /// A UUID.
    Uuid,
    /// A date-time with a zone.
    DateTime,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// What exists at the target by the time: placeholders of the scenario language.
    Live { format: Box<Self>, placeholders: Vec<Value> },
    /// Null, or that.
    Nullable(Box<Self>),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) required: bool,
    /// Whether it is given wherever it is not the point that it is missing.
    pub(crate) given: bool,
    pub(crate) shape: Shape,
}

/// What is known of places of a request beside its schema, by JSON Pointer; items of an array are `*`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Live {
    /// Placeholders that stand for what exists at the target; where there are none, null at most.
    pub(crate) placeholders: &'static [(&'static str, &'static [&'static str])],
    /// What texts begin with.
    pub(crate) prefixes: &'static [(&'static str, &'static str)],
    /// Members that some servers may ask for although they are optional.
    pub(crate) advisable: &'static [&'static str],
}

impl Live {
    fn prefix(self, pointer: &str) -> &'static str {
        let mut prefixes = self.prefixes.iter();
        prefixes.find(|(place, _)| *place == pointer).map_or("", |(_, prefix)| prefix)
    }
}

impl Shape {
    /// The shapes that a schema consists of: more than one where an `if` divides it.
    ///
    /// # Panics
    /// If the schema says what is not known here; a test compiles all that there are.
    pub(crate) fn all(schema: &Value, live: Live) -> Vec<Self> {
        branches(schema).iter().map(|branch| compile(branch, "", live)).collect()
    }
}

fn compile(schema: &Value, pointer: &str, live: Live) -> Shape {
    let shape = of_type(schema, pointer, live);
    let mut known = live.placeholders.iter().filter(|(place, _)| *place == pointer);
    let shape = match known.next() {
        Some((_, placeholders)) if is_open_to(&shape, placeholders) => Shape::Live {
            format: Box::new(shape),
            placeholders: placeholders.iter().copied().map(Value::from).collect(),
        },
        _ => shape,
    };
    let types = schema["type"].as_array();
    match types.is_some_and(|types| types.iter().any(|name| name == "null")) {
        true => Shape::Nullable(Box::new(shape)),
        false => shape,
    }
}

/// Whether what is live fits, as far as words go.
fn is_open_to(shape: &Shape, placeholders: &[&str]) -> bool {
    match shape {
        Shape::Word(words) => words.iter().any(|word| placeholders.iter().any(|it| word == it)),
        _ => true,
    }
}

/// The shape, `null` and what is live left aside.
fn of_type(schema: &Value, pointer: &str, live: Live) -> Shape {
    if let Some(words) = schema["enum"].as_array() {
        return Shape::Word(words.clone());
    }
    if let Some(word) = schema.get("const") {
        return Shape::Word(vec![word.clone()]);
    }
    let size = |keyword: &str| schema[keyword].as_u64().and_then(|size| usize::try_from(size).ok());
    let name = match &schema["type"] {
        Value::Array(names) => names.iter().find(|name| *name != "null").and_then(Value::as_str),
        name => name.as_str(),
    };
    match (name, schema["format"].as_str()) {
        (Some("object"), None) => Shape::Object(members(schema, pointer, live)),
        (Some("array"), None) => Shape::Array {
            items: Box::new(compile(&schema["items"], &format!("{pointer}/*"), live)),
            minimum: size("minItems").unwrap_or(0),
            maximum: size("maxItems"),
        },
        (Some("string"), Some("uuid")) => Shape::Uuid,
        (Some("string"), Some("date-time")) => Shape::DateTime,
        (Some("string"), None) => {
            Shape::Text { minimum: size("minLength").unwrap_or(0), prefix: live.prefix(pointer) }
        }
        (Some("integer"), None) => Shape::Integer,
        (Some("boolean"), None) => Shape::Boolean,
        _ => panic!("nothing is known of {schema}"),
    }
}

fn members(schema: &Value, pointer: &str, live: Live) -> Vec<Member> {
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, member)| {
            let pointer = format!("{pointer}/{name}");
            let required = required.iter().any(|it| it == name);
            Member {
                name: name.clone(),
                required,
                given: required || live.advisable.contains(&pointer.as_str()),
                shape: compile(member, &pointer, live),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use hearback_contract::{ClientEvent, Operation, schemas};
    use serde_json::json;

    use super::*;

    #[test]
    fn every_request_and_event_has_a_shape() {
        let requests = Operation::all().filter_map(schemas::request);
        for schema in requests.chain(ClientEvent::ALL.map(schemas::client_event)) {
            for shape in Shape::all(schema.json, Live::default()) {
                assert!(matches!(shape, Shape::Object(_)), "{}", schema.id);
            }
        }
    }

    #[test]
    fn formats_nulls_and_what_is_live_are_told_apart() {
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
        let shape = Shape::all(&schema, Live { placeholders, ..Live::default() });
        let live = |format, placeholder: &str| Shape::Live {
            format: Box::new(format),
            placeholders: vec![json!(placeholder)],
        };
        let member = |name: &str, required, shape| Member {
            name: name.to_owned(),
            required,
            given: required,
            shape,
        };
        let items = Box::new(live(Shape::Integer, "{bob.id}"));
        assert_eq!(
            shape,
            [Shape::Object(vec![
                member("room", true, live(Shape::Uuid, "{room.id}")),
                member("until", false, Shape::Nullable(Box::new(Shape::DateTime))),
                member("ids", false, Shape::Array { items, minimum: 0, maximum: Some(2) }),
            ])]
        );
    }
}
