//! Schemas that an `if` divides, as schemas without one.

use serde_json::{Map, Value};

/// The schema with its `then`, and without: the member that the `if` asks about is narrowed accordingly.
pub(super) fn branches(schema: &Value) -> Vec<Value> {
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

/// Both schemas at once, as one: members of objects are joined, lists are added to each other.
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
        // One word of several is that word.
        if name == "const" {
            members.remove("enum");
        }
        let value = members.remove(name).unwrap_or_default();
        members.insert(name.clone(), merged(value, other));
    }
}

/// The schema without the words for which `condition` holds.
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
    fn a_direct_room_and_the_others_are_two_branches() {
        let schema = schemas::request(Operation::RoomsCreate).unwrap();
        let [direct, others] = branches(schema.json).try_into().unwrap();
        assert_eq!(direct["properties"]["room_type"], json!({ "const": "direct" }));
        assert_eq!(direct["required"], json!(["room_type", "participant_ids"]));
        assert_eq!(direct["properties"]["participant_ids"]["maxItems"], json!(1));
        assert_eq!(others["properties"]["room_type"]["enum"], json!(["group", "task", "property"]));
        assert_eq!(others["required"], json!(["room_type"]));
    }
}
