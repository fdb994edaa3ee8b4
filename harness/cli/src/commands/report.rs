//! `hearback report`.

use hearback_results::ExitStatus;
use hearback_runner::load::read;

use crate::arguments::Report;
use crate::failure::Failure;
use crate::plots::Plots;
use crate::reporting;

pub(crate) fn run(options: &Report) -> Result<ExitStatus, Failure> {
    let reports = reporting::Report::parse(&options.reporting.report)?;
    let plots = Plots::parse(&options.reporting.plots)?;
    let record = read(&options.record)?;
    reporting::report(&record, options.reporting.verbose, &reports)?;
    plots.iter().try_for_each(|plots| plots.write(&record))?;
    Ok(ExitStatus::from(&record))
}
