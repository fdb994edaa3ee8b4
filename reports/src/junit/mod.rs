//! JUnit XML: a suite per family and a case per requirement.

use std::time::Duration;

use hearback_checker::State;
use hearback_results::{FamilyResults, Outcome, Pin, RequirementResult, Results};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::page::{BOLD, PLAIN, Page};
use crate::shown::shown;
use crate::style::Style;
use crate::{readings, requirement, words};

/// Renders JUnit XML in which every run with an exit code other than 0 has a failure or an error.
///
/// Broken requirements are failures at or above the level of the gate, otherwise successes with output.
/// Requirements that are not exercised or undecided are skipped, unless they make the run incomplete: then they are
/// errors, as are scenarios that the target stopped. Expectations that do not hold are failures. A run that did not
/// finish or tested nothing has an error of its own.
pub(crate) fn render(results: &Results, _: Style) -> String {
    let mut report = Report::new("hearback");
    report.set_time(Duration::from_millis(results.duration_ms));
    let is_silent = results.pins(Pin::Unobserved) == 0
        && results.coverage.untested.is_empty()
        && results.stopped_scenarios.iter().all(|stopped| !stopped.is_by_target());
    if !results.is_complete() || results.outcome == Outcome::Incomplete && is_silent {
        report.add_test_suite(unfinished(results));
    }
    for family in &results.families {
        report.add_test_suite(suite(results, family));
    }
    if !results.expectations.is_empty() || !results.stopped_scenarios.is_empty() {
        report.add_test_suite(scenarios(results));
    }
    if results.answers.iter().any(|answer| answer.pinned.is_some()) {
        report.add_test_suite(pinned_readings(results));
    }
    if !results.waivers.is_empty() {
        report.add_test_suite(waivers(results));
    }
    if !results.orphaned_rooms.is_empty() {
        report.add_test_suite(orphaned_rooms(results));
    }
    let mut xml = report.to_string().expect("writing to memory does not fail");
    if !xml.ends_with('\n') {
        xml.push('\n');
    }
    xml
}

fn unfinished(results: &Results) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(words::verdict(results, shown)).set_type("incomplete");
    let mut case = TestCase::new("run/finished", status);
    case.set_classname("hearback.run");
    let mut suite = TestSuite::new("run");
    suite.add_properties(properties(results)).add_test_case(case);
    suite
}

fn suite(results: &Results, family: &FamilyResults) -> TestSuite {
    let mut suite = TestSuite::new(shown(&family.id));
    suite.add_properties(properties(results));
    suite.add_test_cases(family.requirements.iter().map(|entry| case(results, family, entry)));
    suite
}

/// A case per failed expectation and per stopped scenario, and one for the expectations that hold.
fn scenarios(results: &Results) -> TestSuite {
    let mut suite = TestSuite::new("scenarios");
    suite.add_properties(properties(results));
    let case = |name: &str, status: TestCaseStatus| {
        let mut case = TestCase::new(shown(name), status);
        case.set_classname("hearback.scenarios");
        case
    };
    let expectations = &results.expectations;
    if expectations.held > 0 {
        let mut held = case("expectations that hold", TestCaseStatus::success());
        held.set_assertions(usize::try_from(expectations.held).unwrap_or(usize::MAX));
        suite.add_test_case(held);
    }
    for failed in &expectations.failed {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(words::expectation(failed, shown)).set_type("expectation");
        let name = format!("{} {}: {}", failed.scenario, failed.location, failed.subject);
        suite.add_test_case(case(&name, status));
    }
    for stopped in &results.stopped_scenarios {
        let mut status = match stopped.is_by_target() {
            true => TestCaseStatus::non_success(NonSuccessKind::Error),
            false => TestCaseStatus::skipped(),
        };
        status.set_message(shown(&stopped.explanation())).set_type("stopped");
        suite.add_test_case(case(stopped.scenario.as_str(), status));
    }
    suite
}

/// A case per pinned reading. One that the target does not take is a failure, and one that it did not show is an error
/// if it makes the run incomplete.
fn pinned_readings(results: &Results) -> TestSuite {
    let mut suite = TestSuite::new("readings");
    suite.add_properties(properties(results));
    let pinned = results.answers.iter().filter_map(|answer| Some((answer, answer.pinned?)));
    suite.add_test_cases(pinned.map(|(answer, pinned)| {
        let mut status = match answer.pin() {
            Some(Pin::Changed) => TestCaseStatus::non_success(NonSuccessKind::Failure),
            Some(Pin::Unobserved) if results.needs_pinned => {
                TestCaseStatus::non_success(NonSuccessKind::Error)
            }
            Some(Pin::Unobserved) => TestCaseStatus::skipped(),
            Some(Pin::Kept) | None => TestCaseStatus::success(),
        };
        if let Some(problem) = readings::problem(answer, shown) {
            status.set_message(problem).set_type("reading");
        }
        let mut case = TestCase::new(pinned.as_str(), status);
        case.set_classname("hearback.readings");
        case
    }));
    suite
}

