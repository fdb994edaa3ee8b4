//! Generated events of clients.

use hearback_contract::{ClientEvent, RequirementId, schemas};
use serde_json::Value;

use super::entry::scene;
use super::scenario::{Family, connect, fence, list, send};
use crate::depth::Depth;
use crate::shape::{Live, Shape};
use crate::{sampling, valid, violation};

const LIVE: Live = Live {
    placeholders: &[("/reply_to", &["{first.id}"]), ("/message_id", &["{first.id}"])],
    // What is sent on a socket is recognised by what it says.
    prefixes: &[("/message", "{unique} ")],
    advisable: &[],
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

/// What is the server's to set, with values that somebody might like.
static SURPLUS: &[(&str, &str)] = &[
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

/// Longest event that is sent, in bytes.
const LONGEST: usize = 60_000;

const SMUGGLED: &[RequirementId] = &[
    RequirementId::MessageSender,
    RequirementId::MessageRoom,
    RequirementId::MessageTypeAsSent,
    RequirementId::SocketMessageRight,
];

pub(super) fn families(seed: u64, depth: Depth) -> Vec<Family> {
    ClientEvent::ALL.into_iter().flat_map(|event| of_event(event, seed, depth)).collect()
}

fn of_event(event: ClientEvent, seed: u64, depth: Depth) -> Vec<Family> {
    let shapes = Shape::all(schemas::client_event(event).json, LIVE);
    let mut events = valid::boundaries(&shapes[0]);
    let name = |kind: &str| format!("{}/{kind}", event.id());
    if event == ClientEvent::ChatMessage {
        let left = depth.cases.saturating_sub(events.len());
        events.extend(sampling::values(&shapes[0], &name("valid"), seed, left));
    }
    let before = || [scene(), vec![connect("alice"), connect("bob")]].concat();
    // Bob waits for each: what comes of it is told from what comes of the next.
    let case = |event: Value| vec![send("bob", event), fence("bob")];
    // Of a huge frame a server may close the socket (huge-frames), and there would be an end of it.
    events.retain(|event| event.to_string().len() < LONGEST);
    // What has no `type` is a frame of no event; a number may be taken for the text that it reads as
    // (lenient-values), and then nobody knows whose the message is.
    let is_telling = |event: &Value| event.is_object() && !event["message"].is_number();
    let invalid = violation::values(&shapes).into_iter().filter(is_telling);
    let mut families = vec![
        Family {
            name: name("valid"),
            title: format!("Valid {} events", event.id()),
            requirements: VALID,
            before: before(),
            cases: valid::distinct(events).into_iter().map(case).collect(),
            after: vec![list("alice")],
        },
        Family {
            name: name("invalid"),
            title: format!("Events of {} with one thing wrong", event.id()),
            requirements: INVALID,
            before: before(),
            cases: invalid.map(case).collect(),
            after: vec![fence("alice"), list("alice")],
        },
    ];
    if event == ClientEvent::ChatMessage {
        let smuggled = SURPLUS.iter().map(|(field, value)| {
            let mut event = valid::simplest(&shapes[0]);
            event[field] = serde_json::from_str(value).unwrap_or_else(|error| panic!("{error}"));
            case(event)
        });
        families.push(Family {
            name: name("surplus"),
            title: "Fields of an event that are not to be set".to_owned(),
            requirements: SMUGGLED,
            before: before(),
            cases: smuggled.collect(),
            after: vec![list("alice")],
        });
    }
    families
}
