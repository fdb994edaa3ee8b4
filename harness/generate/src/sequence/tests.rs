use std::collections::BTreeSet;

use hearback_contract::Operation;
use hearback_scenarios::{Action, Step, parse, write};
use proptest::prelude::*;

use super::*;

#[test]
fn sequences_depend_on_the_seed_only() {
    assert_eq!(scenarios(7, 5), scenarios(7, 5));
    let [one, other] = [scenarios(7, 1), scenarios(8, 1)];
    assert_ne!(one[0].steps, other[0].steps);
}

#[test]
fn a_single_case_can_be_generated() {
    let all = scenarios(3, 4);
    let case = u32::from_str_radix(&all[3].name.as_str()[FAMILY.len() + 1..], 16).unwrap();
    assert_eq!(scenario(case), all[3]);
}

#[test]
fn sequences_survive_a_round_trip_through_files() {
    fn without_lines(steps: &mut [Step]) {
        for step in steps {
            step.line = 0;
            step.inner_mut().into_iter().for_each(|steps| without_lines(steps));
        }
    }
    for scenario in scenarios(11, 60) {
        let file = write(&scenario);
        let parsed = parse(scenario.name.as_str(), &scenario.file, &file);
        assert!(
            parsed.diagnostics.diagnostics.is_empty(),
            "{:?}\n{file}",
            parsed.diagnostics.diagnostics
        );
        let mut again = parsed.scenarios;
        without_lines(&mut again[0].steps);
        assert_eq!(again, [scenario]);
    }
}

#[test]
fn every_command_occurs_alone_and_most_in_rounds() {
    let mut alone = BTreeSet::new();
    let mut in_rounds = BTreeSet::new();
    let kind = |step: &Step| match &step.action {
        Action::Call(call) => call.operation.id().to_owned(),
        other => format!("{other:?}").split([' ', '{', '(']).next().unwrap_or_default().to_owned(),
    };
    for scenario in scenarios(1, 150) {
        for step in &scenario.steps {
            match &step.action {
                Action::Parallel(branches) => {
                    in_rounds.extend(branches.iter().flatten().map(kind));
                }
                _ => drop(alone.insert(kind(step))),
            }
        }
    }
    for (kinds, least) in [(&alone, 29), (&in_rounds, 25)] {
        assert!(kinds.len() >= least, "only {} of them: {kinds:?}", kinds.len());
    }
    let new = ["Fetch", "Probe", "Request"];
    assert!(new.iter().all(|kind| in_rounds.contains(*kind)), "{in_rounds:?}");
    assert!(alone.contains("rooms.archive") && in_rounds.contains("messages.edit"));
    assert!(alone.contains("token.obtain") && in_rounds.contains("token.refresh"));
}

proptest! {
    #[test]
    fn tokens_are_presented_after_they_were_obtained(case: u32) {
        let scenario = scenario(case);
        let mut obtained: BTreeSet<(&str, &str)> = BTreeSet::new();
        for step in scenario.all_steps() {
            let Action::Call(call) = &step.action else { continue };
            let actor = call.actor.as_str();
            match (call.operation, call.credential.as_deref()) {
                (_, Some(kind)) => prop_assert!(obtained.contains(&(actor, kind)), "{kind}"),
                (Operation::TokenObtain, None) => drop(obtained.insert((actor, "earlier"))),
                (Operation::TokenRefresh, None) => {
                    obtained.extend([(actor, "refreshed"), (actor, "superseded")]);
                }
                _ => {}
            }
        }
    }
}

#[test]
fn every_kind_of_token_is_presented() {
    let scenarios = scenarios(2, 400);
    let steps = scenarios.iter().flat_map(|scenario| scenario.all_steps());
    let kinds: BTreeSet<_> = steps
        .filter_map(|step| match &step.action {
            Action::Call(call) => call.credential.as_deref(),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, BTreeSet::from(["earlier", "refreshed", "superseded"]));
}
