use hearback_checker::{Reason, State, check_history};
use hearback_contract::RequirementId;

use super::*;
use crate::exit_status::ExitStatus;
use crate::fixtures;
use crate::results::Results;

const FIRST: &str = "alice rooms.get $r1 => 500 @error\n";
const SECOND: &str = "alice messages.get $m1 => 500 @error\n";
const FINE: &str = "alice rooms.list => 200 @page_of_rooms";

fn results(calls: &[&str]) -> Results {
    let history = fixtures::history_of(&calls.concat());
    let only = |id: RequirementId| id.as_str() == "status/no-server-error";
    Results::new(&history, &check_history(&history, only), Level::Must)
}

fn interfaces(violations: &[Violation]) -> Vec<&str> {
    violations.iter().filter_map(|violation| violation.interface.as_deref()).collect()
}

#[test]
fn violations_are_new_known_or_fixed() {
    let changes = Changes::of(&results(&[FIRST, FINE]), &results(&[FIRST, SECOND]));
    assert_eq!(interfaces(&changes.new), ["messages.get"]);
    assert_eq!(interfaces(&changes.known), ["rooms.get"]);
    assert_eq!((&changes.fixed, changes.verdict), (&vec![], ChangeVerdict::Worse));
    assert_eq!(ExitStatus::from(&changes).code(), 1);
    let changes = Changes::of(&results(&[FIRST, SECOND]), &results(&[FIRST]));
    assert_eq!(interfaces(&changes.fixed), ["messages.get"]);
    assert_eq!((changes.verdict, ExitStatus::from(&changes).code()), (ChangeVerdict::NotWorse, 0));
}

#[test]
fn what_is_no_longer_tested_is_not_fixed() {
    let mut after = results(&[]);
    let requirement = &mut after.families[0].requirements[0];
    assert_eq!(requirement.state, State::NotExercised);
    requirement.reason = Some(Reason::NothingObserved);
    let mut coverage = after.clone();
    coverage.decide();
    let changes = Changes::of(&results(&[FIRST]), &coverage);
    assert_eq!((changes.fixed.len(), changes.no_longer_tested.len()), (0, 1));
    assert_eq!(
        (changes.verdict, ExitStatus::from(&changes).code()),
        (ChangeVerdict::Inconclusive, 4)
    );
}

#[test]
fn a_baseline_excuses_its_own_violations_only() {
    let baseline = results(&[FIRST, FINE]);
    let same = results(&[FIRST, FINE]).against(&baseline);
    assert_eq!((same.outcome, same.counts.known), (Outcome::Holds, 1));
    assert_eq!((same.broken().len(), same.groups.len()), (0, 0));
    let more = results(&[FIRST, SECOND, FINE]).against(&baseline);
    assert_eq!((more.outcome, more.counts.known), (Outcome::Broken, 0));
    let findings = &more.broken()[0].findings;
    assert_eq!(findings.iter().map(|it| it.known).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn what_the_baseline_did_not_test_may_be_untested() {
    let untested = results(&[]);
    assert_eq!(untested.outcome, Outcome::Incomplete);
    // Some other requirement must be tested: a run of nothing never passes.
    assert_eq!(untested.clone().against(&untested).coverage.untested, []);
    assert_eq!(results(&[]).against(&results(&[FIRST])).coverage.untested.len(), 1);
}
