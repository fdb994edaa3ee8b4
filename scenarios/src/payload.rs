//! Whether what a scenario sends is as the document has it, as far as a file can tell: what stands for a
//! placeholder, nobody knows before the run.

use hearback_contract::schemas::{
    Schema, client_event, client_event_of, multipart_request, request, undocumented_fields,
};
use hearback_contract::{ClientEvent, Operation};
use serde_json::{Value, json};

use crate::scope::suggestion;
use crate::step::Call;
use crate::template;

/// One thing about a payload that is not as documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deviation {
    /// JSON Pointer to it; the index of an item may be `*`.
    pub(crate) pointer: String,
    /// Whether the name of the member is meant, not its value.
    pub(crate) is_name: bool,
    /// What is wrong.
    pub(crate) message: String,
    /// What is documented, where that is short.
    pub(crate) help: Option<String>,
}

/// What of the JSON body of a call is not as documented.
pub(crate) fn of_body(operation: Operation, body: &Value) -> Vec<Deviation> {
    match request(operation) {
        Some(schema) => deviations(&format!("`{operation}`"), schema, body),
        None => Vec::new(),
    }
}

/// What of the fields of a form, without its file, is not as documented.
pub(crate) fn of_form(operation: Operation, fields: &Value) -> Vec<Deviation> {
    let (Some(schema), Some(fields)) = (multipart_request(operation), fields.as_object()) else {
        return Vec::new();
    };
    let mut form = fields.clone();
    form.insert("attachment".to_owned(), Value::from("the file"));
    deviations(&format!("`{operation}`"), schema, &Value::Object(form))
}

/// Whether a call without any body is not as documented. What tokens take, an actor knows itself.
pub(crate) fn is_needed(operation: Operation) -> bool {
    let is_known = matches!(operation, Operation::TokenObtain | Operation::TokenRefresh);
    !is_known && !of_body(operation, &json!({})).is_empty()
}

/// Whether anything that the call sends is not as documented, but for what it sends as it stands.
pub(crate) fn deviates(call: &Call) -> bool {
    match (&call.body, &call.form, &call.raw) {
        (Some(body), ..) => !of_body(call.operation, body).is_empty(),
        (None, Some((fields, _)), _) => !of_form(call.operation, fields).is_empty(),
        (None, None, raw) => raw.is_none() && is_needed(call.operation),
    }
}

/// What of an event that a client sends is not as documented.
pub(crate) fn of_event(event: &Value) -> Vec<Deviation> {
    if event.get("type").is_some_and(is_open) || has_open_name(event) {
        return Vec::new();
    }
    match client_event_of(event) {
        Ok(kind) => deviations(&format!("`{}`", kind.id()), client_event(kind), event),
        Err(error) => {
            let name = event.get("type").and_then(Value::as_str).unwrap_or_default();
            let documented = ClientEvent::ALL.iter().map(|event| event.id());
            vec![Deviation {
                pointer: if event.get("type").is_some() { "/type" } else { "" }.to_owned(),
                is_name: false,
                message: error.to_string(),
                help: Some(suggestion(name, documented, "clients send")),
            }]
        }
    }
}

/// Whether a placeholder stands anywhere in it.
pub(crate) fn is_open(value: &Value) -> bool {
    match value {
        Value::String(text) => template::placeholders(text).next().is_some(),
        Value::Array(items) => items.iter().any(is_open),
        Value::Object(members) => has_open_name(value) || members.values().any(is_open),
        _ => false,
    }
}

fn has_open_name(value: &Value) -> bool {
    let names = value.as_object().into_iter().flat_map(|members| members.keys());
    names.into_iter().any(|name| template::placeholders(name).next().is_some())
}

