//! Checking the parts of a run, each with a history of its own.
//!
//! Every part is observed by itself: its rooms, users and clocks are its own. The observations then count together, as
//! if one history had contained all of them, and only then do requirements become undecided that depend on others.

use ahash::AHashMap;
use hearback_contract::RequirementId;
use hearback_history::History;

use crate::model::Model;
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::verdict::{State, Verdict};
use crate::verdicts::{Verdicts, apply_needs, run_rules, with_needs};

/// Checks the parts of one run against every requirement that is `selected`; returns the verdicts of each part.
///
/// A requirement that the whole run breaks or holds is broken or held in the parts that show it. In all others, and
/// where no part shows it, the verdict is that of the whole run.
pub fn check_parts(parts: &[History], selected: impl Fn(RequirementId) -> bool) -> Vec<Verdicts> {
    let wanted = with_needs(&selected);
    let mut whole: AHashMap<RequirementId, Verdict> = AHashMap::new();
    let observed: Vec<_> = parts
        .iter()
        .map(|history| {
            let model = Model::of(history);
            let observed = run_rules(RuleInput { history, model: &model }, &wanted);
            for verdict in observed.0.values() {
                match whole.get_mut(&verdict.requirement) {
                    Some(known) => add(known, verdict),
                    None => drop(whole.insert(verdict.requirement, verdict.clone())),
                }
            }
            observed
        })
        .collect();
    apply_needs(&mut whole);
    let of_part =
        |(mut own, matrix, readings): (AHashMap<RequirementId, Verdict>, _, _)| Verdicts {
            verdicts: RequirementId::all()
                .filter(|requirement| selected(*requirement))
                .filter_map(|requirement| {
                    Some(decided(own.remove(&requirement)?, whole.get(&requirement)?))
                })
                .collect(),
            matrix,
            readings,
        };
    observed.into_iter().map(of_part).collect()
}

/// Adds the verdict of another part, before requirements that it depends on are taken into account.
fn add(whole: &mut Verdict, part: &Verdict) {
    let is_stronger = rank(part.state) > rank(whole.state);
    let is_better_reason = part.state == whole.state
        && match (&whole.reason, &part.reason) {
            (Some(known), Some(reason)) => precedence(reason) < precedence(known),
            _ => false,
        };
    if is_stronger || is_better_reason {
        whole.state = part.state;
        whole.reason.clone_from(&part.reason);
    }
    whole.observations += part.observations;
}

/// The verdict of a part: its own, unless the whole run cannot decide the requirement.
fn decided(own: Verdict, whole: &Verdict) -> Verdict {
    match whole.state {
        State::Broken | State::Held => own,
        State::Undecided | State::NotExercised => Verdict {
            state: whole.state,
            reason: whole.reason.clone(),
            findings: Vec::new(),
            ..own
        },
    }
}

fn rank(state: State) -> u8 {
    match state {
        State::Broken => 3,
        State::Held => 2,
        State::Undecided => 1,
        State::NotExercised => 0,
    }
}

/// The order of reasons of parts; last that no scenario of the part was to exercise the requirement.
fn precedence(reason: &Reason) -> impl Ord + use<> {
    (*reason == Reason::NotPlanned, reason.precedence())
}

#[cfg(test)]
mod tests {
    use hearback_testkit::dsl;

    use super::*;
    use crate::check_history;

    const BROKEN: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 400 @error"#;
    const ARCHIVED: &str = r#"
        alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        alice rooms.archive $r1 => 500 @error"#;

    fn states(parts: &[&str]) -> Vec<(String, State)> {
        let histories: Vec<_> = parts.iter().map(|text| dsl::parse(text).unwrap()).collect();
        let all = check_parts(&histories, |_| true);
        let of = |requirement: RequirementId| {
            let verdicts = all.iter().filter_map(|part| part.of(requirement.as_str()));
            verdicts.max_by_key(|verdict| rank(verdict.state)).map(|it| it.state).unwrap()
        };
        RequirementId::all().map(|id| (id.to_string(), of(id))).collect()
    }

    #[test]
    fn one_part_has_the_verdicts_of_its_history() {
        for text in [BROKEN, ARCHIVED] {
            let history = dsl::parse(text).unwrap();
            let whole = check_history(&history, |_| true);
            assert_eq!(check_parts(std::slice::from_ref(&history), |_| true), [whole]);
        }
    }

    #[test]
    fn a_requirement_depends_on_those_of_other_parts() {
        let state = |parts: &[&str], id: &str| {
            states(parts).into_iter().find(|(other, _)| other == id).unwrap().1
        };
        assert_eq!(state(&[BROKEN, ARCHIVED], "status/no-server-error"), State::Broken);
        // Creation fails in one part: nothing that needs it is broken in any part.
        assert_eq!(state(&[BROKEN, ARCHIVED], "room/create-group"), State::Broken);
        for (id, whole) in states(&[BROKEN, ARCHIVED]) {
            let needs = id.parse::<RequirementId>().unwrap().requirement().needs;
            let depends = needs.iter().any(|need| need.as_str() == "room/create-group");
            assert!(!(depends && whole == State::Broken), "{id}");
        }
    }
}
