//! `hearback calibrate`.

use hearback_results::ExitStatus;
use hearback_runner::load::read;
use hearback_stats::Calibration;

use crate::arguments::Calibrate;
use crate::failure::Failure;
use crate::reporting::{Report, report};

pub(crate) fn run(options: &Calibrate) -> Result<ExitStatus, Failure> {
    let reports = Report::parse(&options.report)?;
    let runs = options.records.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
    let calibration = Calibration::of(runs, options.minimum.into()).map_err(Failure::usage)?;
    report(&calibration, false, &reports)?;
    Ok(ExitStatus::from(&calibration))
}
