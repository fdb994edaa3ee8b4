//! `hearback schema export`: documents for other tools.

use hearback_contract::export;
use serde_json::Value;

use crate::arguments::{Export, Schema, SchemaCommand};
use crate::exit::{self, Failure};
use crate::output;

pub(crate) fn run(options: Schema) -> Result<u8, Failure> {
    let SchemaCommand::Export { what } = options.command;
    match what {
        Export::Openapi => print(&export::openapi())?,
        Export::Asyncapi => print(&export::asyncapi())?,
        Export::Report => output::print(hearback_reports::REPORT_SCHEMA),
        Export::Load => output::print(hearback_reports::LOAD_SCHEMA),
        Export::Comparison => output::print(hearback_reports::COMPARISON_SCHEMA),
        Export::Calibration => output::print(hearback_reports::CALIBRATION_SCHEMA),
        Export::Scenario => output::print(hearback_scenarios::SCENARIO_SCHEMA),
    }
    Ok(exit::HOLDS)
}

fn print(document: &Value) -> Result<(), Failure> {
    output::print(&serde_json::to_string_pretty(document)?);
    Ok(())
}
