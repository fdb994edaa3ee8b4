//! `hearback scenario`.

mod lint;
mod run;

use hearback_reports::counted;
use hearback_results::ExitStatus;
use hearback_scenarios::files;

use crate::arguments::{Scenario, ScenarioCommand};
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(options: Scenario) -> Result<ExitStatus, Failure> {
    match options.command {
        ScenarioCommand::Run(options) => return run::run(&options),
        ScenarioCommand::Lint { files } => return lint::run(&files),
        ScenarioCommand::New { name } => {
            let path = files::create(&name).map_err(Failure::usage)?;
            let path = path.display();
            output::print(&format!(
                "Created {path}; run it with: hearback scenario run {path} --trace"
            ));
        }
        ScenarioCommand::Export { folder } => {
            let count = files::export(&folder).map_err(Failure::usage)?;
            let scenarios = counted(count as u64, "scenario");
            output::print(&format!("Wrote {scenarios} to {}", folder.display()));
        }
    }
    Ok(ExitStatus::Passed)
}
