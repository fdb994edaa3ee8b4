//! JUnit XML of a load run, with one test case per service level.

use std::time::Duration;

use hearback_stats::{LoadOutcome, LoadRecord};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::words;
use crate::shown::shown;
use crate::style::Style;

/// Renders a missed service level as a failure. A run that is invalid, incomplete or measured nothing is a separate error,
/// so that the report fails whenever the exit code is not 0. The service levels of such a run are skipped.
pub(crate) fn render(record: &LoadRecord, _: Style) -> String {
    let time = Duration::from_secs_f64(record.duration_s.max(0.0));
    let mut suite = TestSuite::new(format!("load {}", shown(&record.profile.name)));
    suite.set_time(time);
    suite.add_properties(
        [
            ("target", shown(&record.target)),
            ("run", shown(&record.run)),
            ("seed", record.seed.to_string()),
        ]
        .map(|(name, value)| Property::new(name, value)),
    );
    suite.add_test_case(validity(record));
    for slo in &record.slos {
        let status = match record.outcome() {
            LoadOutcome::Met | LoadOutcome::NotMet if slo.met == Some(true) => {
                TestCaseStatus::success()
            }
            LoadOutcome::Met | LoadOutcome::NotMet if slo.is_missed() => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(format!("measured {}", shown(&slo.measured)));
                status.set_type("missed");
                status
            }
            outcome => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(match slo.met {
                    None => "not measured".to_owned(),
                    Some(_) => format!("the run is {outcome}"),
                });
                status
            }
        };
        suite.add_test_case(case("hearback.load.slo", &slo.slo, status));
    }
    for finding in record.sample.iter().flat_map(|sample| &sample.broken) {
        // The exit status depends on the service levels only.
        let mut case =
            case("hearback.load.sample", &finding.requirement, TestCaseStatus::success());
        case.set_system_out(format!(
            "Broken, but does not fail the run: {}\n",
            shown(&finding.finding)
        ));
        suite.add_test_case(case);
    }
    let mut report = Report::new("hearback");
    report.set_time(time).add_test_suite(suite);
    let mut xml = report.to_string().expect("writing to memory does not fail");
    if !xml.ends_with('\n') {
        xml.push('\n');
    }
    xml
}

fn validity(record: &LoadRecord) -> TestCase {
    let status = match record.outcome() {
        LoadOutcome::Met | LoadOutcome::NotMet => TestCaseStatus::success(),
        outcome => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(words::verdict(record, shown));
            status.set_type(words::headline(outcome).to_lowercase());
            status.set_description(
                record.invalid_reasons.iter().map(|text| shown(text) + "\n").collect::<String>(),
            );
            status
        }
    };
    case("hearback.load", "the run is valid", status)
}

fn case(class: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(shown(name), status);
    case.set_classname(class);
    case
}

#[cfg(test)]
mod tests {
    use hearback_results::ExitStatus;
    use hearback_testkit::load::example_record;

    use super::*;

    fn counts(record: &LoadRecord) -> [usize; 3] {
        let xml = render(record, Style::default());
        ["<failure", "<error", "<skipped"].map(|tag| xml.matches(tag).count())
    }

    #[test]
    fn reports_pass_only_if_the_exit_code_is_0() {
        let mut record = example_record();
        assert_eq!((counts(&record), ExitStatus::from(&record).code()), ([2, 0, 0], 1));
        record.invalid_reasons = vec!["late".to_owned()];
        assert_eq!((counts(&record), ExitStatus::from(&record).code()), ([0, 1, 4], 3));
        let xml = render(&record, Style::default());
        assert!(xml.contains("<skipped message=\"the run is invalid\""), "{xml}");
        record.invalid_reasons.clear();
        record.slos.retain(|slo| !slo.is_missed());
        assert_eq!((counts(&record), ExitStatus::from(&record).code()), ([0, 0, 0], 0));
        assert_eq!(counts(&LoadRecord::default()), [0, 1, 0]);
    }
}
