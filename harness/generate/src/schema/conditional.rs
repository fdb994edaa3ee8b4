//! Conditional schemas, expanded into alternatives without conditions.

use serde_json::{Map, Value};

/// The schema with `then` and with `else`, each with the member that `if` tests narrowed accordingly.
pub(super) fn alternatives(schema: &Value) -> Vec<Value> {
    let Some(members) = schema.as_object().filter(|members| members.contains_key("if")) else {
        return vec![schema.clone()];
    };
    let mut plain = members.clone();
    let condition = plain.remove("if").unwrap_or_default();
    let [then, otherwise] =
        ["then", "else"].map(|keyword| plain.remove(keyword).unwrap_or_default());
    let plain = Value::Object(plain);
    vec![
        merged(merged(plain.clone(), &condition), &then),
        merged(without(plain, &condition), &otherwise),
    ]
}

/// Both schemas as one: members of objects are merged, lists concatenated.
fn merged(mut schema: Value, other: &Value) -> Value {
    match (&mut schema, other) {
        (Value::Object(members), Value::Object(others)) => join(members, others),
        (Value::Array(items), Value::Array(others)) => {
            let new: Vec<_> = others.iter().filter(|it| !items.contains(it)).cloned().collect();
            items.extend(new);
        }
        (_, Value::Null) => {}
        (value, other) => *value = other.clone(),
    }
    schema
}

fn join(members: &mut Map<String, Value>, others: &Map<String, Value>) {
    for (name, other) in others {
        // A constant narrows an enumeration.
        if name == "const" {
            members.remove("enum");
        }
        let value = members.remove(name).unwrap_or_default();
        members.insert(name.clone(), merged(value, other));
    }
}

/// The schema without the words that `condition` accepts.
fn without(mut schema: Value, condition: &Value) -> Value {
    for (name, member) in condition["properties"].as_object().into_iter().flatten() {
        let words = schema["properties"][name].get_mut("enum").and_then(Value::as_array_mut);
        if let Some(words) = words {
            words.retain(|word| Some(word) != member.get("const"));
        }
    }
    schema
}

#[cfg(test)]
mod tests {
    use hearback_contract::{Operation, schemas};
    use serde_json::json;

    use super::*;

    #[test]
    fn direct_rooms_and_other_rooms_are_two_alternatives() {
        let schema = schemas::request(Operation::RoomsCreate).unwrap();
        let [direct, others] = alternatives(schema.json).try_into().unwrap();
        assert_eq!(direct["properties"]["room_type"], json!({ "const": "direct" }));
        assert_eq!(direct["required"], json!(["room_type", "participant_ids"]));
        assert_eq!(direct["properties"]["participant_ids"]["maxItems"], json!(1));
        assert_eq!(others["properties"]["room_type"]["enum"], json!(["group", "task", "property"]));
        assert_eq!(others["required"], json!(["room_type"]));
    }
}
