//! `hearback scenario`.

mod files;
mod lint;
mod run;
mod verdict;

use std::path::Path;

use anyhow::Context as _;
use hearback_results::ExitStatus;
use hearback_scenarios::library;

use crate::arguments::{Scenario, ScenarioCommand};
use crate::failure::Failure;
use crate::output;
use crate::progress::counted;

pub(crate) fn run(options: Scenario) -> Result<ExitStatus, Failure> {
    match options.command {
        ScenarioCommand::Run(options) => run::run(&options),
        ScenarioCommand::Lint { files } => lint::run(&files),
        ScenarioCommand::New { name } => new(&name),
        ScenarioCommand::Export { folder } => export(&folder),
    }
}

/// Creates a scenario file from the template.
fn new(name: &str) -> Result<ExitStatus, Failure> {
    let path = format!("{}.yaml", name.trim_end_matches(".yaml"));
    write_new(Path::new(&path), library::TEMPLATE)?;
    output::print(&format!("Created {path}; run it with: hearback scenario run {path} --trace"));
    Ok(ExitStatus::Passed)
}

/// Writes the embedded files to a folder.
fn export(folder: &Path) -> Result<ExitStatus, Failure> {
    let mut count = 0;
    for (path, text) in library::files() {
        write_new(&folder.join(path), text)?;
        count += 1;
    }
    output::print(&format!("Wrote {} to {}", counted(count, "scenario"), folder.display()));
    Ok(ExitStatus::Passed)
}

/// Writes a file, and creates the folders above it. An existing file is an error.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let write = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = std::fs::File::create_new(path)?;
        std::io::Write::write_all(&mut file, text.as_bytes())
    };
    write().with_context(|| format!("cannot write {}", path.display())).map_err(Failure::usage)
}
