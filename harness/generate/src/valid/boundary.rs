//! Boundary values of a schema.

use serde_json::{Map, Value, json};

use crate::schema::{Member, ValueSchema};
use crate::text;

/// Times in the future, so that mutes are in effect, in the formats of RFC 3339 that every parser accepts.
static DATE_TIMES: &[&str] = &[
    "2037-12-31T23:59:59Z",
    "2035-06-01T12:00:00+05:45",
    "2036-02-29T00:00:00.123456Z",
    "2038-01-19T03:14:08-11:00",
    "2099-12-31T23:59:59.999Z",
];

/// The simplest value: optional members are missing.
pub(crate) fn simplest(schema: &ValueSchema) -> Value {
    match schema {
        ValueSchema::Object(members) => {
            object(members, |member| member.given.then(|| simplest(&member.schema)))
        }
        ValueSchema::Array { minimum, .. } => Value::Array(items(schema, *minimum)),
        ValueSchema::Text { prefix, .. } => json!(format!("{prefix}{{unique}}")),
        ValueSchema::Enumeration(words) => words[0].clone(),
        ValueSchema::Uuid => json!("{unknown.uuid}"),
        ValueSchema::DateTime => json!(DATE_TIMES[0]),
        ValueSchema::Integer => json!(1),
        ValueSchema::Boolean => json!(true),
        ValueSchema::Reference { placeholders, .. } => {
            placeholders.first().cloned().unwrap_or_default()
        }
        ValueSchema::Nullable(schema) => simplest(schema),
    }
}

/// Valid values at the boundaries of the schema, the most useful first.
pub(crate) fn boundaries(schema: &ValueSchema) -> Vec<Value> {
    match schema {
        ValueSchema::Object(members) => {
            let mut values = vec![simplest(schema)];
            values.push(object(members, |member| Some(simplest(&member.schema))));
            let of_member = |member: &Member| {
                let all = boundaries(&member.schema).into_iter();
                all.map(|value| with(members, member, value)).collect()
            };
            values.extend(interleaved(members.iter().map(of_member).collect()));
            distinct(values)
        }
        ValueSchema::Array { minimum, maximum, .. } => {
            let most = maximum.unwrap_or(usize::MAX);
            let sizes = [*minimum, minimum + 1, minimum + 2].into_iter();
            let arrays = sizes.filter(|size| *size <= most).map(|size| items(schema, size));
            distinct(arrays.map(Value::Array).collect())
        }
        ValueSchema::Text { prefix, minimum } => {
            let samples = text::SAMPLES.iter().map(|sample| format!("{prefix}{sample}"));
            let lengths = text::LENGTHS.iter().map(|length| text::of_length(*length));
            let lengths = lengths.map(|text| format!("{prefix}{text}"));
            let none = (*minimum == 0).then(String::new);
            let texts = none.into_iter().map(Value::from).collect();
            interleaved(vec![
                texts,
                samples.map(Value::from).collect(),
                lengths.map(Value::from).collect(),
            ])
        }
        ValueSchema::Enumeration(words) => words.clone(),
        ValueSchema::DateTime => DATE_TIMES.iter().copied().map(Value::from).collect(),
        ValueSchema::Boolean => vec![json!(true), json!(false)],
        ValueSchema::Reference { placeholders, .. } => placeholders.clone(),
        ValueSchema::Nullable(schema) => {
            let mut values = boundaries(schema);
            values.push(Value::Null);
            values
        }
        ValueSchema::Uuid | ValueSchema::Integer => vec![simplest(schema)],
    }
}

/// An object of the members that have a value.
fn object(members: &[Member], value: impl Fn(&Member) -> Option<Value>) -> Value {
    let values = members.iter().filter_map(|member| Some((member.name.clone(), value(member)?)));
    Value::Object(values.collect::<Map<_, _>>())
}

/// The simplest object with `value` as one of its members.
pub(crate) fn with(members: &[Member], chosen: &Member, value: Value) -> Value {
    object(members, |member| match member.name == chosen.name {
        true => Some(value.clone()),
        false => member.given.then(|| simplest(&member.schema)),
    })
}

/// A number of items, as different as possible.
pub(crate) fn items(schema: &ValueSchema, count: usize) -> Vec<Value> {
    let ValueSchema::Array { items, .. } = schema else { return Vec::new() };
    let different = boundaries(items);
    different.iter().cycle().take(count).cloned().collect()
}

/// The items of the lists in turn.
pub(crate) fn interleaved<T>(lists: Vec<Vec<T>>) -> Vec<T> {
    let mut lists: Vec<_> = lists.into_iter().map(Vec::into_iter).collect();
    let mut all = Vec::new();
    loop {
        let before = all.len();
        all.extend(lists.iter_mut().filter_map(Iterator::next));
        if all.len() == before {
            return all;
        }
    }
}

/// Every value once, in order.
pub(crate) fn distinct(values: Vec<Value>) -> Vec<Value> {
    let mut seen = std::collections::HashSet::new();
    values.into_iter().filter(|value| seen.insert(value.to_string())).collect()
}
