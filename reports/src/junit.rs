//! JUnit XML: a suite a family, a case a requirement.

use std::time::Duration;

use hearback_checker::State;
use hearback_results::{FamilyResults, Outcome, RequirementResult, Results};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::escape::{LONGEST_TEXT, shown};
use crate::format::Style;
use crate::page::Page;
use crate::{requirement, words};

/// Broken requirements at or above the level that fails are failures; those below are successes that
/// say so. What was not exercised or is undecided is skipped; undecided is an error if the run did not
/// finish. A run that did not finish, or showed nothing, is an error of its own, so that no page is
/// green where the exit code is not 0.
pub(crate) fn render(record: &Results, _: Style) -> String {
    let mut report = Report::new("hearback");
    report.set_time(Duration::from_millis(record.duration_ms));
    if !record.is_complete() || record.outcome == Outcome::NotExercised {
        report.add_test_suite(unfinished(record));
    }
    for family in &record.families {
        report.add_test_suite(suite(record, family));
    }
    if !record.waivers.is_empty() {
        report.add_test_suite(waivers(record));
    }
    if !record.orphaned_rooms.is_empty() {
        report.add_test_suite(left_behind(record));
    }
    let mut xml = report.to_string().expect("writing to memory does not fail");
    if !xml.ends_with('\n') {
        xml.push('\n');
    }
    xml
}

fn unfinished(record: &Results) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(words::verdict(record, bounded)).set_type("incomplete");
    let mut case = TestCase::new("run/finished", status);
    case.set_classname("hearback.run");
    let mut suite = TestSuite::new("run");
    suite.add_properties(properties(record)).add_test_case(case);
    suite
}

fn suite(record: &Results, family: &FamilyResults) -> TestSuite {
    let mut suite = TestSuite::new(bounded(&family.id));
    suite.add_properties(properties(record));
    suite.add_test_cases(family.requirements.iter().map(|entry| case(record, family, entry)));
    suite
}

/// A case a waiver; one that must be mended is a failure.
fn waivers(record: &Results) -> TestSuite {
    let mut suite = TestSuite::new("waivers");
    suite.add_properties(properties(record));
    suite.add_test_cases(record.waivers.iter().map(|waiver| {
        let mut status = match waiver.state.fails() {
            true => TestCaseStatus::non_success(NonSuccessKind::Failure),
            false => TestCaseStatus::success(),
        };
        if waiver.state.fails() {
            status.set_message(words::waiver(waiver, bounded)).set_type("waiver");
        }
        let operation = waiver.operation.iter().map(|operation| format!(" {operation}"));
        let name = std::iter::once(waiver.requirement.clone()).chain(operation);
        let mut case = TestCase::new(bounded(&name.collect::<String>()), status);
        case.set_classname("hearback.waivers");
        case
    }));
    suite
}

/// A case that names the rooms that somebody has to put away: no failure of the target's.
fn left_behind(record: &Results) -> TestSuite {
    let rooms = record.orphaned_rooms.iter().map(|room| words::orphaned_room(room, bounded) + "\n");
    let mut case = TestCase::new("run/left-behind", TestCaseStatus::success());
    case.set_classname("hearback.run").set_system_out(rooms.collect::<String>());
    let mut suite = TestSuite::new("left behind");
    suite.add_properties(properties(record)).add_test_case(case);
    suite
}

