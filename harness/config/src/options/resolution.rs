//! Applies the configuration to a command line.

use std::ffi::{OsStr, OsString};

use clap::builder::ValueParser;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};

use super::acceptance::accept;
use super::configuration::{Configuration, OptionsError, Resolved, Selected};
use super::effective::Effective;
use super::ignored::ignored_variables;
use super::kind::is_flag;
use super::selection::Selection;
use super::value::{Configured, alone};
use crate::document::{Source, parse};

impl Configuration<'_> {
    /// Parses a command line and completes it with configured values.
    ///
    /// # Errors
    /// If the command line, the file or a variable is invalid.
    pub fn resolve(&self, arguments: Vec<OsString>) -> Result<Resolved, OptionsError> {
        let given = match relaxed(self.command.clone()).try_get_matches_from(&arguments) {
            Ok(given) => given,
            Err(error) => {
                return Err(self.documented_error(error, &arguments).into());
            }
        };
        let (path, leaf) = leaf(&given);
        let command = command_at(&self.command, &path);
        let registry = self.registry();
        let options: Vec<_> = registry.of_command(&path).collect();
        let flags: Vec<_> = options
            .iter()
            .copied()
            .filter(|option| {
                leaf.value_source(option.arg.get_id().as_str()) == Some(ValueSource::CommandLine)
            })
            .collect();
        let selection = Selection::of(leaf);
        // A command without options of its own has nothing to configure.
        let selected = match options.iter().all(|option| option.command.is_empty()) {
            true => Selected::without_file(&selection),
            false => self.select(&registry, &selection)?,
        };
        let table = selected.file.as_ref().map(|file| parse(file.document.text()));
        let table = match (table, &selected.file) {
            (Some(table), Some(file)) => {
                Some(table.map_err(|problem| file.document.invalid(problem))?)
            }
            _ => None,
        };
        let configured = self.configured(&options, &selected, table.as_ref(), &flags)?;
        let accepted = accept(command, &flags, configured, &selected)?;
        for value in &accepted {
            value.check().map_err(|problem| selected.located(value, problem))?;
        }
        let injected: Vec<_> = accepted.iter().flat_map(Configured::arguments).collect();
        let matches = self.parse(arguments, &injected).map_err(|error| {
            let text = error.to_string();
            let notes = accepted.iter().filter_map(|value| {
                let flag = format!("--{}", value.option.arg.get_long()?);
                text.contains(&flag).then(|| format!("{flag} is set in {}", value.origin))
            });
            OptionsError::CommandLine { notes: notes.collect(), error: Box::new(error) }
        })?;
        let effective = Effective::of_command(&options, &flags, leaf, &accepted);
        let has_variables = selected.has_variables;
        let file = selected.file.map(|file| Source::shared(file.path, selected.environment));
        let ignored = match has_variables {
            true => ignored_variables(&registry, self.environment),
            false => Vec::new(),
        };
        Ok(Resolved { matches, effective, file, selection: selection.arguments(), ignored })
    }

    /// Parses the command line with further arguments.
    fn parse(
        &self,
        mut arguments: Vec<OsString>,
        injected: &[String],
    ) -> Result<ArgMatches, clap::Error> {
        // What follows `--` is not an option.
        let end = arguments.iter().position(|it| it == OsStr::new("--"));
        let end = end.unwrap_or(arguments.len());
        arguments.splice(end..end, injected.iter().map(OsString::from));
        let command = changed(self.command.clone(), &with_values);
        command
            .try_get_matches_from(&arguments)
            .map_err(|error| self.documented_error(error, &arguments))
    }

    /// The error of the command line as it is documented, if it is the same: the usage of the changed one differs.
    fn documented_error(&self, error: clap::Error, arguments: &[OsString]) -> clap::Error {
        match self.command.clone().try_get_matches_from(arguments) {
            Err(documented) if documented.kind() == error.kind() => documented,
            _ => error,
        }
    }
}

/// The command of the matches, and its own matches.
fn leaf(matches: &ArgMatches) -> (Vec<String>, &ArgMatches) {
    let (mut path, mut leaf) = (Vec::new(), matches);
    while let Some((name, below)) = leaf.subcommand() {
        path.push(name.to_owned());
        leaf = below;
    }
    (path, leaf)
}

fn command_at<'c>(command: &'c Command, path: &[String]) -> &'c Command {
    path.iter().fold(command, |command, name| command.find_subcommand(name).unwrap_or(command))
}

/// The command line as it is before configured values are added: nothing is missing.
fn relaxed(command: Command) -> Command {
    changed(command, &|arg| {
        let is_global = arg.is_global_set();
        with_values(alone(arg).global(is_global))
    })
}

/// Lets `--flag=false` override a configured flag.
fn with_values(arg: Arg) -> Arg {
    if !is_flag(&arg) {
        return arg;
    }
    arg.action(ArgAction::Set)
        .num_args(0..=1)
        .require_equals(true)
        .default_missing_value("true")
        .default_value("false")
        .value_parser(ValueParser::bool())
}

/// The command with every argument changed.
fn changed(command: Command, change: &dyn Fn(Arg) -> Arg) -> Command {
    command.mut_args(change).mut_subcommands(|below| changed(below, change))
}
