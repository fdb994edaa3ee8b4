//! `hearback merge`.

use hearback_results::ExitStatus;
use hearback_runner::{merge, stored};

use crate::arguments::Merge;
use crate::failure::Failure;
use crate::reporting::{Report, gate, report, selected, since};

pub(crate) fn run(options: &Merge) -> Result<ExitStatus, Failure> {
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
