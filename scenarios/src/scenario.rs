//! A scenario, ready to be carried out.

use hearback_contract::RequirementId;
use hearback_history::ScenarioName;

use crate::step::{self, Step};
use crate::template::Variables;

/// The room that a scenario begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoomKind {
    /// The first actor makes a group, the members are its participants; saved as `room`.
    Group,
    /// The first actor makes a direct room with the first member; saved as `room`.
    Direct,
    /// There is none until a step makes one.
    #[default]
    None,
}

/// Who does what, in what order.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Family and file, and the variant after a colon where there are several: `auth/invalid-token:garbage`.
    pub name: ScenarioName,
    /// The file that it was read from.
    pub file: String,
    /// What it shows, one sentence.
    pub title: String,
    /// The requirements that it speaks to.
    pub requirements: Vec<RequirementId>,
    /// Its actors; the first one can create rooms.
    pub actors: Vec<String>,
    /// The room that it begins with.
    pub room: RoomKind,
    /// Actors in that room, beside the first one.
    pub members: Vec<String>,
    /// Whether a step that cannot be carried out is left out, instead of ending the scenario.
    pub best_effort: bool,
    /// Values of the variant.
    pub variables: Variables,
    /// What is done.
    pub steps: Vec<Step>,
}

impl Scenario {
    /// Gives the steps the numbers that they have in a file.
    pub fn renumber(&mut self) {
        step::renumber(&mut self.steps, "");
    }

    /// Every step, those inside others included, in the order of the file.
    pub fn all_steps(&self) -> Vec<&Step> {
        fn collect<'s>(steps: &'s [Step], all: &mut Vec<&'s Step>) {
            for step in steps {
                all.push(step);
                step.inner().into_iter().for_each(|steps| collect(steps, all));
            }
        }
        let mut all = Vec::new();
        collect(&self.steps, &mut all);
        all
    }
}
