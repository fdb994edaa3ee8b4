//! `hearback calibrate`: how small a change could `hearback compare` see here?

use hearback_measure::Calibration;

use super::compare::read;
use super::{report, reports};
use crate::arguments::Calibrate;
use crate::exit::Failure;

pub(crate) fn run(options: Calibrate) -> Result<u8, Failure> {
    let reports = reports(&options.report)?;
    let calibration = Calibration::of(read(&options.records)?, options.minimum.into())?;
    report(&calibration, false, &reports, true)?;
    Ok(calibration.exit_code())
}
