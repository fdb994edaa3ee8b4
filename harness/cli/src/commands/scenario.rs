//! `hearback scenario`: scenarios that people write, read and run.

mod files;
mod lint;
mod run;
mod trace;
mod verdict;

use std::path::Path;

use anyhow::Context as _;
use hearback_scenarios::library;

use crate::arguments::{Scenario, ScenarioCommand};
use crate::exit::{self, Failure};
use crate::output;

pub(crate) fn run(options: Scenario) -> Result<u8, Failure> {
    match options.command {
        ScenarioCommand::Run(options) => run::run(*options),
        ScenarioCommand::Lint { files } => lint::run(&files),
        ScenarioCommand::New { name } => new(&name),
        ScenarioCommand::Export { folder } => export(&folder),
    }
}

/// Writes a scenario to begin with.
fn new(name: &str) -> Result<u8, Failure> {
    let path = format!("{}.yaml", name.trim_end_matches(".yaml"));
    write_new(Path::new(&path), library::TEMPLATE)?;
    output::print(&format!("{path} is written; run it with: hearback scenario run {path} --trace"));
    Ok(exit::HOLDS)
}

/// Writes the embedded files into a folder.
fn export(folder: &Path) -> Result<u8, Failure> {
    let mut count = 0;
    for (path, text) in library::files() {
        write_new(&folder.join(path), text)?;
        count += 1;
    }
    output::print(&format!("{count} scenarios are written to {}", folder.display()));
    Ok(exit::HOLDS)
}

/// Writes a file, and the folders above it, where there is none yet.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let write = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = std::fs::File::create_new(path)?;
        std::io::Write::write_all(&mut file, text.as_bytes())
    };
    write().with_context(|| format!("{} cannot be written", path.display())).map_err(Failure::usage)
}
