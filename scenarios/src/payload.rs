//! Compares the payloads that a scenario sends with the documented schemas.
//!
//! The values of placeholders are not known before the run, so values that contain them are assumed to
//! conform where any value could.

use hearback_contract::schemas::{
    Schema, client_event, client_event_of, multipart_request, request, undocumented_fields,
};
use hearback_contract::{ClientEvent, Operation, UnknownId};
use serde_json::{Value, json};

use crate::diagnostic::{listed, listed_beside};
use crate::step::Call;
use crate::template;

/// One difference between a payload and its documented schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deviation {
    /// JSON Pointer; the index of an item may be `*`.
    pub(crate) pointer: String,
    /// True if the name of the member deviates, not its value.
    pub(crate) is_name: bool,
    /// A description of the deviation.
    pub(crate) message: String,
    /// The documented names or values, if they are listed in the schema.
    pub(crate) help: Option<String>,
}

/// Deviations of the JSON body of a call.
pub(crate) fn body_deviations(operation: Operation, body: &Value) -> Vec<Deviation> {
    match request(operation) {
        Some(schema) => deviations(&format!("`{operation}`"), schema, body),
        None => Vec::new(),
    }
}

/// Deviations of the fields of a form without its file.
pub(crate) fn form_deviations(operation: Operation, fields: &Value) -> Vec<Deviation> {
    let (Some(schema), Some(fields)) = (multipart_request(operation), fields.as_object()) else {
        return Vec::new();
    };
    let mut form = fields.clone();
    form.insert("attachment".to_owned(), Value::from("the file"));
    deviations(&format!("`{operation}`"), schema, &Value::Object(form))
}

/// True if the scenario must give a body; actors supply the bodies of token requests themselves.
pub(crate) fn requires_body(operation: Operation) -> bool {
    let is_supplied = matches!(operation, Operation::TokenObtain | Operation::TokenRefresh);
    !is_supplied && !body_deviations(operation, &json!({})).is_empty()
}

/// True if the payload of a call deviates; raw bodies are not compared.
pub(crate) fn deviates(call: &Call) -> bool {
    match (&call.body, &call.form, &call.raw) {
        (Some(body), ..) => !body_deviations(call.operation, body).is_empty(),
        (None, Some((fields, _)), _) => !form_deviations(call.operation, fields).is_empty(),
        (None, None, raw) => raw.is_none() && requires_body(call.operation),
    }
}

/// Deviations of an event that a client sends.
pub(crate) fn event_deviations(event: &Value) -> Vec<Deviation> {
    if event.get("type").is_some_and(has_placeholder) || has_placeholder_name(event) {
        return Vec::new();
    }
    match client_event_of(event) {
        Ok(kind) => deviations(&format!("`{}`", kind.id()), client_event(kind), event),
        Err(error) => {
            let documented = ClientEvent::ALL.iter().map(|event| event.id());
            let name = event.get("type").and_then(Value::as_str);
            let (message, help) = match name {
                Some(name) => unknown("event", name, "events of clients", documented),
                None => (error.to_string(), Some(listed("events of clients", documented))),
            };
            vec![Deviation {
                pointer: if event.get("type").is_some() { "/type" } else { "" }.to_owned(),
                is_name: false,
                message,
                help,
            }]
        }
    }
}

/// True if a value contains a placeholder at any depth.
pub(crate) fn has_placeholder(value: &Value) -> bool {
    match value {
        Value::String(text) => template::placeholders(text).next().is_some(),
        Value::Array(items) => items.iter().any(has_placeholder),
        Value::Object(members) => {
            has_placeholder_name(value) || members.values().any(has_placeholder)
        }
        _ => false,
    }
}

fn has_placeholder_name(value: &Value) -> bool {
    let names = value.as_object().into_iter().flat_map(|members| members.keys());
    names.into_iter().any(|name| template::placeholders(name).next().is_some())
}

