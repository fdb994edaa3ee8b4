//! JUnit XML of a load run, with one test case per service level.

use hearback_stats::{LoadOutcome, LoadRecord};

use super::words;
use crate::junit::{Case, Detail, Mark, Origin, Suite, xml};
use crate::shown::shown;
use crate::style::Style;

/// Renders a missed service level as a failure. A run that is invalid, incomplete or measured nothing is a separate error,
/// so that the report fails whenever the exit code is not 0. The service levels of such a run are skipped.
pub(crate) fn render(record: &LoadRecord, _: Style) -> String {
    let mut cases = vec![validity(record)];
    for slo in &record.slos {
        let mark = match record.outcome() {
            LoadOutcome::Met | LoadOutcome::NotMet if slo.met == Some(true) => None,
            LoadOutcome::Met | LoadOutcome::NotMet if slo.is_missed() => {
                let message = format!("measured {}", shown(&slo.measured));
                Some(Mark::Failure(Detail::new("missed", message, "")))
            }
            outcome => {
                let message = match slo.met {
                    None => "not measured".to_owned(),
                    Some(_) => format!("the run is {outcome}"),
                };
                Some(Mark::Skipped(Detail::new("slo", message, "")))
            }
        };
        cases.push(Case::new("load.slo", shown(&slo.slo), 0, mark));
    }
    for finding in record.sample.iter().flat_map(|sample| &sample.broken) {
        // The exit status depends on the service levels only.
        let message = format!("broken, but does not fail the run: {}", shown(&finding.finding));
        let mark = Mark::Skipped(Detail::new("sample", message, ""));
        cases.push(Case::new("load.sample", shown(&finding.requirement), 0, Some(mark)));
    }
    let origin = Origin {
        started_at: Some(&record.started_at),
        host: None,
        properties: vec![
            ("target", shown(&record.target)),
            ("run", shown(&record.run)),
            ("seed", record.seed.to_string()),
        ],
    };
    xml(origin, vec![Suite::new(format!("load {}", shown(&record.profile.name)), cases)])
}

/// The case that takes the time of the run, and fails unless the run is valid.
fn validity(record: &LoadRecord) -> Case {
    let mark = match record.outcome() {
        LoadOutcome::Met | LoadOutcome::NotMet => None,
        outcome => {
            let reasons = record.invalid_reasons.iter().map(|text| shown(text) + "\n");
            let kind = words::headline(outcome).to_lowercase();
            let verdict = words::verdict(record, shown);
            Some(Mark::Error(Detail::new(&kind, verdict, reasons.collect::<String>())))
        }
    };
    let milliseconds = (record.duration_s.max(0.0) * 1_000.0) as u64;
    Case::new("load", "the run is valid".to_owned(), milliseconds, mark)
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
        assert_eq!((counts(&record), ExitStatus::from(&record).code()), ([2, 0, 1], 1));
        record.invalid_reasons = vec!["late".to_owned()];
        assert_eq!((counts(&record), ExitStatus::from(&record).code()), ([0, 1, 5], 3));
        let xml = render(&record, Style::default());
        assert!(xml.contains("message=\"the run is invalid\""), "{xml}");
        record.invalid_reasons.clear();
        record.slos.retain(|slo| !slo.is_missed());
        assert_eq!((counts(&record), ExitStatus::from(&record).code()), ([0, 0, 1], 0));
        assert_eq!(counts(&LoadRecord::default()), [0, 1, 0]);
    }
}
