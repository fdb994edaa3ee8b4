//! `hearback merge`.

use hearback_results::ExitStatus;
use hearback_runner::{load, merge, stored};

use crate::arguments::Merge;
use crate::failure::Failure;
use crate::reporting::{Report, gate, report, selected, since};

pub(crate) fn run(options: &Merge) -> Result<ExitStatus, Failure> {
    if options.runs.first().is_some_and(|path| load::read(path).is_ok()) {
        return merge_records(options);
    }
    let selected = selected(&options.selection)?;
    let reports = Report::parse(&options.reporting.report)?;
    let gate = gate(&options.reporting)?;
    let baseline = options.baseline.read()?;
    let journals: Vec<_> = options.runs.iter().map(|run| stored::path(run)).collect();
    let merged = merge::merge(&journals, &selected, &gate)?;
    let results = since(baseline.as_ref(), merged);
    report(&results, options.reporting.verbose, &reports)?;
    Ok(results.exit_status())
}

/// Merges the records of the workers of a load run.
fn merge_records(options: &Merge) -> Result<ExitStatus, Failure> {
    let reports = Report::parse(&options.reporting.report)?;
    let record = load::merge_records(&options.runs)?;
    report(&record, options.reporting.verbose, &reports)?;
    Ok(ExitStatus::from(&record))
}