fn deviations(what: &str, schema: &'static Schema, value: &Value) -> Vec<Deviation> {
    let invalid = schema.violations(value).into_iter().filter_map(|violation| {
        let part = value.pointer(&violation.pointer)?;
        if may_conform(part, &violation.keyword) {
            return None;
        }
        let words = words_at(schema, &violation.pointer).filter(|_| violation.keyword == "enum");
        let (message, help) = match words.zip(part.as_str()) {
            Some((words, word)) => {
                unknown("value", word, &format!("values in {what}"), words.into_iter())
            }
            None => (format!("violates the schema of {what}: {}", violation.message), None),
        };
        Some(Deviation { pointer: violation.pointer, is_name: false, message, help })
    });
    let undocumented = undocumented_fields(schema, value).into_iter().filter_map(|pointer| {
        let (parent, name) = pointer.rsplit_once('/')?;
        let name = name.replace("~1", "/").replace("~0", "~");
        if template::placeholders(&name).next().is_some() {
            return None;
        }
        // Names are suggested for members at the top level only.
        let known = schema.json["properties"].as_object().filter(|_| parent.is_empty());
        let names = || known.into_iter().flatten().map(|(name, _)| name.as_str());
        let (message, help) = unknown("field", &name, &format!("fields of {what}"), names());
        let help = help.filter(|_| known.is_some());
        Some(Deviation { pointer, is_name: true, message, help })
    });
    invalid.chain(undocumented).collect()
}

/// The message about an unknown name, and a list of the documented ones.
fn unknown<'a>(
    kind: &'static str,
    name: &str,
    introduction: &str,
    documented: impl Iterator<Item = &'a str> + Clone,
) -> (String, Option<String>) {
    let error = UnknownId::new(kind, name, documented.clone());
    (error.to_string(), listed_beside(&error, introduction, documented))
}

/// The words that the schema allows for a member at the top level.
fn words_at(schema: &'static Schema, pointer: &str) -> Option<Vec<&'static str>> {
    let words = schema.json["properties"][pointer.strip_prefix('/')?]["enum"].as_array()?;
    Some(words.iter().filter_map(Value::as_str).collect())
}

/// True if a part that violates this keyword may conform after its placeholders are replaced.
fn may_conform(part: &Value, keyword: &str) -> bool {
    match part {
        Value::String(text) => match template::placeholders(text).next() {
            // A lone placeholder becomes any value; a longer text stays text.
            Some(path) => text.len() == path.len() + 2 || keyword != "type",
            None => false,
        },
        Value::Object(_) if has_placeholder_name(part) => keyword != "type",
        Value::Array(_) | Value::Object(_) => {
            let counts = ["type", "required", "minItems", "maxItems", "minProperties"];
            has_placeholder(part) && !counts.contains(&keyword)
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
    fn values_with_placeholders_are_assumed_to_conform() {
        for open in [
            json!("{body}"),
            json!({ "room": "{room.id}", "content": "{text}", "message_type": "{kind}" }),
            json!({ "room": "{a}-{b}", "content": "x" }),
            json!({ "room": "{room.id}", "{name}": "content" }),
        ] {
            assert_eq!(body_deviations(Operation::MessagesSend, &open), [], "{open}");
        }
        let direct = |ids: Value| json!({ "room_type": "direct", "participant_ids": ids });
        for ids in [json!(["{bob.id}"]), json!("{ids}")] {
            assert_eq!(body_deviations(Operation::RoomsCreate, &direct(ids)), []);
        }
        for event in [json!({ "type": "{kind}" }), json!({ "{a}": 1 })] {
            assert_eq!(event_deviations(&event), []);
        }
    }

    #[test]
    fn deviations_despite_placeholders_are_reported() {
        let operation = Operation::RoomsCreate;
        let two = json!({ "room_type": "direct", "participant_ids": ["{bob.id}", "{carol.id}"] });
        assert_eq!(pointers(&body_deviations(operation, &two)), ["/participant_ids"]);
        let text = json!({ "room_type": "group", "task": "task {n}" });
        assert_eq!(pointers(&body_deviations(operation, &text)), ["/task"]);
        let typeless = json!({ "name": "{name}", "nmae": 1 });
        assert_eq!(pointers(&body_deviations(operation, &typeless)), ["", "/nmae"]);
        let form = json!({ "room": "here", "content": "{text}" });
        assert_eq!(pointers(&form_deviations(Operation::MessagesSend, &form)), ["/room"]);
        let event = json!({ "type": "typing", "is_typing": "yes", "who": "{bob.id}" });
        assert_eq!(pointers(&event_deviations(&event)), ["/is_typing", "/who"]);
        assert_eq!(pointers(&event_deviations(&json!({ "type": "typ" }))), ["/type"]);
        assert_eq!(pointers(&event_deviations(&json!({}))), [""]);
    }
}
