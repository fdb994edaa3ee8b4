//! `hearback compare`.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use hearback_contract::Level;
use hearback_results::{Changes, ExitStatus};
use hearback_runner::RunError;
use hearback_runner::load::read;
use hearback_runner::stored::{self, StoredKind};
use hearback_stats::{Comparison, LoadRecord};

use crate::arguments::Compare;
use crate::failure::Failure;
use crate::plots::Plots;
use crate::reporting::{Report, report};

pub(crate) fn run(options: &Compare) -> Result<ExitStatus, Failure> {
    reject_options(&options.after)?;
    // Mistakes in the options are reported before files are read.
    let plots = Plots::parse(&options.plots)?;
    let (before, after) = sides(options);
    let paths: Vec<_> = before.iter().chain(after).map(|path| stored::path(path)).collect();
    let kinds = paths.iter().map(|path| stored::kind(path));
    let kinds = kinds.collect::<Result<Vec<_>, RunError>>()?;
    if kinds.iter().all(|kind| *kind == StoredKind::Other) {
        return loads(options, (before, after), &plots);
    }
    match (&paths[..], before, after) {
        ([before, after], [_], [_]) => checks(options, before, after),
        _ => Err(Failure::usage(anyhow!(
            "runs of check are compared one with one, but there are {} and {}",
            before.len(),
            after.len()
        ))),
    }
}

/// The runs before and after: without `--`, the last one is after.
fn sides(options: &Compare) -> (&[PathBuf], &[PathBuf]) {
    match (&options.before[..], &options.after[..]) {
        ([before @ .., after], []) if !before.is_empty() => (before, std::slice::from_ref(after)),
        sides => sides,
    }
}

fn checks(options: &Compare, before: &Path, after: &Path) -> Result<ExitStatus, Failure> {
    let reports = Report::parse(&options.report)?;
    if !options.plots.is_empty() {
        return Err(Failure::usage(anyhow!("--plots needs records of load runs")));
    }
    let read = |path| stored::read(path, Level::Must.into());
    let changes = Changes::of(&read(before)?, &read(after)?);
    report(&changes, false, &reports)?;
    Ok(ExitStatus::from(&changes))
}

fn loads(
    options: &Compare,
    (before, after): (&[PathBuf], &[PathBuf]),
    plots: &[Plots],
) -> Result<ExitStatus, Failure> {
    let reports = Report::parse(&options.report)?;
    let paths = before.iter().chain(after);
    let side = |paths: &[PathBuf]| -> Result<Vec<LoadRecord>, RunError> {
        paths.iter().map(|path| read(path)).collect()
    };
    let (before, after) = (side(before)?, side(after)?);
    let compared = Comparison::of([&before, &after], options.minimum.into());
    let comparison = compared.map_err(|error| {
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
