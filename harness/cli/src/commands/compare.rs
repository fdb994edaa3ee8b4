//! `hearback compare`: are the load runs of one side worse than those of the other?

use std::path::PathBuf;

use anyhow::Context as _;
use hearback_measure::{Comparison, LoadRecord};

use super::{report, reports};
use crate::arguments::Compare;
use crate::exit::Failure;
use crate::plots::Plots;

pub(crate) fn run(options: Compare) -> Result<u8, Failure> {
    let reports = reports(&options.report)?;
    let plots = Plots::asked(&options.plots)?;
    let (before, after) = (read(&options.before)?, read(&options.after)?);
    let comparison = Comparison::of([&before, &after], options.minimum.into())?;
    report(&comparison, false, &reports, true)?;
    plots.iter().try_for_each(|plots| plots.write(&comparison))?;
    Ok(comparison.exit_code())
}

/// Reads the records of load runs.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Vec<LoadRecord>, Failure> {
    let record = |path: &PathBuf| -> anyhow::Result<LoadRecord> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} is no record of a load run", path.display()))
    };
    paths.iter().map(record).collect::<anyhow::Result<_>>().map_err(Failure::usage)
}
