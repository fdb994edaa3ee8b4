//! Members of a value that its schema does not describe, which are allowed but reported.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Schema;
use super::node::Node;

/// Sorted JSON Pointers of the object members that the schema does not describe.
///
/// Array indexes are replaced by `*`, so that a field that is undocumented in every item is listed once.
/// A member is described by any `properties` or `additionalProperties` that applies to its object.
/// Members below an undescribed member are not listed.
pub fn undocumented_fields(schema: &'static Schema, instance: &Value) -> Vec<String> {
    let mut found = BTreeSet::new();
    collect(&[Node { file: schema, json: schema.json }], instance, "", &mut found);
    found.into_iter().collect()
}

fn collect(nodes: &[Node], instance: &Value, pointer: &str, found: &mut BTreeSet<String>) {
    let mut applied = Vec::new();
    nodes.iter().for_each(|node| node.applied(&mut applied));
    if applied.iter().any(|node| *node.json == Value::Bool(true)) {
        return;
    }
    match instance {
        Value::Object(members) => {
            for (name, value) in members {
                let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                let described: Vec<Node> =
                    applied.iter().filter_map(|node| node.member(name)).collect();
                if described.is_empty() {
                    found.insert(pointer);
                } else {
                    collect(&described, value, &pointer, found);
                }
            }
        }
        Value::Array(values) => {
            let items: Vec<Node> = applied.iter().filter_map(|node| node.items()).collect();
            let pointer = format!("{pointer}/*");
            values.iter().for_each(|value| collect(&items, value, &pointer, found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Operation;
    use crate::examples::{self, EXAMPLES};
    use crate::schemas::{find, model, response};

    #[test]
    fn examples_have_no_undocumented_fields() {
        for example in EXAMPLES {
            let schema = find(example.schema).unwrap();
            assert_eq!(undocumented_fields(schema, example.value()), [""; 0], "{}", example.name);
        }
    }

    #[test]
    fn undocumented_fields_are_listed_once_at_any_depth() {
        let mut page = examples::fixture("page_of_messages").unwrap().clone();
        page["total/pages"] = json!(3);
        page["results"][0]["reactions"] = json!({ "below": "is not listed" });
        page["results"][0]["sender"]["avatar"] = json!(null);
        let copy = page["results"][0].clone();
        page["results"].as_array_mut().unwrap().push(copy);
        let expected = ["/results/*/reactions", "/results/*/sender/avatar", "/total~1pages"];
        for operation in [Operation::MessagesList, Operation::MessagesSearch] {
            let schema = response(operation, 200).unwrap();
            assert_eq!(undocumented_fields(schema, &page), expected);
        }
    }

    #[test]
    fn maps_and_open_objects_are_described() {
        let mut message = examples::fixture("message").unwrap().clone();
        message["read_by"] = json!({ "3": "2025-10-19T14:31:00Z", "9": "2025-10-19T14:32:00Z" });
        message["reply_to"] = json!({ "id": message["id"], "sender": { "avatar": 1 } });
        assert_eq!(undocumented_fields(model("chat_message").unwrap(), &message), [""; 0]);
        let anything = response(Operation::ParticipantsRemove, 200).unwrap();
        assert_eq!(undocumented_fields(anything, &json!({ "a": { "b": [{}] } })), [""; 0]);
    }
}
