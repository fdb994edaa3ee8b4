//! Generated JSON bodies.

use hearback_contract::{RequirementId, schemas};
use hearback_scenarios::Action;
use hearback_scenarios::step::Call;

use super::entry::{ENTRIES, Entry, scene};
use super::raw::{self, Raw};
use super::scenario::{Family, connect, fence, list};
use crate::depth::Depth;
use crate::shape::Shape;
use crate::valid::{self, distinct, interleaved};
use crate::{sampling, violation};

/// What invalid bodies speak to.
const INVALID: &[RequirementId] = &[
    RequirementId::InputInvalidBodyRefused,
    RequirementId::InputRefusalChangesNothing,
    RequirementId::StatusInvalidInput,
    RequirementId::StatusErrorBody,
    RequirementId::StatusNoServerError,
];

/// Most bodies for an operation that hands out tokens: a server may count them as failed logins.
const FEW: usize = 16;

/// Invalid bodies between two looks at what they must not have changed.
const BETWEEN_SURVEYS: usize = 4;

/// The fields of requests that hold text for people.
const TEXTS: &[&str] = &["content", "name"];

pub(super) fn families(seed: u64, depth: Depth) -> Vec<Family> {
    ENTRIES.iter().flat_map(|entry| of_entry(entry, seed, depth)).collect()
}

fn of_entry(entry: &Entry, seed: u64, depth: Depth) -> Vec<Family> {
    let schema = schemas::request(entry.operation).expect("every entry takes a body");
    let shapes = Shape::all(schema.json, entry.live);
    let mut families = Vec::new();
    let name = |kind: &str| format!("{}/{kind}", entry.operation.id());
    let title = |what: &str| format!("{what} for {}", entry.operation.id());
    let repeatable: Vec<_> = (0..shapes.len()).filter(|index| (entry.repeatable)(*index)).collect();
    if !repeatable.is_empty() {
        let mut bodies: Vec<_> =
            repeatable.iter().flat_map(|index| valid::boundaries(&shapes[*index])).collect();
        let left = depth.cases.saturating_sub(bodies.len());
        let stream = format!("{}/valid", entry.operation.id());
        bodies.extend(sampling::values(&shapes[repeatable[0]], &stream, seed, left));
        let case = |body| [(entry.prepare)(), vec![entry.with(body)], (entry.inspect)()].concat();
        families.push(Family {
            name: name("valid"),
            title: title("Valid bodies"),
            requirements: entry.valid,
            before: [scene(), vec![connect("alice"), connect("bob")]].concat(),
            cases: distinct(bodies).into_iter().map(case).collect(),
            after: vec![fence("alice"), list("bob")],
        });
    }
    let simplest = valid::simplest(shapes.last().expect("every schema has a shape"));
    let invalid = violation::values(&shapes).into_iter().map(|body| entry.with(body));
    let sent = |(content_type, text): Raw| {
        Action::Call(Call { raw: Some((content_type, text)), ..entry.call() })
    };
    let broken = raw::broken(&simplest).into_iter().map(sent);
    let doubtful = TEXTS.iter().filter(|field| schema.json["properties"].get(field).is_some());
    let doubtful = doubtful.flat_map(|field| raw::doubtful(&simplest, field)).map(sent);
    let survey = || (entry.survey)();
    let mut cases = surveyed(
        interleaved(vec![invalid.collect(), broken.collect(), doubtful.collect()]),
        survey,
    );
    if !entry.operation.spec().authenticated {
        cases.truncate(FEW);
    }
    families.push(Family {
        name: name("invalid"),
        title: title("Bodies with one thing wrong"),
        requirements: INVALID,
        before: [scene(), (entry.prepare)(), survey()].concat(),
        cases,
        after: survey(),
    });
    let smuggled = entry.surplus.iter().map(|(field, value)| {
        let mut body = simplest.clone();
        body[field] =
            serde_json::from_str(value).unwrap_or_else(|error| panic!("{value}: {error}"));
        let (actor, at) = entry.smuggler;
        let mut call = Call { actor: actor.to_owned(), body: Some(body), ..entry.call() };
        call.at = at.map(str::to_owned).or(call.at);
        [(entry.prepare)(), vec![Action::Call(call)], (entry.inspect)()].concat()
    });
    if !entry.surplus.is_empty() {
        families.push(Family {
            name: name("surplus"),
            title: title("Fields that are not to be set"),
            requirements: entry.smuggled,
            before: scene(),
            cases: smuggled.collect(),
            after: survey(),
        });
    }
    families
}

/// Each action as a case of its own, with a survey after every few.
fn surveyed(actions: Vec<Action>, survey: impl Fn() -> Vec<Action>) -> Vec<Vec<Action>> {
    let mut cases = alone(actions);
    for case in cases.iter_mut().skip(BETWEEN_SURVEYS - 1).step_by(BETWEEN_SURVEYS) {
        case.extend(survey());
    }
    cases
}

/// Each action as a case of its own.
pub(super) fn alone(actions: Vec<Action>) -> Vec<Vec<Action>> {
    actions.into_iter().map(|action| vec![action]).collect()
}
