//! The REST operations as an OpenAPI 3.1 document.

use serde_json::{Map, Value, json};

use super::components::{HOST, TITLE, components, examples_of, reference};
use crate::operation::{OPERATIONS, OperationSpec, QueryParameter};
use crate::schemas::{self, Schema};
use crate::{Operation, QueryKind, SPECIFICATION_VERSION};

/// The first word of the ids of operations, and the heading of the specification that groups them.
const TAGS: &[(&str, &str)] = &[
    ("token", "Authentication"),
    ("rooms", "Chat Rooms"),
    ("messages", "Messages"),
    ("participants", "Participants"),
];

/// Operations that create something, with the names of its id in paths and in queries.
const CREATIONS: &[(Operation, &str, Option<&str>)] = &[
    (Operation::RoomsCreate, "room_id", Some("room")),
    (Operation::MessagesSend, "message_id", None),
    (Operation::ParticipantsAdd, "participant_id", None),
];

/// The REST operations as an OpenAPI 3.1 document.
pub fn openapi() -> Value {
    let mut paths = Map::new();
    for spec in OPERATIONS.iter() {
        let path = paths.entry(spec.path).or_insert_with(|| json!({}));
        path[spec.method.as_str().to_lowercase()] = operation(spec);
    }
    let tags = TAGS.iter().map(|(name, section)| json!({ "name": name, "description": section }));
    let rest = schemas::all().filter(|schema| schema.id.starts_with("rest/"));
    json!({
        "openapi": "3.1.0",
        "info": { "title": TITLE, "version": SPECIFICATION_VERSION },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{ "url": format!("https://{HOST}/api") }],
        "tags": tags.collect::<Value>(),
        "security": [{ "bearer": [] }],
        "paths": paths,
        "components": {
            "schemas": components(rest.chain([schemas::error()])),
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
            },
        },
    })
}

fn operation(spec: &OperationSpec) -> Value {
    let tag = spec.id.split('.').next();
    let mut operation = json!({
        "operationId": spec.id,
        "summary": spec.section,
        "tags": [tag],
    });
    let parameters: Vec<Value> = spec
        .path_parameters()
        .map(path_parameter)
        .chain(spec.query.iter().map(|parameter| query_parameter(spec, parameter)))
        .collect();
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(body) = request_body(spec) {
        operation["requestBody"] = body;
    }
    if !spec.authenticated {
        operation["security"] = json!([]);
    }
    let statuses = spec.success.iter().chain(spec.refusals);
    operation["responses"] = statuses
        .map(|status| (status.to_string(), response(spec, *status)))
        .collect::<Map<_, _>>()
        .into();
    operation
}

