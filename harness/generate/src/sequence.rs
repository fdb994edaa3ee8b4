//! Random sequences of commands by several users, by REST and socket, in turn and at the same time.
//!
//! While a sequence is generated, an approximate model tracks the members and messages of rooms. Steps refer
//! to objects by the names under which earlier steps saved them, so every part of a sequence can run as well:
//! steps that refer to missing objects are skipped. The checker alone decides what is correct.

mod absence;
mod attention;
mod command;
mod model;
mod plan;
mod tokens;
mod turn;
mod unusual;

use fastrand::Rng;
use hearback_contract::{FamilyId, RequirementId};
use hearback_scenarios::{RoomKind, Scenario};

use plan::Plan;

/// The first part of the names of sequences.
pub const FAMILY: &str = "sequence";

/// The groups of requirements that sequences cover and other scenarios hardly reach.
const COVERS: &[FamilyId] = &[
    FamilyId::Delivery,
    FamilyId::Device,
    FamilyId::Order,
    FamilyId::Receipts,
    FamilyId::Unread,
    FamilyId::Deletion,
    FamilyId::Participant,
    FamilyId::Message,
    FamilyId::Room,
    FamilyId::Authorization,
];

/// Generates `count` sequences; deterministic for a seed.
pub fn scenarios(seed: u64, count: usize) -> Vec<Scenario> {
    let mut cases = Rng::with_seed(seed);
    (0..count).map(|_| scenario(cases.u32(..))).collect()
}

/// True for scenarios that are sequences.
pub fn is_sequence(scenario: &Scenario) -> bool {
    scenario.name.as_str().split('/').next() == Some(FAMILY)
}

/// The sequence with the number `case` and the name `sequence/<case in hexadecimal>`.
pub fn scenario(case: u32) -> Scenario {
    let plan = Plan::new(Rng::with_seed(u64::from(case)));
    let (actors, members) = (plan.actors(), plan.members());
    let mut scenario = Scenario {
        name: format!("{FAMILY}/{case:08x}").into(),
        file: format!("{FAMILY}/{case:08x}.yaml"),
        title: format!("Generated sequence {case:08x}"),
        requirements: requirements(),
        actors,
        room: RoomKind::Group,
        members,
        best_effort: true,
        variables: Default::default(),
        steps: plan.steps(),
    };
    scenario.renumber();
    scenario
}

/// The requirements that sequences cover.
fn requirements() -> Vec<RequirementId> {
    let rows = COVERS.iter().flat_map(|family| family.family().requirements);
    rows.map(|row| row.id).collect()
}

#[cfg(test)]
mod tests;
