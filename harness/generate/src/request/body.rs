//! Cases with generated JSON bodies.

use hearback_contract::RequirementId;
use hearback_contract::schemas::{self, Schema};
use hearback_scenarios::Action;
use hearback_scenarios::step::Call;
use serde_json::Value;

use super::actions::{connect, fence, list, setup};
use super::group::{CaseGroup, alone};
use super::operation::{BODY_OPERATIONS, BodyOperation};
use super::raw::{self, Raw};
use crate::depth::Depth;
use crate::schema::ValueSchema;
use crate::valid::{self, distinct, interleaved};
use crate::{sampling, violation};

/// The requirements that invalid bodies cover.
const INVALID: &[RequirementId] = &[
    RequirementId::InputInvalidBodyRefused,
    RequirementId::InputRefusalChangesNothing,
    RequirementId::StatusInvalidInput,
    RequirementId::StatusErrorBody,
    RequirementId::StatusNoServerError,
];

/// The maximum number of bodies for token.refresh: a server may count them as failed logins.
const MAX_TOKEN_CASES: usize = 16;

/// The number of invalid bodies between two snapshots of the state that they must not change.
const BETWEEN_SNAPSHOTS: usize = 4;

/// The fields of requests with free text.
const TEXTS: &[&str] = &["content", "name"];

pub(super) fn groups(seed: u64, depth: Depth) -> Vec<CaseGroup> {
    BODY_OPERATIONS.iter().flat_map(|row| of_operation(row, seed, depth)).collect()
}

fn of_operation(row: &BodyOperation, seed: u64, depth: Depth) -> Vec<CaseGroup> {
    let schema = schemas::request(row.operation).expect("the operation has a request body");
    let alternatives = ValueSchema::alternatives(schema.json, row.hints);
    let simplest = valid::simplest(alternatives.last().expect("a schema has an alternative"));
    let groups = [
        valid_bodies(row, &alternatives, seed, depth),
        Some(invalid_bodies(row, schema, &alternatives, &simplest)),
        mass_assignment(row, &simplest),
    ];
    groups.into_iter().flatten().collect()
}

fn name(row: &BodyOperation, kind: &str) -> String {
    format!("{}/{kind}", row.operation.id())
}

fn title(row: &BodyOperation, cases: &str) -> String {
    format!("{cases} for {}", row.operation.id())
}

fn valid_bodies(
    row: &BodyOperation,
    alternatives: &[ValueSchema],
    seed: u64,
    depth: Depth,
) -> Option<CaseGroup> {
    let indexes = (0..alternatives.len()).filter(|index| (row.repeatable)(*index));
    let repeatable: Vec<_> = indexes.map(|index| &alternatives[index]).collect();
    let first = repeatable.first()?;
    let mut bodies: Vec<_> =
        repeatable.iter().flat_map(|schema| valid::boundaries(schema)).collect();
    let left = depth.cases.saturating_sub(bodies.len());
    bodies.extend(sampling::values(first, &name(row, "valid"), seed, left));
    let case = |body| [(row.prepare)(), vec![row.with(body)], (row.inspect)()].concat();
    Some(CaseGroup {
        name: name(row, "valid"),
        title: title(row, "Valid bodies"),
        requirements: row.valid,
        before: [setup(), vec![connect("alice"), connect("bob")]].concat(),
        cases: distinct(bodies).into_iter().map(case).collect(),
        after: vec![fence("alice"), list("bob")],
    })
}

fn invalid_bodies(
    row: &BodyOperation,
    schema: &Schema,
    alternatives: &[ValueSchema],
    simplest: &Value,
) -> CaseGroup {
    let invalid = violation::values(alternatives).into_iter().map(|body| row.with(body));
    let send = |(content_type, text): Raw| {
        Action::Call(Call { raw: Some((content_type, text)), ..row.call() })
    };
    let malformed = raw::malformed(simplest).into_iter().map(send);
    let texts = TEXTS.iter().filter(|field| schema.json["properties"].get(field).is_some());
    let escapes = texts.flat_map(|field| raw::unusual_escapes(simplest, field)).map(send);
    let snapshot = || (row.snapshot)();
    let mut cases = with_snapshots(
        interleaved(vec![invalid.collect(), malformed.collect(), escapes.collect()]),
        snapshot,
    );
    if !row.operation.spec().authenticated {
        cases.truncate(MAX_TOKEN_CASES);
    }
    CaseGroup {
        name: name(row, "invalid"),
        title: title(row, "Bodies with one violation"),
        requirements: INVALID,
        before: [setup(), (row.prepare)(), snapshot()].concat(),
        cases,
        after: snapshot(),
    }
}

fn mass_assignment(row: &BodyOperation, simplest: &Value) -> Option<CaseGroup> {
    let case = |(field, value): &(&str, &str)| {
        let mut body = simplest.clone();
        body[*field] =
            serde_json::from_str(value).unwrap_or_else(|error| panic!("{value}: {error}"));
        let (actor, at) = row.mass_assigner;
        let mut call = Call { actor: actor.to_owned(), body: Some(body), ..row.call() };
        call.at = at.map(str::to_owned).or(call.at);
        [(row.prepare)(), vec![Action::Call(call)], (row.inspect)()].concat()
    };
    (!row.read_only_fields.is_empty()).then(|| CaseGroup {
        name: name(row, "mass-assignment"),
        title: title(row, "Bodies with read-only fields"),
        requirements: row.mass_assignment,
        before: setup(),
        cases: row.read_only_fields.iter().map(case).collect(),
        after: (row.snapshot)(),
    })
}

/// One case per action, with a snapshot after every few cases.
fn with_snapshots(actions: Vec<Action>, snapshot: impl Fn() -> Vec<Action>) -> Vec<Vec<Action>> {
    let mut cases = alone(actions);
    for case in cases.iter_mut().skip(BETWEEN_SNAPSHOTS - 1).step_by(BETWEEN_SNAPSHOTS) {
        case.extend(snapshot());
    }
    cases
}
