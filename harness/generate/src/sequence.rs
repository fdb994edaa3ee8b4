//! Random sequences of commands: several users, by REST and socket, one after the other and at once.
//!
//! A sequence knows while it is made, roughly, who is in a room and what has been said there; what it
//! refers to it names, and looks up when it gets there. So any part of it can be carried out, too: what
//! refers to something that is not there is left out. Whether the target acts rightly is for the judge.

mod command;
mod model;
mod plan;

use fastrand::Rng;
use hearback_contract::{FamilyId, RequirementId};
use hearback_scenarios::{RoomKind, Scenario};

use plan::Plan;

/// The family of the sequences' names.
pub const FAMILY: &str = "sequence";

/// The families of requirements that sequences cover and other scenarios hardly reach.
const COVERS: &[FamilyId] = &[
    FamilyId::Delivery,
    FamilyId::Order,
    FamilyId::Receipts,
    FamilyId::Unread,
    FamilyId::Deletion,
    FamilyId::Participant,
    FamilyId::Message,
    FamilyId::Room,
    FamilyId::Authorization,
];

/// `count` sequences; the same ones for the same seed.
pub fn scenarios(seed: u64, count: usize) -> Vec<Scenario> {
    let mut cases = Rng::with_seed(seed);
    (0..count).map(|_| scenario(cases.u32(..))).collect()
}

/// Whether a scenario is a sequence.
pub fn is_one(scenario: &Scenario) -> bool {
    scenario.name.as_str().split('/').next() == Some(FAMILY)
}

/// The sequence of that number, `sequence/<case in hexadecimal>`.
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
