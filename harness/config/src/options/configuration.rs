//! The definition of the command line, and what configures it.

use std::path::PathBuf;

use clap::{ArgMatches, Command};

use super::effective::Effective;
use super::file::ConfigFile;
use super::registry::Registry;
use super::selection::Selection;
use super::table::TypedTable;
use super::value::Configured;
use crate::document::Source;
use crate::variable::Environment;
use crate::{FileError, Problem};

/// The options of a command line, and how to configure them.
pub struct Configuration<'c> {
    /// The definition of the command line, with the options of [`super::with_options`].
    pub command: Command,
    /// Tables of the file that are not options.
    pub tables: &'static [TypedTable],
    /// The environment.
    pub environment: &'c dyn Environment,
    /// The working directory.
    pub folder: PathBuf,
}

/// A command line with its configuration applied.
#[derive(Debug)]
pub struct Resolved {
    /// The arguments, including configured ones.
    pub matches: ArgMatches,
    /// The effective value of each option of the command.
    pub effective: Vec<Effective>,
    /// The configuration file, if there is one.
    pub file: Option<Source>,
    /// The arguments that selected the configuration.
    pub selection: Vec<String>,
    /// Environment variables that look like those of options and have no effect, with the right names.
    pub ignored: Vec<String>,
}

/// Error of a command line or its configuration.
#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
    /// The command line is invalid, or asks for help.
    #[error("{error}")]
    CommandLine {
        /// The error.
        error: Box<clap::Error>,
        /// Sources of the configured options that it names.
        notes: Vec<String>,
    },
    /// The configuration is invalid.
    #[error(transparent)]
    File(#[from] FileError),
}

impl From<clap::Error> for OptionsError {
    fn from(error: clap::Error) -> Self {
        Self::CommandLine { error: Box::new(error), notes: Vec::new() }
    }
}

/// The configuration that applies: a file, an environment of it, or neither.
pub(super) struct Selected {
    pub(super) file: Option<ConfigFile>,
    pub(super) environment: Option<String>,
    /// True if environment variables apply.
    pub(super) has_variables: bool,
}

impl Selected {
    pub(super) fn without_file(selection: &Selection) -> Self {
        Self { file: None, environment: None, has_variables: !selection.is_none() }
    }

    /// The error for a problem of a configured value.
    pub(super) fn located(&self, value: &Configured<'_>, problem: Problem) -> FileError {
        match (&self.file, &value.span) {
            (Some(file), Some(span)) => file.document.invalid(problem.at(span.clone())),
            _ => problem.into(),
        }
    }
}

impl Configuration<'_> {
    pub(super) fn registry(&self) -> Registry {
        let mut command = self.command.clone();
        command.build();
        Registry::of(&command)
    }
}
