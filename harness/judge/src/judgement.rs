//! Judging a whole history.

use std::collections::HashMap;

use hearback_contract::{Level, RequirementId};
use hearback_history::History;

use crate::examination::Examination;
use crate::rule::{self, Case};
use crate::verdict::{State, Verdict};
use crate::world::World;

/// What is said of every requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// One verdict a requirement, in the order of the table.
    pub verdicts: Vec<Verdict>,
}

impl Judgement {
    /// The verdict on one requirement, if it was judged.
    pub fn of(&self, requirement: &str) -> Option<&Verdict> {
        self.verdicts.iter().find(|verdict| verdict.requirement.as_str() == requirement)
    }

    /// Verdicts in one state.
    pub fn in_state(&self, state: State) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().filter(move |verdict| verdict.state == state)
    }

    /// Whether a requirement of at least this level is broken.
    pub fn is_broken_at(&self, level: Level) -> bool {
        self.in_state(State::Broken).any(|verdict| verdict.requirement.requirement().level >= level)
    }
}

/// Judges `history` by every rule whose requirement is `selected`.
pub fn judge(history: &History, selected: impl Fn(RequirementId) -> bool) -> Judgement {
    let world = World::of(history);
    let case = Case { history, world: &world };
    // Every rule is asked, also for requirements that were not selected: others may need them.
    let mut verdicts: HashMap<_, _> = rule::all()
        .filter_map(|rule| {
            let requirement = rule.requirement.parse::<RequirementId>().ok()?;
            let mut examination = Examination::default();
            (rule.examine)(case, &mut examination);
            Some((requirement, examination.verdict(requirement, history)))
        })
        .collect();
    wait_for_needs(&mut verdicts);
    Judgement {
        verdicts: RequirementId::all()
            .filter(|requirement| selected(*requirement))
            .filter_map(|requirement| verdicts.remove(&requirement))
            .collect(),
    }
}

/// What rests on a requirement that does not hold is undecided, whatever was seen of it.
fn wait_for_needs(verdicts: &mut HashMap<RequirementId, Verdict>) {
    // Parents come first in no particular order, so repeat until nothing changes; chains are short.
    loop {
        let waiting: Vec<_> = verdicts
            .values()
            .filter(|verdict| verdict.state != State::Undecided)
            .filter_map(|verdict| {
                let need = verdict.requirement.requirement().needs.iter().find(|need| {
                    verdicts.values().any(|other| {
                        other.requirement.as_str() == *need
                            && matches!(other.state, State::Broken | State::Undecided)
                    })
                })?;
                let is_held = verdict.state == State::Held;
                (!is_held).then(|| (verdict.requirement, need.clone()))
            })
            .collect();
        if waiting.is_empty() {
            return;
        }
        for (requirement, need) in waiting {
            if let Some(verdict) = verdicts.get_mut(&requirement) {
                verdict.state = State::Undecided;
                verdict.findings.clear();
                verdict.reason = Some(format!("waits on {need}, which does not hold"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::notation;

    use super::*;

    #[test]
    fn an_empty_history_exercises_nothing() {
        let judgement = judge(&History::default(), |_| true);
        assert_eq!(judgement.verdicts.len(), RequirementId::all().count());
        for verdict in &judgement.verdicts {
            assert_eq!(verdict.state, State::NotExercised, "{}", verdict.requirement);
        }
    }

    #[test]
    fn what_rests_on_something_broken_is_undecided() {
        let history = notation::parse(
            r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 400 @error"#,
        )
        .unwrap();
        let judgement = judge(&history, |_| true);
        assert_eq!(judgement.of("room/create-group").unwrap().state, State::Broken);
        let dependent = judgement.of("room/archive").unwrap();
        assert_eq!(dependent.state, State::Undecided);
        assert!(dependent.reason.as_ref().unwrap().contains("room/create-group"));
    }
}
