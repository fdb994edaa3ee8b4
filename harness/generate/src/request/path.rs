//! Generated ids in paths.

use hearback_contract::{Operation, RequestBody, RequirementId, schemas};
use hearback_scenarios::Action;
use hearback_scenarios::step::Call;

use super::body::alone;
use super::entry::scene;
use super::scenario::{Family, call, list, look};
use crate::depth::Depth;
use crate::shape::{Live, Shape};
use crate::valid;

const REQUIREMENTS: &[RequirementId] = &[
    RequirementId::InputMalformedIdRefused,
    RequirementId::StatusUnknownId,
    RequirementId::StatusErrorBody,
    RequirementId::StatusDocumented,
    RequirementId::StatusNoServerError,
];

/// What is no UUID and no number, and near to none that there is: nothing is touched by mistake.
static MALFORMED: &[&str] = &[
    "not-an-id",
    "0",
    "-1",
    "1.5",
    "null",
    "99999999999999999999",
    "550e8400-e29b-41d4-a716-44665544000",
    "\u{1F9FF}",
    "a b",
    "a%2Fb",
    "'",
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890",
];

pub(super) fn families(_: u64, _: Depth) -> Vec<Family> {
    let operations = Operation::all().filter(|it| it.spec().path_parameters().next().is_some());
    operations.map(of_operation).collect()
}

fn of_operation(operation: Operation) -> Family {
    // Ids of other kinds: there is something with this id, and it is not what is asked for.
    let others: &[&str] = match operation.spec().path_parameters().next() {
        Some("room_id") => &["{unknown.uuid}", "{first.id}"],
        Some("message_id") => &["{unknown.uuid}", "{room.id}"],
        _ => &["{unknown.number}", "{room.id}"],
    };
    let body = (operation.spec().body != RequestBody::None).then(|| {
        let schema = schemas::request(operation).expect("it takes a body");
        valid::simplest(&Shape::all(schema.json, Live::default())[0])
    });
    let case = |id: &&str| {
        let at = Some((*id).to_owned());
        Action::Call(Call { at, body: body.clone(), ..call("alice", operation) })
    };
    let survey = || vec![list("bob"), look("bob", Operation::RoomsGet, "{room.id}")];
    Family {
        name: format!("{}/ids", operation.id()),
        title: format!("Ids of nothing for {}", operation.id()),
        requirements: REQUIREMENTS,
        before: [scene(), survey()].concat(),
        cases: alone(others.iter().chain(MALFORMED).map(case).collect()),
        after: survey(),
    }
}
