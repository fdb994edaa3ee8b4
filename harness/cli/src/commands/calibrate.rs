//! `hearback calibrate`: how small a change could `hearback compare` see here?

use hearback_results::ExitStatus;
use hearback_stats::Calibration;

use super::{report, reports};
use crate::arguments::Calibrate;
use crate::exit::Failure;
use crate::load::read;

pub(crate) fn run(options: Calibrate) -> Result<u8, Failure> {
    let reports = reports(&options.report)?;
    let runs = options.records.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
    let calibration = Calibration::of(runs, options.minimum.into())?;
    report(&calibration, false, &reports, true)?;
    Ok(ExitStatus::from(&calibration).code())
}
