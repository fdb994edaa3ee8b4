//! A parsed scenario.

use std::time::Duration;

use hearback_contract::RequirementId;
use hearback_history::ScenarioName;

use crate::step::{self, Action, Step};
use crate::template::Variables;

/// The room that exists when a scenario begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoomKind {
    /// A group that the first actor creates with the members as participants; saved as `room`.
    Group,
    /// A direct room that the first actor creates with the first member; saved as `room`.
    Direct,
    /// No room.
    #[default]
    None,
}

/// A sequence of steps by several actors.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Family and file name, and the variant after a colon if the file has variants:
    /// `auth/invalid-token:garbage`.
    pub name: ScenarioName,
    /// Path of the file that contains the scenario.
    pub file: String,
    /// One sentence about what the scenario shows.
    pub title: String,
    /// The requirements that the scenario covers.
    pub requirements: Vec<RequirementId>,
    /// Names of the actors; the first one can create rooms.
    pub actors: Vec<String>,
    /// The room at the beginning.
    pub room: RoomKind,
    /// The actors in that room other than the first one.
    pub members: Vec<String>,
    /// If true, a step that cannot run is skipped instead of ending the scenario.
    pub best_effort: bool,
    /// The values of the variant.
    pub variables: Variables,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

impl Scenario {
    /// The [`file`](Self::file) of generated scenarios: the seed decides what they contain.
    pub const GENERATED: &str = "generated";

    /// Numbers the steps as in a file.
    pub fn renumber(&mut self) {
        step::renumber(&mut self.steps, "");
    }

    /// Returns whether it was generated, not written.
    pub fn is_generated(&self) -> bool {
        self.file == Self::GENERATED
    }

    /// Returns whether it depends on chance which of its requirements are exercised.
    pub fn is_random(&self) -> bool {
        let mut steps = self.all_steps().into_iter();
        self.is_generated()
            || self.best_effort
            || steps.any(|step| matches!(step.action, Action::AnyOf(_)))
    }

    /// The longest time that the scenario waits for its own sake.
    pub fn waits(&self) -> Duration {
        step::waits(&self.steps)
    }

    /// Every step, including nested ones, in the order of the file.
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

#[cfg(test)]
mod tests {
    use crate::parser::parse;

    use super::*;

    #[test]
    fn waits_add_up_except_at_the_same_time() {
        let file = "
title: t
actors: [alice, bob]
room: group
members: [bob]
steps:
  - { pause: 500ms }
  - { until: '{now.plus-2s}', within: 2s }
  - repeat: 2
    do: [{ pause: 1s }]
  - parallel:
      - [{ pause: 3s }]
      - [{ pause: 1s }, { pause: 1s }]
  - { alice: rooms.list }
";
        let parsed = parse("x", "x.yaml", file).into_scenarios().unwrap();
        assert_eq!(parsed[0].waits(), Duration::from_millis(500 + 2_000 + 2_000 + 3_000));
    }
}
