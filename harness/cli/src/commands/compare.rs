//! `hearback compare`: are the load runs of one side worse than those of the other?

use std::path::PathBuf;

use hearback_measure::{Comparison, LoadRecord};

use super::{report, reports};
use crate::arguments::Compare;
use crate::exit::Failure;
use crate::load::read;
use crate::plots::Plots;

pub(crate) fn run(options: Compare) -> Result<u8, Failure> {
    let reports = reports(&options.report)?;
    let plots = Plots::asked(&options.plots)?;
    let side = |paths: &[PathBuf]| -> Result<Vec<LoadRecord>, Failure> {
        paths.iter().map(|path| read(path)).collect()
    };
    let (before, after) = (side(&options.before)?, side(&options.after)?);
    let comparison = Comparison::of([&before, &after], options.minimum.into())?;
    report(&comparison, false, &reports, true)?;
    plots.iter().try_for_each(|plots| plots.write(&comparison))?;
    Ok(comparison.exit_code())
}
