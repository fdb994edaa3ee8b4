//! JUnit XML: a suite per family and a case per requirement.

mod document;

use hearback_checker::State;
use hearback_results::{FamilyResults, Pin, RequirementResult, Results};

#[cfg(test)]
pub(crate) use document::parsed;
pub(crate) use document::{Case, Detail, Mark, Origin, Suite, xml};

use crate::excuse::excuse;
use crate::issue;
use crate::page::{BOLD, PLAIN, Page};
use crate::shown::shown;
use crate::style::Style;
use crate::{contract, readings, requirement, words};

/// Renders JUnit XML in which every run with an exit code other than 0 has a failure or an error.
///
/// Broken requirements are failures at or above the level of the gate. Waived ones and others that do not fail the run
/// are skipped, with the reason. Requirements that are not exercised or undecided are skipped, unless they make the run
/// incomplete: then they are errors, as are scenarios that the target stopped. Expectations that do not hold are
/// failures. Problems of the run itself are a suite of their own.
pub(crate) fn render(results: &Results, _: Style) -> String {
    let mut suites = vec![run(results)];
    suites.extend(results.families.iter().map(|family| suite(results, family)));
    suites.push(scenarios(results));
    suites.push(pinned_readings(results));
    suites.retain(|suite| !suite.is_empty());
    let origin = Origin {
        started_at: results.started_at.as_deref(),
        host: results.host.as_deref().map(shown),
        properties: properties(results),
    };
    xml(origin, suites)
}

/// The problems of the run that no other suite shows, and the orphaned rooms, which are not a failure of the target.
fn run(results: &Results) -> Suite {
    let issues = issue::of_run(results).into_iter().filter(|issue| {
        let elsewhere = [&issue::EXPECTATION, &issue::READING, &issue::COVERAGE, &issue::SCENARIO];
        elsewhere.iter().all(|check| check.id != issue.check)
    });
    let mut cases: Vec<_> = issues
        .map(|issue| {
            let detail = Detail::new(&issue.check, issue.text.clone(), "");
            let mark = match issue.check == issue::FINISHED.id {
                true => Mark::Error(detail),
                false => Mark::Failure(detail),
            };
            Case::new("run", format!("{}: {}", issue.check, issue.title), 0, Some(mark))
        })
        .collect();
    let rooms = results.orphaned_rooms.iter().map(|room| words::orphaned_room(room, shown) + "\n");
    let rooms: String = rooms.collect();
    if !rooms.is_empty() {
        cases.push(Case::new("run", "run/orphaned-rooms".to_owned(), 0, None));
    }
    let mut suite = Suite::new("run".to_owned(), cases);
    suite.output = rooms;
    suite
}

fn suite(results: &Results, family: &FamilyResults) -> Suite {
    let cases = family.requirements.iter().map(|entry| case(results, family, entry));
    Suite::new(shown(&family.id), cases.collect())
}

/// A case per expectation and per stopped scenario.
fn scenarios(results: &Results) -> Suite {
    let name = |scenario: &str, location: &str, subject: &str| {
        format!("{} {}: {}", shown(scenario), shown(location), shown(subject))
    };
    let passed = results.expectations.passed.iter().map(|passed| {
        let name = name(&passed.scenario, &passed.location, &passed.subject);
        Case::new("scenarios", name, passed.duration_ms, None)
    });
    let failed = results.expectations.failed.iter().map(|failed| {
        let name = name(&failed.scenario, &failed.location, &failed.subject);
        let detail = Detail::new("expectation", words::expectation(failed, shown), "");
        Case::new("scenarios", name, failed.duration_ms, Some(Mark::Failure(detail)))
    });
    let stopped = results.stopped_scenarios.iter().map(|stopped| {
        let detail = Detail::new("stopped", shown(&stopped.explanation()), "");
        let mark = match results.is_unexcused(stopped) {
            true => Mark::Error(detail),
            false => Mark::Skipped(detail),
        };
        Case::new("scenarios", shown(stopped.scenario.as_str()), 0, Some(mark))
    });
    Suite::new("scenarios".to_owned(), passed.chain(failed).chain(stopped).collect())
}

/// A case per pinned reading. One that the target does not take is a failure, and one that it did not show is an error
/// if it makes the run incomplete.
fn pinned_readings(results: &Results) -> Suite {
    let pinned = results.answers.iter().filter_map(|answer| Some((answer, answer.pinned?)));
    let cases = pinned.map(|(answer, pinned)| {
        let problem = readings::problem(answer, shown);
        let detail = problem.map(|problem| Detail::new("reading", problem, ""));
        let mark = detail.map(|detail| match answer.pin() {
            Some(Pin::Changed) => Mark::Failure(detail),
            _ if results.needs_pinned => Mark::Error(detail),
            _ => Mark::Skipped(detail),
        });
        Case::new("readings", pinned.as_str().to_owned(), 0, mark)
    });
    Suite::new("readings".to_owned(), cases.collect())
}

