//! `contract`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::registry::ListFormat;

#[derive(Debug, Args)]
pub(crate) struct Contract {
    #[command(subcommand)]
    pub(crate) command: ContractCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ContractCommand {
    /// Report every problem of the folder of an overlay
    Lint {
        /// Folder with contract.toml and JSON Schemas [default: that of --contract]
        #[arg(value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
    /// Print the contract with the overlay for other tools
    Export {
        /// Format of the description
        #[arg(value_name = "FORMAT")]
        what: Description,
    },
    /// List the differences of the overlay from the shipped contract; the exit code is 1 if one breaks clients
    Diff {
        /// Output format
        #[arg(value_name = "FORMAT", default_value = "text")]
        format: ListFormat,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Description {
    /// OpenAPI 3.1 description of the REST operations
    Openapi,
    /// AsyncAPI 3.0 description of the sockets
    Asyncapi,
}
