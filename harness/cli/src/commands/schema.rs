//! `hearback schema export`.

use hearback_contract::export;
use hearback_results::ExitStatus;

use crate::arguments::{Export, Schema, SchemaCommand};
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(options: Schema) -> Result<ExitStatus, Failure> {
    let SchemaCommand::Export { what } = options.command;
    match what {
        Export::Openapi => output::print(&format!("{:#}", export::openapi())),
        Export::Asyncapi => output::print(&format!("{:#}", export::asyncapi())),
        Export::Report => output::print(hearback_reports::REPORT_SCHEMA),
        Export::Load => output::print(hearback_reports::LOAD_SCHEMA),
        Export::Comparison => output::print(hearback_reports::COMPARISON_SCHEMA),
        Export::Calibration => output::print(hearback_reports::CALIBRATION_SCHEMA),
        Export::Scenario => output::print(hearback_scenarios::SCENARIO_SCHEMA),
    }
    Ok(ExitStatus::Passed)
}
