//! `hearback schema export`.

use hearback_contract::export::{Side, asyncapi, openapi};
use hearback_results::ExitStatus;

use crate::arguments::{Export, Schema, SchemaCommand};
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(options: Schema) -> Result<ExitStatus, Failure> {
    let SchemaCommand::Export { what } = options.command;
    match what {
        Export::Openapi => output::print(&format!("{:#}", openapi())),
        Export::Asyncapi => output::print(&format!("{:#}", asyncapi(Side::Server))),
        Export::AsyncapiClient => output::print(&format!("{:#}", asyncapi(Side::Client))),
        Export::Report => output::print(hearback_reports::REPORT_SCHEMA),
        Export::Event => output::print(hearback_reports::stream::EVENT_SCHEMA),
        Export::Load => output::print(hearback_reports::LOAD_SCHEMA),
        Export::Comparison => output::print(hearback_reports::COMPARISON_SCHEMA),
        Export::Calibration => output::print(hearback_reports::CALIBRATION_SCHEMA),
        Export::Profile => output::print(hearback_loadtests::profile::PROFILE_SCHEMA),
        Export::Scenario => output::print(hearback_scenarios::SCENARIO_SCHEMA),
    }
    Ok(ExitStatus::Passed)
}