/// A case per waiver; outdated waivers are failures.
fn waivers(results: &Results) -> TestSuite {
    let mut suite = TestSuite::new("waivers");
    suite.add_properties(properties(results));
    suite.add_test_cases(results.waivers.iter().map(|waiver| {
        let mut status = match waiver.state.fails() {
            true => TestCaseStatus::non_success(NonSuccessKind::Failure),
            false => TestCaseStatus::success(),
        };
        if waiver.state.fails() {
            status.set_message(words::waiver(waiver, shown)).set_type("waiver");
        }
        let operation = waiver.operation.iter().map(|operation| format!(" {operation}"));
        let name = std::iter::once(waiver.requirement.clone()).chain(operation);
        let mut case = TestCase::new(shown(&name.collect::<String>()), status);
        case.set_classname("hearback.waivers");
        case
    }));
    suite
}

/// A case that lists the orphaned rooms. It succeeds, because they are not a failure of the target.
fn orphaned_rooms(results: &Results) -> TestSuite {
    let rooms = results.orphaned_rooms.iter().map(|room| words::orphaned_room(room, shown) + "\n");
    let mut case = TestCase::new("run/orphaned-rooms", TestCaseStatus::success());
    case.set_classname("hearback.run").set_system_out(rooms.collect::<String>());
    let mut suite = TestSuite::new("orphaned rooms");
    suite.add_properties(properties(results)).add_test_case(case);
    suite
}