/// What was checked; on every suite, because a report itself has no properties.
fn properties(record: &Results) -> Vec<Property> {
    let seed = record.seed.map(|seed| seed.to_string());
    [
        ("target", record.target.as_deref()),
        ("specification_version", Some(&*record.specification_version)),
        ("seed", seed.as_deref()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(Property::new(name, bounded(value?))))
    .collect()
}

fn case(record: &Results, family: &FamilyResults, entry: &RequirementResult) -> TestCase {
    let fails = entry.state == State::Broken && !entry.waived && entry.level >= record.fail_on;
    let undecided_for_good = entry.state == State::Undecided && !record.is_complete();
    let mut status = match entry.state {
        _ if fails => TestCaseStatus::non_success(NonSuccessKind::Failure),
        _ if undecided_for_good => TestCaseStatus::non_success(NonSuccessKind::Error),
        State::Held | State::Broken => TestCaseStatus::success(),
        State::NotExercised | State::Undecided => TestCaseStatus::skipped(),
    };
    if fails {
        status
            .set_message(message(entry))
            .set_type(entry.level.as_str())
            .set_description(body(entry));
    } else if let Some(reason) = &entry.reason {
        status.set_message(format!("{}: {}", entry.state.as_str(), bounded(&reason.to_string())));
        status.set_type(entry.state.as_str());
    }
    let mut case = TestCase::new(bounded(&entry.id), status);
    case.set_classname(format!("hearback.{}", bounded(&family.id)));
    case.set_assertions(usize::try_from(entry.observations).unwrap_or(usize::MAX));
    if entry.state == State::Broken && !fails {
        let why = match entry.waived {
            true => "Broken, but waived: no failure.\n".to_owned(),
            false => format!("Broken, but below {}: no failure.\n", record.fail_on),
        };
        case.set_system_out(why + &body(entry));
    }
    case
}

fn message(entry: &RequirementResult) -> String {
    match entry.findings.first() {
        Some(finding) => {
            format!("expected {}; actual {}", bounded(&finding.expected), bounded(&finding.actual))
        }
        None => bounded(&entry.statement),
    }
}

fn body(entry: &RequirementResult) -> String {
    let mut page = Page::new(Style::default());
    requirement::write(&mut page, entry, usize::MAX);
    page.into_text()
}

fn bounded(text: &str) -> String {
    shown(text, LONGEST_TEXT)
}

#[cfg(test)]
mod tests {
    use hearback_contract::Level;

    use super::*;
    use crate::fixtures;

    fn parsed(record: &Results) -> Report {
        let xml = render(record, Style::default());
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
        // Two failures more: the waivers. One success more: the rooms left behind.
        assert_eq!(counts, (15, 3, 0, 5));
        let TestCaseStatus::NonSuccess { kind, message, ty, description, .. } =
            &case_of(&report, "room/archive").status
        else {
            panic!("not a failure");
        };
        assert_eq!(*kind, NonSuccessKind::Failure);
        assert_eq!(ty.as_ref().unwrap().as_str(), "must");
        let message = message.as_ref().unwrap().as_str();
        assert_eq!(message, "expected is_active false; actual is_active true");
        let body = description.as_ref().unwrap().as_str();
        assert!(body.contains("archived_at is a date-time"), "{body}");
        let TestCaseStatus::Skipped { message, .. } = &case_of(&report, "page/default-size").status
        else {
            panic!("not skipped");
        };
        let message = message.as_ref().unwrap().as_str();
        assert_eq!(message, "not exercised: the run contains no observation of it");
    }

    #[test]
    fn what_is_broken_below_the_level_succeeds_and_says_so() {
        let record = fixtures::broken();
        let below = record.broken()[1].id.clone();
        let report = parsed(&record);
        let case = case_of(&report, &below);
        assert!(matches!(case.status, TestCaseStatus::Success { .. }));
        let output = case.system_out.as_ref().unwrap().as_str();
        assert!(output.contains("Broken, but below must"), "{output}");
        let report = parsed(&Results { fail_on: Level::Should, ..record });
        assert_eq!(report.failures, 4);
    }

    #[test]
    fn rooms_that_are_left_are_named_and_fail_nothing() {
        let record = fixtures::broken();
        let report = parsed(&record);
        let case = case_of(&report, "run/left-behind");
        assert!(matches!(case.status, TestCaseStatus::Success { .. }));
        let named = case.system_out.as_ref().unwrap().as_str();
        assert_eq!(named.lines().count(), record.orphaned_rooms.len());
        assert!(named.contains(record.orphaned_rooms[0].id.as_ref().unwrap().as_str()), "{named}");
    }

    #[test]
    fn no_page_is_green_where_the_exit_code_is_not_zero() {
        for record in fixtures::all() {
            let report = parsed(&record);
            let is_green = report.failures + report.errors == 0;
            assert_eq!(is_green, record.exit_status().is_success(), "{:?}", record.outcome);
        }
        let report = parsed(&fixtures::aborted());
        assert!(matches!(
            case_of(&report, "message/edit-content").status,
            TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, .. }
        ));
    }

    #[test]
    fn hostile_text_stays_well_formed_and_whole() {
        let record = fixtures::hostile();
        let report = parsed(&record);
        let TestCaseStatus::NonSuccess { message, .. } = &case_of(&report, "room/archive").status
        else {
            panic!("not a failure");
        };
        let hostile = bounded(fixtures::HOSTILE);
        let expected = format!("expected {hostile}; actual {hostile}");
        assert_eq!(message.as_ref().unwrap().as_str(), expected);
        let xml = render(&record, Style::default());
        let hidden =
            xml.chars().find(|letter| crate::escape::is_hidden(*letter) && *letter != '\n');
        assert_eq!(hidden, None);
    }
}
