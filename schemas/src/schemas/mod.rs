//! The JSON Schemas of every model, request, response and socket event, compiled once.
//!
//! Each schema is a file below `models/`, `rest/` or `socket/`, and its path is its [`Schema::id`].

mod defect;
mod dispatch;
mod node;
mod part;
mod shipped;
mod undocumented;
mod violation;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::{Registry, Validator};
use serde_json::Value;

pub(crate) use defect::defects;
pub use defect::{BASE, SchemaError, references, resolved};
pub use dispatch::{DispatchError, client_event_of, server_event_of};
pub use part::SchemaPart;
pub(crate) use shipped::parsed_files;
pub use shipped::shipped;
pub use undocumented::undocumented_fields;
pub use violation::SchemaViolation;

use crate::overlay;
use crate::{ClientEvent, Operation, ServerEvent};
use defect::{compiled, registry};

/// The files of this process, by path.
static FILES: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
    let mut files = shipped().clone();
    overlay::in_force().into_iter().for_each(|overlay| overlay.apply_to_schemas(&mut files));
    files
});

static REGISTRY: LazyLock<Registry<'static>> =
    LazyLock::new(|| registry(&FILES).expect("the embedded schemas refer only to each other"));

static SCHEMAS: LazyLock<BTreeMap<&'static str, Schema>> = LazyLock::new(|| {
    FILES.iter().map(|(path, json)| (path.as_str(), Schema::compiled(path, json))).collect()
});

/// A compiled JSON Schema, draft 2020-12.
#[derive(Debug)]
pub struct Schema {
    /// Path of its file in the crate, such as `rest/rooms.list.200.json`.
    pub id: &'static str,
    /// The schema as written.
    pub json: &'static Value,
    validator: Validator,
}

impl Schema {
    fn compiled(id: &'static str, json: &'static Value) -> Self {
        let validator = compiled(json, &REGISTRY)
            .unwrap_or_else(|error| panic!("{id} does not compile: {error}"));
        Self { id, json, validator }
    }

    /// Returns true if `instance` conforms.
    pub fn is_valid(&self, instance: &Value) -> bool {
        self.validator.is_valid(instance)
    }

    /// Every violation in `instance`, in the order of the schema; empty if it conforms.
    pub fn violations(&self, instance: &Value) -> Vec<SchemaViolation> {
        self.validator.iter_errors(instance).map(|error| SchemaViolation::from(&error)).collect()
    }

    /// The schema that a `$ref` in this schema points to.
    ///
    /// All references are relative paths of whole files.
    pub fn referenced(&self, reference: &str) -> Option<&'static Schema> {
        find(&resolved(self.id, reference))
    }
}

/// Every schema, sorted by path.
pub fn all() -> impl Iterator<Item = &'static Schema> {
    SCHEMAS.values()
}

/// The schema with this [`Schema::id`].
pub fn find(id: &str) -> Option<&'static Schema> {
    SCHEMAS.get(id)
}

/// A model by the name of its file, such as `chat_room`.
pub fn model(name: &str) -> Option<&'static Schema> {
    find(&format!("models/{name}.json"))
}

/// The body of a response with this status; `None` for 204 and for undocumented statuses.
///
/// All successful statuses except 204 share the body of the first, and all rejections share [`error`].
pub fn response(operation: Operation, status: u16) -> Option<&'static Schema> {
    let spec = operation.spec();
    if spec.refusals.contains(&status) {
        return Some(error());
    }
    if !operation.succeeds_with(status) || status == 204 {
        return None;
    }
    // An overlay that changes the status may keep the schema.
    let statuses = [status, spec.success[0], operation.shipped().success[0]];
    statuses.iter().find_map(|status| find(&format!("rest/{}.{status}.json", spec.id)))
}

/// The JSON body of a request; `None` if the operation has no request body.
pub fn request(operation: Operation) -> Option<&'static Schema> {
    find(&format!("rest/{}.request.json", operation.id()))
}

/// The fields of a `multipart/form-data` request; `None` if the operation accepts no form.
pub fn multipart_request(operation: Operation) -> Option<&'static Schema> {
    find(&format!("rest/{}.multipart.json", operation.id()))
}

/// An event from client to server.
pub fn client_event(event: ClientEvent) -> &'static Schema {
    embedded(&format!("socket/client/{}.json", event.id()))
}

/// An event from server to client.
pub fn server_event(event: ServerEvent) -> &'static Schema {
    embedded(&format!("socket/server/{}.json", event.id()))
}

/// The body of every rejection. Section *Error Response Format*.
pub fn error() -> &'static Schema {
    embedded("models/error.json")
}