/// The target, the specification and the seed.
fn properties(results: &Results) -> Vec<(&'static str, String)> {
    let seed = results.seed.map(|seed| seed.to_string());
    [
        ("target", results.target.as_deref()),
        ("run", results.run.as_deref()),
        ("specification_version", Some(&*results.specification_version)),
        ("seed", seed.as_deref()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, shown(value?))))
    .chain(results.contract.iter().map(|overlay| ("contract", contract::heading(overlay, shown))))
    .chain(results.contract.iter().flat_map(|overlay| {
        contract::changes(overlay, shown).map(|change| ("contract_change", change))
    }))
    .collect()
}

fn case(results: &Results, family: &FamilyResults, entry: &RequirementResult) -> Case {
    let name = shown(&entry.id);
    Case::new(&shown(&family.id), name, entry.duration_ms, mark(results, entry))
}

fn mark(results: &Results, entry: &RequirementResult) -> Option<Mark> {
    let is_cut_off = entry.state == State::Undecided && !results.is_complete();
    let is_missing = results.coverage.is_untested(&entry.id);
    let text = if entry.findings.is_empty() { String::new() } else { body(results, entry) };
    match entry.state {
        State::Held => None,
        State::Broken => Some(match excuse(results, entry, shown) {
            None => Mark::Failure(Detail::new(entry.level.as_str(), message(entry), text)),
            Some(excuse) => {
                Mark::Skipped(Detail::new(entry.level.as_str(), format!("broken, {excuse}"), text))
            }
        }),
        state @ (State::NotExercised | State::Undecided) => {
            let reason = entry.reason.as_ref().map(|reason| shown(&reason.to_string()));
            let message = format!("{}: {}", state.as_str(), reason.unwrap_or_default());
            let detail = Detail::new(state.as_str(), message, text);
            Some(match is_cut_off || is_missing {
                true => Mark::Error(detail),
                false => Mark::Skipped(detail),
            })
        }
    }
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
    use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus};

    use super::*;
    use crate::fixtures;

    fn parsed(results: &Results) -> Report {
        super::parsed(&render(results, Style::default()))
    }

    fn case_of<'r>(report: &'r Report, id: &str) -> &'r TestCase {
        let mut cases = report.test_suites.iter().flat_map(|suite| &suite.test_cases);
        cases.find(|case| case.name.as_str() == id).unwrap_or_else(|| panic!("no case {id}"))
    }

    /// The number of cases, failures, errors and skipped cases.
    fn counts(report: &Report) -> [usize; 4] {
        let suites = &report.test_suites;
        [
            suites.iter().map(|suite| suite.tests).sum(),
            suites.iter().map(|suite| suite.failures).sum(),
            suites.iter().map(|suite| suite.errors).sum(),
            suites.iter().map(|suite| suite.skipped).sum(),
        ]
    }

    #[test]
    fn each_state_has_its_own_status() {
        let report = parsed(&fixtures::broken());
        // Includes two failures of waivers, a stopped scenario and the success of the orphaned rooms.
        assert_eq!(counts(&report), [16, 3, 6, 1]);
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
    fn requirements_broken_below_the_gate_are_skipped_with_their_findings() {
        let results = fixtures::broken();
        let below = results.broken()[1].id.clone();
        let report = parsed(&results);
        let TestCaseStatus::Skipped { message, description, .. } = &case_of(&report, &below).status
        else {
            panic!("not skipped");
        };
        let message = message.as_ref().unwrap().as_str();
        assert_eq!(message, "broken, below must, which does not fail the run");
        assert!(description.as_ref().unwrap().as_str().contains("BROKEN should"));
        let report = parsed(&Results { fail_on: Level::Should, ..results });
        assert_eq!(counts(&report)[1], 4);
    }

    #[test]
    fn waived_requirements_are_skipped_once_with_the_reason() {
        let xml = render(&fixtures::waived(), Style::default());
        assert_eq!(xml.matches("name=\"page/walk-while-writing\"").count(), 1, "{xml}");
        let message = "message=\"broken, waived: new messages shift the offsets of pages; \
                       https://bugs.example.com/17; expires 2025-12-31\"";
        assert!(xml.contains(message), "{xml}");
    }

    #[test]
    fn every_suite_says_where_and_when() {
        let xml = render(&fixtures::broken(), Style::default());
        let suites = xml.matches("<testsuite ").count();
        for text in ["timestamp=\"2026-01-01T00:00:00\"", "hostname=\"ci-1.example.com\""] {
            assert_eq!(xml.matches(text).count(), suites, "{xml}");
        }
    }

    #[test]
    fn orphaned_rooms_are_listed_and_do_not_fail() {
        let results = fixtures::broken();
        let report = parsed(&results);
        let case = case_of(&report, "run/orphaned-rooms");
        assert!(matches!(case.status, TestCaseStatus::Success { .. }));
        let suite = report.test_suites.iter().find(|suite| suite.name.as_str() == "run").unwrap();
        let named = suite.system_out.as_ref().unwrap().as_str();
        assert_eq!(named.trim().lines().count(), results.orphaned_rooms.len());
        assert!(named.contains(results.orphaned_rooms[0].id.as_ref().unwrap().as_str()), "{named}");
    }

    #[test]
    fn a_report_is_green_only_if_the_exit_code_is_zero() {
        for results in fixtures::all() {
            let [_, failures, errors, _] = counts(&parsed(&results));
            let is_green = failures + errors == 0;
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
