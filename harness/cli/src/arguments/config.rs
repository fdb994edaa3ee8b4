//! `config`.

use clap::{Args, Subcommand};

use super::registry::ListFormat;

#[derive(Debug, Args)]
pub(crate) struct Config {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the effective value of every option, and its source; secrets are hidden
    Show {
        /// Output format
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: ListFormat,
        /// Command line whose options are shown, for example `check --depth deep` [default: options of all commands]
        #[arg(value_name = "COMMAND", trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Print the JSON Schema of hearback.toml, for editors
    Schema,
}