fn deviations(what: &str, schema: &'static Schema, value: &Value) -> Vec<Deviation> {
    let broken = schema.violations(value).into_iter().filter_map(|violation| {
        let part = value.pointer(&violation.pointer)?;
        if may_still_fit(part, &violation.keyword) {
            return None;
        }
        let words = words_at(schema, &violation.pointer).filter(|_| violation.keyword == "enum");
        let (message, help) = match words.zip(part.as_str()) {
            Some((words, word)) => (
                format!("{what} documents no `{word}` here"),
                Some(suggestion(word, words.into_iter(), "documented")),
            ),
            None => (format!("{what} documents it otherwise: {}", violation.message), None),
        };
        Some(Deviation { pointer: violation.pointer, is_name: false, message, help })
    });
    let undocumented = undocumented_fields(schema, value).into_iter().filter_map(|pointer| {
        let (parent, name) = pointer.rsplit_once('/')?;
        let name = name.replace("~1", "/").replace("~0", "~");
        if template::placeholders(&name).next().is_some() {
            return None;
        }
        // Only the names at the top are near at hand in the schema.
        let known = schema.json["properties"].as_object().filter(|_| parent.is_empty());
        let help = known.map(|known| {
            let names: Vec<_> = known.keys().map(String::as_str).collect();
            suggestion(&name, names.into_iter(), "documented")
        });
        let message = format!("{what} documents no member `{name}`");
        Some(Deviation { pointer, is_name: true, message, help })
    });
    broken.chain(undocumented).collect()
}

/// The words that the schema allows for a member at the top.
fn words_at(schema: &'static Schema, pointer: &str) -> Option<Vec<&'static str>> {
    let words = schema.json["properties"][pointer.strip_prefix('/')?]["enum"].as_array()?;
    Some(words.iter().filter_map(Value::as_str).collect())
}

/// Whether a part that breaks this keyword as it stands may keep it once placeholders are replaced.
fn may_still_fit(part: &Value, keyword: &str) -> bool {
    match part {
        Value::String(text) => match template::placeholders(text).next() {
            // Alone it becomes any value, within a longer text that text.
            Some(path) => text.len() == path.len() + 2 || keyword != "type",
            None => false,
        },
        Value::Object(_) if has_open_name(part) => keyword != "type",
        Value::Array(_) | Value::Object(_) => {
            let counts = ["type", "required", "minItems", "maxItems", "minProperties"];
            is_open(part) && !counts.contains(&keyword)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(deviations: &[Deviation]) -> Vec<&str> {
        deviations.iter().map(|deviation| deviation.pointer.as_str()).collect()
    }

    #[test]
    fn placeholders_are_given_the_benefit_of_the_doubt() {
        for open in [
            json!("{body}"),
            json!({ "room": "{room.id}", "content": "{text}", "message_type": "{kind}" }),
            json!({ "room": "{a}-{b}", "content": "x" }),
            json!({ "room": "{room.id}", "{name}": "content" }),
        ] {
            assert_eq!(of_body(Operation::MessagesSend, &open), [], "{open}");
        }
        let direct = |ids: Value| json!({ "room_type": "direct", "participant_ids": ids });
        for fits in [json!(["{bob.id}"]), json!("{ids}")] {
            assert_eq!(of_body(Operation::RoomsCreate, &direct(fits)), []);
        }
        for event in [json!({ "type": "{kind}" }), json!({ "{a}": 1 })] {
            assert_eq!(of_event(&event), []);
        }
    }

    #[test]
    fn what_no_placeholder_can_mend_is_told() {
        let operation = Operation::RoomsCreate;
        let two = json!({ "room_type": "direct", "participant_ids": ["{bob.id}", "{carol.id}"] });
        assert_eq!(pointers(&of_body(operation, &two)), ["/participant_ids"]);
        let text = json!({ "room_type": "group", "task": "task {n}" });
        assert_eq!(pointers(&of_body(operation, &text)), ["/task"]);
        let typeless = json!({ "name": "{name}", "nmae": 1 });
        assert_eq!(pointers(&of_body(operation, &typeless)), ["", "/nmae"]);
        let form = json!({ "room": "here", "content": "{text}" });
        assert_eq!(pointers(&of_form(Operation::MessagesSend, &form)), ["/room"]);
        let event = json!({ "type": "typing", "is_typing": "yes", "who": "{bob.id}" });
        assert_eq!(pointers(&of_event(&event)), ["/is_typing", "/who"]);
        assert_eq!(pointers(&of_event(&json!({ "type": "typ" }))), ["/type"]);
        assert_eq!(pointers(&of_event(&json!({}))), [""]);
    }
}
