//! Configured values of options, and where they come from.

use std::fmt::{self, Display};
use std::ops::Range;

use clap::builder::Resettable;
use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, Command, Id};
use hearback_contract::UnknownId;

use super::kind::{is_flag, is_list};
use super::registry::CommandOption;
use crate::Problem;

/// The source of a value, the one that takes precedence first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A flag of the command line.
    Flag,
    /// An environment variable.
    Variable(String),
    /// A table of a named environment, with the name of the file and the line.
    Environment(String, usize, String),
    /// The file and the line.
    File(String, usize),
    /// Nothing: the option has its default.
    Default,
}

impl Origin {
    /// Position in the order of precedence.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Flag => 0,
            Self::Variable(_) => 1,
            Self::Environment(..) => 2,
            Self::File(..) => 3,
            Self::Default => 4,
        }
    }
}

impl Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("command line"),
            Self::Variable(name) => f.write_str(name),
            Self::Environment(file, line, name) => write!(f, "{file}:{line} [env.{name}]"),
            Self::File(file, line) => write!(f, "{file}:{line}"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// The configured value of an option.
#[derive(Clone, Debug)]
pub(super) struct Configured<'r> {
    pub(super) option: &'r CommandOption,
    /// Values for the command line.
    pub(super) values: Vec<String>,
    /// Values as they are shown: without those of variables.
    pub(super) shown: Vec<String>,
    pub(super) origin: Origin,
    /// The place in the file, if it comes from there.
    pub(super) span: Option<Range<usize>>,
}

impl Configured<'_> {
    /// The arguments that set the option to its values; none for a flag that is false.
    pub(super) fn arguments(&self) -> Vec<String> {
        let long = self.option.arg.get_long().unwrap_or_default();
        if is_flag(&self.option.arg) {
            let is_set = self.values.iter().any(|value| value == "true");
            return if is_set { vec![format!("--{long}")] } else { Vec::new() };
        }
        self.values.iter().map(|value| format!("--{long}={value}")).collect()
    }

    /// Parses the values as the command line would.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let arg = &self.option.arg;
        let subject = match &self.origin {
            Origin::Variable(name) => name.clone(),
            _ => self.option.key().name.clone(),
        };
        if is_flag(arg) && self.values.iter().any(|value| value != "true" && value != "false") {
            return Err(Problem::new(format_args!("`{subject}` must be true or false")));
        }
        let Some(error) = self.error() else { return Ok(()) };
        let is_hidden = self.option.is_secret() || self.values != self.shown;
        let choices: Vec<_> = arg.get_possible_values();
        let value = match error.get(ContextKind::InvalidValue) {
            Some(clap::error::ContextValue::String(value)) if !is_hidden => value.as_str(),
            _ => "",
        };
        Err(match (error.kind(), std::error::Error::source(&error)) {
            _ if is_hidden => Problem::new(format_args!("`{subject}` is invalid")),
            (ErrorKind::InvalidValue, _) if !choices.is_empty() => {
                let names = choices.iter().map(|choice| choice.get_name());
                Problem::new(format_args!("`{subject}`: unknown value `{value}`"))
                    .with_help(UnknownId::new("value", value, names).suggestions.help())
            }
            (_, Some(reason)) => Problem::new(format_args!("`{subject}`: {reason}")),
            (_, None) => Problem::new(format_args!("`{subject}`: invalid value `{value}`")),
        })
    }

    /// The error of the command line for these values alone.
    fn error(&self) -> Option<clap::Error> {
        let arguments = self.arguments();
        let arg = alone(self.option.arg.clone());
        let command = Command::new("hearback").no_binary_name(true).arg(arg);
        command.try_get_matches_from(arguments).err()
    }
}

/// An argument that neither needs others nor excludes them.
pub(super) fn alone(arg: Arg) -> Arg {
    arg.required(false)
        .global(false)
        .requires(Resettable::<Id>::Reset)
        .conflicts_with(Resettable::<Id>::Reset)
}

/// The values in an environment variable: one per line for an option that can be repeated.
pub(super) fn values_of_variable(option: &CommandOption, text: &str) -> Vec<String> {
    if is_list(&option.arg) {
        return text
            .lines()
            .map(str::trim)
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
            .collect();
    }
    vec![text.to_owned()]
}
