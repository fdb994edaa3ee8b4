//! `hearback report`: telling a stored load run again.

use hearback_results::ExitStatus;

use super::{report, reports};
use crate::arguments::Report;
use crate::exit::Failure;
use crate::load::read;
use crate::plots::Plots;

pub(crate) fn run(options: Report) -> Result<u8, Failure> {
    let telling = &options.telling;
    let reports = reports(&telling.report)?;
    let plots = Plots::asked(&telling.plots)?;
    let record = read(&options.record)?;
    report(&record, telling.verbose, &reports, true)?;
    plots.iter().try_for_each(|plots| plots.write(&record))?;
    Ok(ExitStatus::from(&record).code())
}
