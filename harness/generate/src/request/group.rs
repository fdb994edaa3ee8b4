//! Groups of similar cases, distributed over scenarios.

use hearback_contract::RequirementId;
use hearback_scenarios::template::Variables;
use hearback_scenarios::{Action, RoomKind, Scenario, Step};

use crate::depth::Depth;

/// The maximum number of actions of the cases of a scenario: small enough to isolate a failing case soon and to test a
/// distant target in time, and large enough to amortize the setup.
const ACTIONS: usize = 18;

/// Similar cases, with a common setup and final checks.
pub(super) struct CaseGroup {
    /// Operation or event, and kind: `messages.send/valid`.
    pub(super) name: String,
    /// One sentence about the cases.
    pub(super) title: String,
    /// The requirements that the cases cover.
    pub(super) requirements: &'static [RequirementId],
    /// The actions before the first case.
    pub(super) before: Vec<Action>,
    /// The actions of each case, the most useful cases first.
    pub(super) cases: Vec<Vec<Action>>,
    /// The actions after the last case.
    pub(super) after: Vec<Action>,
}

impl CaseGroup {
    /// The scenarios of as many cases as the depth allows.
    pub(super) fn scenarios(self, depth: Depth) -> Vec<Scenario> {
        let cases = &self.cases[..depth.cases.min(self.cases.len())];
        // Each takes the time of the longest.
        let longest = self.cases.iter().map(Vec::len).max().unwrap_or(1).max(1);
        let chunks = cases.chunks((ACTIONS / longest).max(1)).enumerate();
        chunks.map(|(index, cases)| self.scenario(index + 1, cases)).collect()
    }

    fn scenario(&self, number: usize, cases: &[Vec<Action>]) -> Scenario {
        let actions = self.before.iter().chain(cases.iter().flatten()).chain(&self.after);
        Scenario {
            name: format!("generated/{}:{number}", self.name).into(),
            file: Scenario::GENERATED.to_owned(),
            title: self.title.clone(),
            requirements: self.requirements.to_vec(),
            actors: ["alice", "bob", "carol"].map(str::to_owned).to_vec(),
            room: RoomKind::Group,
            members: vec!["bob".to_owned()],
            variables: Variables::new(),
            steps: numbered(actions.cloned()),
            best_effort: false,
        }
    }
}

fn numbered(actions: impl Iterator<Item = Action>) -> Vec<Step> {
    let steps = actions.enumerate();
    steps
        .map(|(index, action)| Step { number: (index + 1).to_string(), line: index + 1, action })
        .collect()
}

/// One case per action.
pub(super) fn alone(actions: Vec<Action>) -> Vec<Vec<Action>> {
    actions.into_iter().map(|action| vec![action]).collect()
}
