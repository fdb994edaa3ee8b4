//! Invalid scalars.

use serde_json::{Value, json};

use crate::schema::ValueSchema;

/// Values of every JSON type except the valid ones.
pub(super) fn of_other_types(schema: &ValueSchema) -> Vec<Value> {
    let (schema, nullable) = match schema {
        ValueSchema::Nullable(schema) => (&**schema, true),
        schema => (schema, false),
    };
    let schema = match schema {
        ValueSchema::Reference { format, .. } => format,
        schema => schema,
    };
    let is_valid = |value: &Value| match value {
        Value::Null => nullable,
        Value::Object(_) => matches!(schema, ValueSchema::Object(_)),
        Value::Array(_) => matches!(schema, ValueSchema::Array { .. }),
        Value::Bool(_) => matches!(schema, ValueSchema::Boolean),
        Value::Number(number) => matches!(schema, ValueSchema::Integer) && !number.is_f64(),
        // Texts violate other keywords than `type`.
        Value::String(_) => !matches!(
            schema,
            ValueSchema::Integer
                | ValueSchema::Boolean
                | ValueSchema::Array { .. }
                | ValueSchema::Object(_)
        ),
    };
    let values = [
        json!({ "a": 1 }),
        json!(["a"]),
        json!("words"),
        json!(true),
        json!(42),
        json!(1.5),
        json!(null),
        json!({}),
        json!([]),
        json!(""),
        json!([[["a"]]]),
        json!(0),
        json!(-1),
        json!(9_223_372_036_854_775_807_u64),
        json!(18_446_744_073_709_551_615_u64),
        json!(1e300),
        json!("true"),
        json!("1"),
    ];
    values.into_iter().filter(|value| !is_valid(value)).collect()
}

/// Texts that are not among `words`.
pub(super) fn unknown_words(words: &[Value]) -> Vec<Value> {
    let first = words.first().and_then(Value::as_str).unwrap_or_default();
    let odd = [format!("{first}s"), first.to_uppercase(), format!(" {first} "), String::new()];
    let mut all = vec![json!("none-of-these")];
    all.extend(odd.into_iter().map(Value::from));
    all
}

/// Texts that are not UUIDs.
pub(super) fn invalid_uuids() -> Vec<Value> {
    [
        "not-a-uuid",
        "",
        "550e8400-e29b-41d4-a716-44665544000",
        "550e8400-e29b-41d4-a716-4466554400000",
        "550e8400-e29b-41d4-a716-44665544zzzz",
        "1",
        "null",
        "550e8400-e29b-41d4-a716",
        "' OR ''='",
        "\u{FF15}50e8400-e29b-41d4-a716-446655440000",
    ]
    .map(Value::from)
    .to_vec()
}

/// Texts that are not date-times.
pub(super) fn invalid_date_times() -> Vec<Value> {
    ["tomorrow", "2035-13-45T25:61:61Z", "", "2035-02-30T00:00:00Z", "2035-10-20T14:30:00+99:00"]
        .map(Value::from)
        .to_vec()
}
