//! `hearback compare`: are the load runs of one side worse than those of the other?

use std::path::PathBuf;

use anyhow::anyhow;
use hearback_results::ExitStatus;
use hearback_stats::{Comparison, LoadRecord};

use super::{report, reports};
use crate::arguments::Compare;
use crate::exit::Failure;
use crate::load::read;
use crate::plots::Plots;

pub(crate) fn run(options: Compare) -> Result<u8, Failure> {
    options_stand_first(&options.after)?;
    let reports = reports(&options.report)?;
    let plots = Plots::asked(&options.plots)?;
    let side = |paths: &[PathBuf]| -> Result<Vec<LoadRecord>, Failure> {
        paths.iter().map(|path| read(path)).collect()
    };
    let (before, after) = (side(&options.before)?, side(&options.after)?);
    let compared = Comparison::of([&before, &after], options.minimum.into());
    let comparison = compared.map_err(|error| {
        let paths = options.before.iter().chain(&options.after);
        let runs = before.iter().chain(&after).map(|record| &record.run);
        let file = paths.zip(runs).find(|(_, run)| error.run() == Some(run));
        Failure::usage(match file {
            Some((path, _)) => anyhow!("{}: {error}", path.display()),
            None => error.into(),
        })
    })?;
    report(&comparison, false, &reports, true)?;
    plots.iter().try_for_each(|plots| plots.write(&comparison))?;
    Ok(ExitStatus::from(&comparison).code())
}

/// What follows `--` is a path, whatever it looks like; one that looks like an option is a mistake.
fn options_stand_first(after: &[PathBuf]) -> Result<(), Failure> {
    match after.iter().find(|path| path.to_string_lossy().starts_with("--") && !path.exists()) {
        None => Ok(()),
        Some(option) => Err(Failure::usage(anyhow!(
            "{} stands after `--`, where only records are; options stand before it",
            option.display()
        ))),
    }
}
