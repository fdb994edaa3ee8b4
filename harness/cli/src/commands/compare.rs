//! `hearback compare`.

use std::path::PathBuf;

use anyhow::anyhow;
use hearback_results::ExitStatus;
use hearback_runner::RunError;
use hearback_runner::load::read;
use hearback_stats::{Comparison, LoadRecord};

use crate::arguments::Compare;
use crate::failure::Failure;
use crate::plots::Plots;
use crate::reporting::{Report, report};

pub(crate) fn run(options: &Compare) -> Result<ExitStatus, Failure> {
    reject_options(&options.after)?;
    let reports = Report::parse(&options.report)?;
    let plots = Plots::parse(&options.plots)?;
    let side = |paths: &[PathBuf]| -> Result<Vec<LoadRecord>, RunError> {
        paths.iter().map(|path| read(path)).collect()
    };
    let (before, after) = (side(&options.before)?, side(&options.after)?);
    let compared = Comparison::of([&before, &after], options.minimum.into());
    let comparison = compared.map_err(|error| {
        let paths = options.before.iter().chain(&options.after);
        let runs = before.iter().chain(&after).map(|record| &record.run);
        let file = paths.zip(runs).find(|(_, run)| error.run() == Some(run));
        match file {
            Some((path, _)) => Failure::usage(anyhow!("{}: {error}", path.display())),
            None => Failure::usage(error),
        }
    })?;
    report(&comparison, false, &reports)?;
    plots.iter().try_for_each(|plots| plots.write(&comparison))?;
    Ok(ExitStatus::from(&comparison))
}

/// Rejects options after `--`, where every argument is taken for a path.
fn reject_options(after: &[PathBuf]) -> Result<(), Failure> {
    match after.iter().find(|path| path.to_string_lossy().starts_with("--") && !path.exists()) {
        None => Ok(()),
        Some(option) => Err(Failure::usage(anyhow!(
            "unexpected option {} after `--`: put options before it",
            option.display()
        ))),
    }
}