fn embedded(id: &str) -> &'static Schema {
    find(id).unwrap_or_else(|| panic!("no schema file {id}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::examples;

    #[test]
    fn each_id_is_the_path() {
        for schema in all() {
            assert_eq!(schema.json["$id"], json!(format!("{BASE}{}", schema.id)));
        }
    }

    #[test]
    fn each_description_names_a_section() {
        for schema in all() {
            let description = schema.json["description"].as_str().expect("a description");
            let (_, section) = description.rsplit_once("Section ").expect(description);
            let section = section.trim_end_matches('.');
            assert!(crate::specification::section(section).is_some(), "{}: {section}", schema.id);
            assert!(schema.json["title"].is_string(), "{}", schema.id);
        }
    }

    #[test]
    fn each_reference_resolves() {
        for schema in all() {
            for reference in references(schema.json) {
                assert!(schema.referenced(reference).is_some(), "{}: {reference}", schema.id);
            }
        }
    }

    #[test]
    fn every_schema_is_reachable() {
        let mut pending: Vec<&Schema> = Operation::all()
            .flat_map(|operation| {
                let spec = operation.spec();
                let statuses = spec.success.iter().chain(spec.refusals);
                statuses
                    .filter_map(move |status| response(operation, *status))
                    .chain(request(operation))
                    .chain(multipart_request(operation))
            })
            .chain(ClientEvent::ALL.map(client_event))
            .chain(ServerEvent::ALL.map(server_event))
            .collect();
        let mut reached = BTreeSet::new();
        while let Some(schema) = pending.pop() {
            if reached.insert(schema.id) {
                pending.extend(
                    references(schema.json).iter().filter_map(|path| schema.referenced(path)),
                );
            }
        }
        let files: BTreeSet<&str> = all().map(|schema| schema.id).collect();
        assert_eq!(files, reached);
    }

    #[test]
    fn each_success_has_a_schema_or_no_body() {
        for operation in Operation::all() {
            for status in operation.spec().success {
                let schema = response(operation, *status);
                assert_eq!(schema.is_none(), *status == 204, "{operation} {status}");
            }
        }
        assert!(response(Operation::RoomsGet, 302).is_none());
        assert_eq!(response(Operation::RoomsGet, 404).unwrap().id, "models/error.json");
    }

    #[test]
    fn each_documented_body_has_a_schema() {
        use crate::RequestBody;
        for operation in Operation::all() {
            let body = operation.spec().body;
            assert_eq!(request(operation).is_some(), body != RequestBody::None, "{operation}");
            let takes_form = body == RequestBody::JsonOrMultipart;
            assert_eq!(multipart_request(operation).is_some(), takes_form, "{operation}");
        }
    }

    /// Pointers and keywords of the violations in `fixture` with the value at `pointer` replaced.
    fn violations(
        schema: &Schema,
        fixture: &str,
        pointer: &str,
        value: Value,
    ) -> Vec<(String, String)> {
        let mut instance = examples::fixture(fixture).unwrap().clone();
        *instance.pointer_mut(pointer).unwrap() = value;
        let violations = schema.violations(&instance);
        assert_eq!(violations.is_empty(), schema.is_valid(&instance));
        violations.into_iter().map(|violation| (violation.pointer, violation.keyword)).collect()
    }

    #[test]
    fn formats_bounds_and_types_are_enforced() {
        let message = model("chat_message").unwrap();
        let cases = [
            ("/id", json!("550e8400"), "format"),
            ("/created_at", json!("2025-10-19T14:30:00"), "format"),
            ("/edited_at", json!("2025-10-19"), "format"),
            ("/attachment", json!("http://[broken"), "format"),
            ("/attachment_size", json!(-1), "minimum"),
            ("/message_type", json!("video"), "enum"),
            ("/sender", json!(null), "type"),
            ("/reply_to", json!("first"), "format"),
            ("/reply_to", json!({ "content": "no id" }), "required"),
            ("/read_by", json!([]), "type"),
            ("/read_by/3", json!("just now"), "format"),
        ];
        for (pointer, value, keyword) in cases {
            let violations = violations(message, "message", pointer, value);
            assert_eq!(violations, [(pointer.to_owned(), keyword.to_owned())]);
        }
        let by_name =
            violations(message, "message", "/read_by", json!({ "bob": "2025-10-19T14:31:00Z" }));
        assert_eq!(by_name, [("/read_by".to_owned(), "propertyNames".to_owned())]);
    }

    #[test]
    fn every_reading_of_the_specification_is_accepted() {
        let message = model("chat_message").unwrap();
        let room = model("chat_room").unwrap();
        let id = json!("660e8400-e29b-41d4-a716-446655440001");
        let cases = [
            (message, "message", "/reply_to", id.clone()),
            (message, "message", "/reply_to", json!({ "id": id, "content": "Hey" })),
            (message, "message", "/attachment", json!("/media/photo.png")),
            (message, "message", "/attachment_name", json!(null)),
            (message, "message", "/created_at", json!("2025-10-19T14:30:00.123456+02:00")),
            (room, "room", "/name", json!(null)),
            (room, "room", "/created_by", json!(null)),
            (room, "room", "/last_message", json!(null)),
            (room, "room", "/last_message", examples::fixture("message").unwrap().clone()),
        ];
        for (schema, fixture, pointer, value) in cases {
            assert_eq!(violations(schema, fixture, pointer, value), [], "{pointer}");
        }
    }

    #[test]
    fn undocumented_lists_may_be_pages_or_arrays() {
        let schema = response(Operation::MessagesSearch, 200).unwrap();
        let page = examples::fixture("page_of_messages").unwrap();
        assert!(schema.is_valid(page));
        assert!(schema.is_valid(&page["results"]));
        assert_eq!(schema.violations(&json!("none"))[0].keyword, "type");
        assert_eq!(schema.violations(&json!([1]))[0].pointer, "/0");
        let bare = schema.violations(&json!({ "results": [1] }));
        assert!(bare.iter().any(|violation| violation.pointer == "/results/0"), "{bare:?}");
        assert!(bare.iter().any(|violation| violation.keyword == "required"), "{bare:?}");
    }

    #[test]
    fn direct_rooms_have_exactly_one_other_participant() {
        let schema = request(Operation::RoomsCreate).unwrap();
        for (ids, fits) in [(json!([]), false), (json!([5]), true), (json!([5, 7]), false)] {
            let direct = json!({ "room_type": "direct", "participant_ids": ids });
            let group = json!({ "room_type": "group", "participant_ids": ids });
            assert_eq!(schema.is_valid(&direct), fits, "{direct}");
            assert!(schema.is_valid(&group), "{group}");
        }
        assert!(!schema.is_valid(&json!({ "room_type": "direct" })));
        assert!(!schema.is_valid(&json!({ "participant_ids": [5] })));
    }
}
