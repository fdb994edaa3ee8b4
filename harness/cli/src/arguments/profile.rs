//! `profile`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::exit;

#[derive(Debug, Args)]
pub(crate) struct Profile {
    #[command(subcommand)]
    pub(crate) command: ProfileCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileCommand {
    /// Report errors in profile files
    #[command(after_help = exit::LINT_HELP)]
    Lint {
        /// Files, or names of shipped profiles
        #[arg(required = true, value_name = "FILE")]
        files: Vec<String>,
    },
    /// Create a profile from a template with every key
    New {
        /// Name of the profile, with or without .toml
        name: String,
    },
    /// Write the shipped profiles to a folder
    Export {
        /// Folder to write to
        folder: PathBuf,
    },
}
