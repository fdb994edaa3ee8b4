//! What hearback knows: lists, explanations, schemas.

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct List {
    /// What to list
    pub(crate) what: Listing,
    /// How
    #[arg(long, default_value = "text")]
    pub(crate) format: ListFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Listing {
    Requirements,
    Operations,
    Events,
    Scenarios,
    Faults,
    Ambiguities,
    Profiles,
    Metrics,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ListFormat {
    Text,
    Markdown,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A requirement, an operation, a fault or an ambiguity
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    #[command(subcommand)]
    pub(crate) command: SchemaCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SchemaCommand {
    /// Print a schema document
    Export {
        /// Which
        what: Export,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Export {
    /// The REST operations, OpenAPI 3.1
    Openapi,
    /// The sockets, AsyncAPI 3.0
    Asyncapi,
    /// The JSON Schema of hearback's own JSON report
    Report,
    /// The JSON Schema of the JSON report of load runs
    Load,
    /// The JSON Schema of the JSON report of `compare`
    Comparison,
    /// The JSON Schema of the JSON report of `calibrate`
    Calibration,
    /// The JSON Schema of scenario files, for editors
    Scenario,
}
