//! Values of another type than the documented one.

use hearback_contract::Operation::{
    self, MessagesEdit, MessagesList, MessagesSearch, MessagesSend, ParticipantsAdd,
    ParticipantsList, ParticipantsMute, RoomsCreate,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::mutation::Mutation;
use crate::wire::Received;

/// The documented type of a member.
#[derive(Clone, Copy)]
enum Kind {
    Integer,
    Integers,
    Boolean,
    Text,
    Id,
}

const BODIES: &[Operation] =
    &[RoomsCreate, MessagesSend, MessagesEdit, ParticipantsAdd, ParticipantsMute];

const QUERIES: &[Operation] = &[MessagesList, MessagesSearch, ParticipantsList];

const MEMBERS: [(&str, Kind); 12] = [
    ("task", Kind::Integer),
    ("property", Kind::Integer),
    ("user", Kind::Integer),
    ("participant_ids", Kind::Integers),
    ("is_admin", Kind::Boolean),
    ("muted", Kind::Boolean),
    ("name", Kind::Text),
    ("content", Kind::Text),
    ("message_type", Kind::Text),
    ("muted_until", Kind::Text),
    ("room", Kind::Id),
    ("reply_to", Kind::Id),
];

/// Converts values that have a counterpart of the documented type.
pub(super) fn convert(reading: &mut Mutation) {
    reading.rewrite_requests(BODIES, |request| {
        for_each_lenient(request, |value, converted| *value = converted);
    });
    reading.rewrite_requests(QUERIES, |request| {
        for (name, value) in &mut request.query {
            if let Some(id) = simple_id(value).filter(|_| name == "room") {
                *value = id;
            }
        }
    });
}

/// Removes values that have a counterpart of the documented type.
pub(super) fn forget(reading: &mut Mutation) {
    reading.rewrite_requests(BODIES, |request| {
        for_each_lenient(request, |value, _| *value = Value::Null);
    });
    reading.rewrite_requests(QUERIES, |request| {
        request.query.retain(|(name, value)| name != "room" || simple_id(value).is_none());
    });
}

/// Calls `change` with each value of another type, and its counterpart of the documented one; null counts as absent.
fn for_each_lenient(request: &mut Received, change: fn(&mut Value, Value)) {
    for (name, kind) in MEMBERS {
        if let Some(value) = request.body.get_mut(name)
            && let Some(converted) = counterpart(value, kind)
        {
            change(value, converted);
        }
        if request.body.get(name).is_some_and(Value::is_null) {
            request.forget(name);
        }
    }
}

/// The counterpart of a value of another type; `None` if there is none, or the type is the documented one.
fn counterpart(value: &Value, kind: Kind) -> Option<Value> {
    match (kind, value) {
        (Kind::Integer | Kind::Boolean, Value::String(text)) if text.is_empty() => {
            Some(Value::Null)
        }
        (Kind::Integer, Value::String(text)) => text.trim().parse::<i64>().ok().map(Value::from),
        (Kind::Integer, Value::Number(number)) if !number.is_i64() => whole(number.as_f64()?),
        (Kind::Integers, Value::Array(elements)) => {
            let whole: Vec<_> = elements.iter().map(|it| counterpart(it, Kind::Integer)).collect();
            whole.iter().any(Option::is_some).then(|| {
                let merged = whole.into_iter().zip(elements);
                merged.map(|(converted, own)| converted.unwrap_or_else(|| own.clone())).collect()
            })
        }
        (Kind::Boolean, Value::Number(number)) => match number.as_f64()? {
            0.0 => Some(json!(false)),
            1.0 => Some(json!(true)),
            _ => None,
        },
        (Kind::Boolean, Value::String(text)) => match &*text.to_lowercase() {
            "true" | "1" => Some(json!(true)),
            "false" | "0" => Some(json!(false)),
            _ => None,
        },
        (Kind::Text, Value::Number(number)) => Some(json!(number.to_string())),
        (Kind::Text, Value::Bool(truth)) => Some(json!(truth.to_string())),
        (Kind::Id, Value::String(text)) if text.is_empty() => Some(Value::Null),
        (Kind::Id, Value::String(text)) => simple_id(text).map(Value::from),
        _ => None,
    }
}

/// An integer that is written with a fraction of zero.
fn whole(number: f64) -> Option<Value> {
    let text = format!("{number:.0}");
    (number.fract() == 0.0).then(|| text.parse::<i64>().ok().map(Value::from)).flatten()
}

/// A UUID that is written without hyphens, with them.
fn simple_id(text: &str) -> Option<String> {
    let id = (text.len() != 36).then(|| Uuid::try_parse(text).ok()).flatten();
    id.map(|id| id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_counterparts_of_the_documented_type() {
        assert_eq!(counterpart(&json!("5"), Kind::Integer), Some(json!(5)));
        assert_eq!(counterpart(&json!(5.0), Kind::Integer), Some(json!(5)));
        assert_eq!(counterpart(&json!(5), Kind::Integer), None);
        assert_eq!(counterpart(&json!("five"), Kind::Integer), None);
        assert_eq!(counterpart(&json!([1, "2"]), Kind::Integers), Some(json!([1, 2])));
        assert_eq!(counterpart(&json!(1), Kind::Boolean), Some(json!(true)));
        assert_eq!(counterpart(&json!(7), Kind::Text), Some(json!("7")));
        assert_eq!(counterpart(&json!({}), Kind::Text), None);
        let id = "550e8400-e29b-41d4-a716-446655440000";
        let simple = json!(id.replace('-', ""));
        assert_eq!(counterpart(&simple, Kind::Id), Some(json!(id)));
        assert_eq!(counterpart(&json!(id), Kind::Id), None);
    }
}
