//! Cases with invalid ids in paths.

use hearback_contract::{Operation, RequestBody, RequirementId, schemas};
use hearback_scenarios::Action;
use hearback_scenarios::step::Call;

use super::actions::{get, list, setup};
use super::group::{CaseGroup, alone};
use crate::depth::Depth;
use crate::schema::{Hints, ValueSchema};
use crate::valid;

const REQUIREMENTS: &[RequirementId] = &[
    RequirementId::InputMalformedIdRefused,
    RequirementId::StatusUnknownId,
    RequirementId::StatusErrorBody,
    RequirementId::StatusDocumented,
    RequirementId::StatusNoServerError,
];

/// Malformed ids, none similar to an existing id, so that no existing object is affected.
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

pub(super) fn groups(_: u64, _: Depth) -> Vec<CaseGroup> {
    let operations = Operation::all().filter(|it| it.spec().path_parameters().next().is_some());
    operations.map(of_operation).collect()
}

fn of_operation(operation: Operation) -> CaseGroup {
    // Ids of nothing, and of an existing object of another kind.
    let others: &[&str] = match operation.spec().path_parameters().next() {
        Some("room_id") => &["{unknown.uuid}", "{first.id}"],
        Some("message_id") => &["{unknown.uuid}", "{room.id}"],
        _ => &["{unknown.number}", "{room.id}"],
    };
    let body = (operation.spec().body != RequestBody::None).then(|| {
        let schema = schemas::request(operation).expect("the operation has a request body");
        valid::simplest(&ValueSchema::alternatives(schema.json, Hints::default())[0])
    });
    let case = |id: &&str| {
        let at = Some((*id).to_owned());
        Action::Call(Call { at, body: body.clone(), ..Call::new("alice", operation) })
    };
    let snapshot = || vec![list("bob"), get("bob", Operation::RoomsGet, "{room.id}")];
    CaseGroup {
        name: format!("{}/ids", operation.id()),
        title: format!("Unknown and malformed ids for {}", operation.id()),
        requirements: REQUIREMENTS,
        before: [setup(), snapshot()].concat(),
        cases: alone(others.iter().chain(MALFORMED).map(case).collect()),
        after: snapshot(),
    }
}
