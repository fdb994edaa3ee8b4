//! Cases with generated events of clients.

use hearback_contract::{ClientEvent, RequirementId, schemas};
use serde_json::Value;

use super::actions::{connect, fence, list, send, setup};
use super::group::CaseGroup;
use crate::depth::Depth;
use crate::schema::{Hints, ValueSchema};
use crate::{sampling, valid, violation};

const HINTS: Hints = Hints {
    placeholders: &[("/reply_to", &["{first.id}"]), ("/message_id", &["{first.id}"])],
    // Messages sent on a socket are identified by their text.
    prefixes: &[("/message", "{unique} ")],
    recommended: &[],
};

const VALID: &[RequirementId] = &[
    RequirementId::MessageContentIntact,
    RequirementId::SocketMessageReachesOthers,
    RequirementId::SocketMessageRight,
    RequirementId::SocketSurvivesBadInput,
];

const INVALID: &[RequirementId] = &[
    RequirementId::SocketInvalidFields,
    RequirementId::SocketMissingType,
    RequirementId::SocketSurvivesBadInput,
];

/// Fields that only the server sets, with values as JSON that a client could gain from.
static READ_ONLY_FIELDS: &[(&str, &str)] = &[
    ("sender", r#""{carol.id}""#),
    ("sender", r#"{"id": "{alice.id}", "username": "alice"}"#),
    ("user_id", r#""{alice.id}""#),
    ("id", r#""{unknown.uuid}""#),
    ("room_id", r#""{other.id}""#),
    ("room", r#""{other.id}""#),
    ("is_edited", "true"),
    ("edited_at", r#""2001-01-01T00:00:00Z""#),
    ("created_at", r#""2001-01-01T00:00:00Z""#),
    ("message_type", r#""system""#),
];

/// The maximum length of a sent event, in bytes.
const MAX_EVENT_LENGTH: usize = 60_000;

const MASS_ASSIGNMENT: &[RequirementId] = &[
    RequirementId::MessageSender,
    RequirementId::MessageRoom,
    RequirementId::MessageTypeAsSent,
    RequirementId::SocketMessageRight,
];

pub(super) fn groups(seed: u64, depth: Depth) -> Vec<CaseGroup> {
    ClientEvent::ALL.into_iter().flat_map(|event| of_event(event, seed, depth)).collect()
}

fn of_event(event: ClientEvent, seed: u64, depth: Depth) -> Vec<CaseGroup> {
    let alternatives = ValueSchema::alternatives(schemas::client_event(event).json, HINTS);
    let mut events = valid::boundaries(&alternatives[0]);
    let name = |kind: &str| format!("{}/{kind}", event.id());
    if event == ClientEvent::ChatMessage {
        let left = depth.cases.saturating_sub(events.len());
        events.extend(sampling::values(&alternatives[0], &name("valid"), seed, left));
    }
    let before = || [setup(), vec![connect("alice"), connect("bob")]].concat();
    // A fence after each case attributes its effects to it.
    let case = |event: Value| vec![send("bob", event), fence("bob")];
    // A server may close the socket on huge frames (ambiguity `huge-frames`), which would end the scenario.
    events.retain(|event| event.to_string().len() < MAX_EVENT_LENGTH);
    // Values other than objects are not events. A number may be accepted as text (ambiguity
    // `lenient-values`), and the message could then not be attributed to a case.
    let is_attributable = |event: &Value| event.is_object() && !event["message"].is_number();
    let invalid = violation::values(&alternatives).into_iter().filter(is_attributable);
    let mut groups = vec![
        CaseGroup {
            name: name("valid"),
            title: format!("Valid {} events", event.id()),
            requirements: VALID,
            before: before(),
            cases: valid::distinct(events).into_iter().map(case).collect(),
            after: vec![list("alice")],
        },
        CaseGroup {
            name: name("invalid"),
            title: format!("{} events with one violation", event.id()),
            requirements: INVALID,
            before: before(),
            cases: invalid.map(case).collect(),
            after: vec![fence("alice"), list("alice")],
        },
    ];
    if event == ClientEvent::ChatMessage {
        let mass_assignment = READ_ONLY_FIELDS.iter().map(|(field, value)| {
            let mut event = valid::simplest(&alternatives[0]);
            event[field] = serde_json::from_str(value).unwrap_or_else(|error| panic!("{error}"));
            case(event)
        });
        groups.push(CaseGroup {
            name: name("mass-assignment"),
            title: "Events with read-only fields".to_owned(),
            requirements: MASS_ASSIGNMENT,
            before: before(),
            cases: mass_assignment.collect(),
            after: vec![list("alice")],
        });
    }
    groups
}