/// The target, the specification and the seed; repeated in every suite, because a report has no properties.
fn properties(results: &Results) -> Vec<Property> {
    let seed = results.seed.map(|seed| seed.to_string());
    [
        ("target", results.target.as_deref()),
        ("specification_version", Some(&*results.specification_version)),
        ("seed", seed.as_deref()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(Property::new(name, shown(value?))))
    .collect()
}

fn case(results: &Results, family: &FamilyResults, entry: &RequirementResult) -> TestCase {
    let fails = results.is_failure(entry);
    let is_cut_off = entry.state == State::Undecided && !results.is_complete();
    let is_missing = results.coverage.is_untested(&entry.id);
    let mut status = match entry.state {
        _ if fails => TestCaseStatus::non_success(NonSuccessKind::Failure),
        _ if is_cut_off || is_missing => TestCaseStatus::non_success(NonSuccessKind::Error),
        State::Held | State::Broken => TestCaseStatus::success(),
        State::NotExercised | State::Undecided => TestCaseStatus::skipped(),
    };
    if fails {
        status
            .set_message(message(entry))
            .set_type(entry.level.as_str())
            .set_description(body(results, entry));
    } else if let Some(reason) = &entry.reason {
        status.set_message(format!("{}: {}", entry.state.as_str(), shown(&reason.to_string())));
        status.set_type(entry.state.as_str());
        if !entry.findings.is_empty() {
            status.set_description(body(results, entry));
        }
    }
    let mut case = TestCase::new(shown(&entry.id), status);
    case.set_classname(format!("hearback.{}", shown(&family.id)));
    case.set_assertions(usize::try_from(entry.observations).unwrap_or(usize::MAX));
    if let Some((_, group)) = results.group_of(&entry.id) {
        case.add_property(Property::new("cause", shown(&group.title)));
    }
    if entry.state == State::Broken && !fails {
        let note = match entry.waived {
            true => "Broken, but waived.\n".to_owned(),
            false if entry.known => "Broken, but known from the baseline.\n".to_owned(),
            false if entry.is_flaky() && entry.level >= results.fail_on => {
                "Broken, but flaky, which does not fail the run.\n".to_owned()
            }
            false => {
                format!("Broken, but below {}, which does not fail the run.\n", results.fail_on)
            }
        };
        case.set_system_out(note + &body(results, entry));
    }
    case
}

fn message(entry: &RequirementResult) -> String {
    match entry.strongest() {
        Some(finding) => {
            format!("expected {}; actual {}", shown(&finding.expected), shown(&finding.actual))
        }
        None => shown(&entry.statement),
    }
}

fn body(results: &Results, entry: &RequirementResult) -> String {
    let mut page = Page::new(Style::default());
    if let Some((number, group)) = results.group_of(&entry.id) {
        let cause = format!("Cause {}: {}", number + 1, shown(&group.title));
        page.paragraph((PLAIN, ""), (BOLD, &cause));
    }
    requirement::write(&mut page, entry);
    page.into_text()
}

#[cfg(test)]
mod tests {
    use hearback_contract::Level;

    use super::*;
    use crate::fixtures;

    fn parsed(results: &Results) -> Report {
        let xml = render(results, Style::default());
        Report::deserialize_from_str(&xml).unwrap_or_else(|error| panic!("{error}: {xml}"))
    }

    fn case_of<'r>(report: &'r Report, id: &str) -> &'r TestCase {
        let mut cases = report.test_suites.iter().flat_map(|suite| &suite.test_cases);
        cases.find(|case| case.name.as_str() == id).unwrap_or_else(|| panic!("no case {id}"))
    }

    #[test]
    fn each_state_has_its_own_status() {
        let report = parsed(&fixtures::broken());
        let counts = (report.tests, report.failures, report.errors, report.skipped);
        // Includes two failures of waivers, a stopped scenario and the success of the orphaned rooms.
        assert_eq!(counts, (16, 3, 6, 0));
        let TestCaseStatus::NonSuccess { kind, message, ty, description, .. } =
            &case_of(&report, "schema/rooms.archive").status
        else {
            panic!("not a failure");
        };
        assert_eq!(*kind, NonSuccessKind::Failure);
        assert_eq!(ty.as_ref().unwrap().as_str(), "must");
        let message = message.as_ref().unwrap().as_str();
        assert_eq!(message, "expected is_active false; actual is_active true");
        let body = description.as_ref().unwrap().as_str();
        assert!(body.starts_with("Cause 1: "), "{body}");
        assert!(body.contains("archived_at is a date-time"), "{body}");
        let TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, message, .. } =
            &case_of(&report, "page/default-size").status
        else {
            panic!("not an error");
        };
        let message = message.as_ref().unwrap().as_str();
        assert_eq!(message, "not exercised: the run contains no observation of it");
    }

    #[test]
    fn requirements_broken_below_the_gate_succeed_with_output() {
        let results = fixtures::broken();
        let below = results.broken()[1].id.clone();
        let report = parsed(&results);
        let case = case_of(&report, &below);
        assert!(matches!(case.status, TestCaseStatus::Success { .. }));
        let output = case.system_out.as_ref().unwrap().as_str();
        assert!(output.contains("Broken, but below must"), "{output}");
        let report = parsed(&Results { fail_on: Level::Should, ..results });
        assert_eq!(report.failures, 4);
    }

    #[test]
    fn orphaned_rooms_are_listed_and_do_not_fail() {
        let results = fixtures::broken();
        let report = parsed(&results);
        let case = case_of(&report, "run/orphaned-rooms");
        assert!(matches!(case.status, TestCaseStatus::Success { .. }));
        let named = case.system_out.as_ref().unwrap().as_str();
        assert_eq!(named.lines().count(), results.orphaned_rooms.len());
        assert!(named.contains(results.orphaned_rooms[0].id.as_ref().unwrap().as_str()), "{named}");
    }

    #[test]
    fn a_report_is_green_only_if_the_exit_code_is_zero() {
        for results in fixtures::all() {
            let report = parsed(&results);
            let is_green = report.failures + report.errors == 0;
            assert_eq!(is_green, results.exit_status().is_success(), "{:?}", results.outcome);
        }
        let report = parsed(&fixtures::aborted());
        assert!(matches!(
            case_of(&report, "message/edit-content").status,
            TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, .. }
        ));
    }

    #[test]
    fn hostile_text_stays_well_formed_and_complete() {
        let results = fixtures::hostile();
        let report = parsed(&results);
        let TestCaseStatus::NonSuccess { message, .. } =
            &case_of(&report, "schema/rooms.archive").status
        else {
            panic!("not a failure");
        };
        let hostile = shown(fixtures::HOSTILE);
        let expected = format!("expected {hostile}; actual {hostile}");
        assert_eq!(message.as_ref().unwrap().as_str(), expected);
        let xml = render(&results, Style::default());
        let hidden = xml
            .chars()
            .find(|letter| hearback_history::escape::is_hidden(*letter) && *letter != '\n');
        assert_eq!(hidden, None);
    }
}
