//! The subject of a violation, as typed values.

use hearback_contract::schemas::SchemaViolation;
use hearback_contract::{MessageId, Operation, RoomId, ServerEvent};
use hearback_history::{ActorName, Call};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::evidence::Evidence;
use crate::scope::{Place, UNNAMED};

/// Maximum length of the shape of a body, in characters.
const LONGEST_SHAPE: usize = 100;

/// The subject of a violation; members that its evidence does not name are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The operation whose response shows the violation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// The event that shows the violation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<ServerEvent>,
    /// The actor that sent the request or received the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<ActorName>,
    /// The room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// The message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// The name of the member of an object that is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The status of the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The defect, where its form identifies it across requirements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defect: Option<Defect>,
}

/// A defect whose form identifies it: two violations with equal defects have one probable cause.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Defect {
    /// A value does not conform to its schema.
    Schema {
        /// The name of the violated model, such as `chat_room`; empty if the schema belongs to one operation or event.
        model: String,
        /// The violated member of the schema, with dots between the members of nested objects; empty for the whole value.
        member: String,
        /// The violated keyword, such as `required`.
        keyword: String,
    },
    /// A response with a status that the operation must not have.
    Response {
        /// The status.
        status: u16,
        /// The names and types of the members of the body.
        shape: String,
    },
}

impl Subject {
    /// Id of the operation or event that shows the violation.
    pub fn interface(&self) -> Option<&'static str> {
        self.operation.map(Operation::id).or_else(|| self.event.map(ServerEvent::id))
    }

    /// The subject that the last event of `evidence` and the place of the violation name.
    pub(crate) fn of(evidence: &[Evidence<'_>], place: Place, defect: Option<Defect>) -> Self {
        let (actor, status) = match evidence.last() {
            Some(Evidence::Call(call)) => (Some(&call.invocation.actor), call.status()),
            Some(Evidence::Frame(connection, _) | Evidence::Connection(connection)) => {
                (Some(&connection.actor), None)
            }
            Some(Evidence::Expectation(_)) | None => (None, None),
        };
        Self {
            operation: place.operation,
            event: place.event,
            actor: actor.cloned(),
            room: place.rooms.into_iter().next(),
            message: place.messages.into_iter().find(|id| !id.as_str().starts_with(UNNAMED)),
            member: place.member,
            status,
            defect,
        }
    }
}

impl Defect {
    /// The defect of a value that does not conform to its schema.
    pub fn schema(violation: &SchemaViolation) -> Self {
        Self::Schema {
            model: violation.model.clone(),
            member: violation.member.clone(),
            keyword: violation.keyword.clone(),
        }
    }

    /// The defect of a response with a status that its operation must not have.
    pub fn response(call: &Call) -> Option<Self> {
        Some(Self::Response { status: call.status()?, shape: shape(call.response()) })
    }
}

/// The names and types of the members of a body, such as `{detail: string}`.
fn shape(body: Option<&Value>) -> String {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match body {
        None => "not JSON".to_owned(),
        Some(Value::Object(members)) => {
            let members = members.iter().map(|(name, value)| format!("{name}: {}", kind(value)));
            let shape = format!("{{{}}}", members.collect::<Vec<_>>().join(", "));
            shape.chars().take(LONGEST_SHAPE).collect()
        }
        Some(other) => kind(other).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_with_the_same_members_have_the_same_shape() {
        let of = |body: Value| shape(Some(&body));
        assert_eq!(of(json!({"detail": "Not found."})), "{detail: string}");
        assert_eq!(of(json!({"detail": "Other."})), of(json!({"detail": "Not found."})));
        assert_eq!(of(json!(["Not found."])), "array");
        assert_eq!(shape(None), "not JSON");
    }
}
