//! Values that fit a shape: its boundaries, then random ones.

mod random;

use serde_json::{Map, Value, json};

use crate::shape::{Member, Shape};
use crate::text;

pub(crate) use random::strategy;

/// Moments far enough away that a mute until then is in force, in the notations of RFC 3339 that no
/// reader of them may mind.
static DATE_TIMES: &[&str] = &[
    "2037-12-31T23:59:59Z",
    "2035-06-01T12:00:00+05:45",
    "2036-02-29T00:00:00.123456Z",
    "2038-01-19T03:14:08-11:00",
    "2099-12-31T23:59:59.999Z",
];

/// The least that can be said: what is optional is left out.
pub(crate) fn simplest(shape: &Shape) -> Value {
    match shape {
        Shape::Object(members) => {
            object(members, |member| member.given.then(|| simplest(&member.shape)))
        }
        Shape::Array { minimum, .. } => Value::Array(items(shape, *minimum)),
        Shape::Text { prefix, .. } => json!(format!("{prefix}{{unique}}")),
        Shape::Word(words) => words[0].clone(),
        Shape::Uuid => json!("{unknown.uuid}"),
        Shape::DateTime => json!(DATE_TIMES[0]),
        Shape::Integer => json!(1),
        Shape::Boolean => json!(true),
        Shape::Live { placeholders, .. } => placeholders.first().cloned().unwrap_or_default(),
        Shape::Nullable(shape) => simplest(shape),
    }
}

/// Values that lie at the edges of what fits, the most telling in front.
pub(crate) fn boundaries(shape: &Shape) -> Vec<Value> {
    match shape {
        Shape::Object(members) => {
            let mut values = vec![simplest(shape)];
            values.push(object(members, |member| Some(simplest(&member.shape))));
            let of_member = |member: &Member| {
                let all = boundaries(&member.shape).into_iter();
                all.map(|value| with(members, member, value)).collect()
            };
            values.extend(interleaved(members.iter().map(of_member).collect()));
            distinct(values)
        }
        Shape::Array { minimum, maximum, .. } => {
            let most = maximum.unwrap_or(usize::MAX);
            let sizes = [*minimum, minimum + 1, minimum + 2].into_iter();
            let arrays = sizes.filter(|size| *size <= most).map(|size| items(shape, size));
            distinct(arrays.map(Value::Array).collect())
        }
        Shape::Text { prefix, minimum } => {
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
        Shape::Word(words) => words.clone(),
        Shape::DateTime => DATE_TIMES.iter().copied().map(Value::from).collect(),
        Shape::Boolean => vec![json!(true), json!(false)],
        Shape::Live { placeholders, .. } => placeholders.clone(),
        Shape::Nullable(shape) => {
            let mut values = boundaries(shape);
            values.push(Value::Null);
            values
        }
        Shape::Uuid | Shape::Integer => vec![simplest(shape)],
    }
}

/// An object of the members for which there is a value.
fn object(members: &[Member], value: impl Fn(&Member) -> Option<Value>) -> Value {
    let values = members.iter().filter_map(|member| Some((member.name.clone(), value(member)?)));
    Value::Object(values.collect::<Map<_, _>>())
}

/// The simplest object with that value of one of its members.
pub(crate) fn with(members: &[Member], chosen: &Member, value: Value) -> Value {
    object(members, |member| match member.name == chosen.name {
        true => Some(value.clone()),
        false => member.given.then(|| simplest(&member.shape)),
    })
}

/// So many items, as different as there are.
pub(crate) fn items(shape: &Shape, count: usize) -> Vec<Value> {
    let Shape::Array { items, .. } = shape else { return Vec::new() };
    let different = boundaries(items);
    different.iter().cycle().take(count).cloned().collect()
}

/// One of each list in turn.
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

/// Each value once, in order.
pub(crate) fn distinct(values: Vec<Value>) -> Vec<Value> {
    let mut seen = std::collections::HashSet::new();
    values.into_iter().filter(|value| seen.insert(value.to_string())).collect()
}
