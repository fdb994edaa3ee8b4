//! Generated events of clients.

use hearback_contract::{ClientEvent, schemas};
use serde_json::Value;

use super::entry::scene;
use super::script::{Family, connect, fence, list, send};
use crate::depth::Depth;
use crate::shape::{Live, Shape};
use crate::{sampling, valid, violation};

const LIVE: Live = Live {
    placeholders: &[("/reply_to", &["{first.id}"]), ("/message_id", &["{first.id}"])],
    // What is sent on a socket is recognised by what it says.
    prefixes: &[("/message", "{unique} ")],
    advisable: &[],
};

const VALID: &[&str] = &[
    "message/content-intact",
    "socket/message-reaches-others",
    "socket/message-right",
    "socket/survives-bad-input",
];

const INVALID: &[&str] =
    &["socket/invalid-fields", "socket/missing-type", "socket/survives-bad-input"];

pub(super) fn families(seed: u64, depth: Depth) -> Vec<Family> {
    ClientEvent::ALL.into_iter().flat_map(|event| of_event(event, seed, depth)).collect()
}

fn of_event(event: ClientEvent, seed: u64, depth: Depth) -> [Family; 2] {
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
    // What has no `type` is a frame of no event; a number may be taken for the text that it reads as
    // (lenient-values), and then nobody knows whose the message is.
    let is_telling = |event: &Value| event.is_object() && !event["message"].is_number();
    let invalid = violation::values(&shapes).into_iter().filter(is_telling);
    [
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
    ]
}
