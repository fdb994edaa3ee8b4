//! `list`, `explain` and `schema`.

use clap::{Args, Subcommand, ValueEnum};
use hearback_reports::registry::Registry;

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Registry to list
    #[arg(value_name = "REGISTRY")]
    pub(crate) what: Listing,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ListFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Listing {
    /// Requirements that hearback checks
    Requirements,
    /// REST operations of the specification
    Operations,
    /// Socket events of the specification
    Events,
    /// Embedded scenarios
    Scenarios,
    /// Faults of the embedded server
    Faults,
    /// Weather of the embedded server
    Weather,
    /// Ambiguities of the specification, and their accepted readings
    Ambiguities,
    /// Behavior that cannot be tested through the API
    NotTestable,
    /// Load profiles
    Profiles,
    /// Metrics for service levels
    Metrics,
    /// Metrics of a load run that is going on, for Prometheus and OTLP
    LiveMetrics,
    /// Options, their keys in hearback.toml and their environment variables
    Options,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ListFormat {
    /// Aligned columns
    Text,
    /// A Markdown table
    Markdown,
    /// A JSON document
    Json,
}

impl ListFormat {
    /// Renders a registry.
    pub(crate) fn render(self, registry: &Registry) -> String {
        match self {
            Self::Text => registry.text(),
            Self::Markdown => registry.markdown(),
            Self::Json => registry.json(),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Ids of requirements, operations, events, faults, weather, ambiguities or readings
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    #[command(subcommand)]
    pub(crate) command: SchemaCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SchemaCommand {
    /// Print a schema
    Export {
        /// Schema to print
        #[arg(value_name = "SCHEMA")]
        what: Export,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Export {
    /// OpenAPI 3.1 description of the REST operations
    Openapi,
    /// AsyncAPI 3.0 description of the sockets, of the server's side
    Asyncapi,
    /// The same of the client's side, for generators of clients
    AsyncapiClient,
    /// JSON Schema of the JSON report of `check`
    Report,
    /// JSON Schema of the lines of `check --format json`
    Event,
    /// JSON Schema of the JSON report of `load`
    Load,
    /// JSON Schema of the JSON report of `compare`
    Comparison,
    /// JSON Schema of the JSON report of `calibrate`
    Calibration,
    /// JSON Schema of scenario files, for editors
    Scenario,
    /// JSON Schema of load profiles, for editors
    Profile,
}