/// Rooms and messages have UUIDs, participants integers. Section *Data Models*.
fn path_parameter(name: &str) -> Value {
    let schema = match name {
        "participant_id" => json!({ "type": "integer" }),
        _ => json!({ "type": "string", "format": "uuid" }),
    };
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

fn query_parameter(spec: &OperationSpec, parameter: &QueryParameter) -> Value {
    let schema = match parameter.kind {
        QueryKind::Uuid => json!({ "type": "string", "format": "uuid" }),
        QueryKind::Integer { minimum, maximum: None } => {
            json!({ "type": "integer", "minimum": minimum })
        }
        QueryKind::Integer { minimum, maximum: Some(maximum) } => {
            json!({ "type": "integer", "minimum": minimum, "maximum": maximum })
        }
        QueryKind::Enumeration(words) => json!({ "type": "string", "enum": words }),
        QueryKind::Text { minimum_length } => {
            json!({ "type": "string", "minLength": minimum_length })
        }
        QueryKind::Flag => json!({ "type": "boolean" }),
    };
    json!({
        "name": spec.sent_name(parameter.name),
        "in": "query",
        "required": parameter.required,
        "description": parameter.description,
        "schema": schema,
    })
}

fn request_body(spec: &OperationSpec) -> Option<Value> {
    let mut content = json!({ "application/json": media(schemas::request(spec.operation)?) });
    if let Some(form) = schemas::multipart_request(spec.operation) {
        content["multipart/form-data"] = media(form);
    }
    Some(json!({ "required": true, "content": content }))
}

fn response(spec: &OperationSpec, status: u16) -> Value {
    let description = match status {
        200 => "Success",
        201 => "Resource created",
        204 => "Success, without a body",
        400 => "Invalid input",
        401 => "Invalid/expired token",
        403 => "No permission",
        404 => "Resource not found",
        _ => "Not in the specification's list of statuses",
    };
    let mut response = json!({ "description": description });
    if let Some(schema) = schemas::response(spec.operation, status) {
        response["content"] = json!({ "application/json": media(schema) });
    }
    if spec.success.contains(&status)
        && let Some(links) = links(spec.operation)
    {
        response["links"] = links;
    }
    response
}

/// The operations that take the id of what an operation creates, so that tools can go on from there.
fn links(creation: Operation) -> Option<Value> {
    let (_, in_path, in_query) = CREATIONS.iter().find(|(operation, ..)| *operation == creation)?;
    let link = |spec: &OperationSpec| {
        let path = spec.path_parameters().find(|name| name == in_path);
        let query = || spec.query.iter().find(|it| Some(it.name) == *in_query);
        let query = || query().map(|it| spec.sent_name(it.name));
        let parameter = path.or_else(query)?;
        let target = json!({
            "operationId": spec.id,
            "parameters": { parameter: "$response.body#/id" },
        });
        Some((spec.id.to_owned(), target))
    };
    Some(OPERATIONS.iter().filter_map(link).collect::<Map<_, _>>().into())
}

/// A media type with this schema, and its examples from the specification.
fn media(schema: &Schema) -> Value {
    let examples: Map<String, Value> = examples_of(schema)
        .map(|(name, value)| (name.to_owned(), json!({ "value": value })))
        .collect();
    let mut media = json!({ "schema": reference(schema) });
    if !examples.is_empty() {
        media["examples"] = examples.into();
    }
    media
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_is_exported_once() {
        let document = openapi();
        let paths = document["paths"].as_object().unwrap();
        let operations: Vec<&Value> =
            paths.values().flat_map(|path| path.as_object().unwrap().values()).collect();
        assert_eq!(operations.len(), OPERATIONS.len());
        for spec in OPERATIONS.iter() {
            let method = spec.method.as_str().to_lowercase();
            assert_eq!(paths[spec.path][method.as_str()]["operationId"], spec.id);
            assert!(TAGS.iter().any(|(tag, _)| spec.id.starts_with(tag)), "{}", spec.id);
        }
        for (_, section) in TAGS {
            assert!(crate::specification::section(section).is_some(), "{section}");
        }
    }

    #[test]
    fn bounds_bodies_and_statuses_come_from_the_table() {
        let list = operation(Operation::MessagesList.spec());
        let page_size = &list["parameters"][2];
        assert_eq!(page_size["name"], "page_size");
        assert_eq!(page_size["schema"], json!({ "type": "integer", "minimum": 1, "maximum": 100 }));

        let send = operation(Operation::MessagesSend.spec());
        let content = &send["requestBody"]["content"];
        let json = &content["application/json"];
        assert_eq!(json["schema"]["$ref"], "#/components/schemas/messages.send.request");
        assert_eq!(json["examples"].as_object().unwrap().len(), 2);
        assert!(content["multipart/form-data"]["schema"].is_object());

        let remove = operation(Operation::ParticipantsRemove.spec());
        let statuses: Vec<&String> = remove["responses"].as_object().unwrap().keys().collect();
        assert_eq!(statuses, ["200", "204", "400", "401", "403", "404"]);
        assert!(remove["responses"]["204"].get("content").is_none());
        let refusal = &remove["responses"]["403"]["content"]["application/json"];
        assert_eq!(refusal["schema"]["$ref"], "#/components/schemas/error");
        assert_eq!(refusal["examples"].as_object().unwrap().len(), 1);
    }

    #[test]
    fn links_lead_from_creations_to_all_operations_with_an_id() {
        let document = openapi();
        let text = document.to_string();
        for spec in OPERATIONS.iter().filter(|spec| spec.path_parameters().next().is_some()) {
            assert!(text.contains(&format!(r#"{{"operationId":"{}","parameters""#, spec.id)));
        }
        let created = &operation(Operation::RoomsCreate.spec())["responses"]["201"]["links"];
        assert_eq!(created["rooms.get"]["parameters"]["room_id"], "$response.body#/id");
        assert_eq!(created["messages.list"]["parameters"]["room"], "$response.body#/id");
        assert!(operation(Operation::RoomsGet.spec())["responses"]["200"].get("links").is_none());
    }

    #[test]
    fn only_token_operations_are_public() {
        for spec in OPERATIONS.iter() {
            let open = operation(spec).get("security").is_some();
            assert_eq!(open, spec.id.starts_with("token."), "{}", spec.id);
        }
    }
}
