//! Applies the configuration to a command line.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use hearback_contract::UnknownId;
use toml::de::DeTable;

use super::effective::Effective;
use super::file::{self, ConfigFile};
use super::kind::is_flag;
use super::paths::relocated;
use super::registry::{CommandOption, Registry};
use super::selection::{NO_CONFIG, Selection};
use super::table::TypedTable;
use super::value::{Configured, Origin, alone, values_of_variable};
use crate::document::{Source, parse};
use crate::variable::{Environment, expand, has_reference};
use crate::{FileError, Problem};

/// Options that only mean something for the value of another one, and are not combined with one that takes precedence.
const TOGETHER: [(&str, &str); 1] = [("socket_url", "target")];

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
    has_variables: bool,
}

impl Selected {
    fn without_file(selection: &Selection) -> Self {
        Self { file: None, environment: None, has_variables: !selection.is_none() }
    }
}

impl Configuration<'_> {
    /// Parses a command line and completes it with configured values.
    ///
    /// # Errors
    /// If the command line, the file or a variable is invalid.
    pub fn resolve(&self, arguments: Vec<OsString>) -> Result<Resolved, OptionsError> {
        let given = match relaxed(self.command.clone()).try_get_matches_from(&arguments) {
            Ok(given) => given,
            Err(error) => {
                let strict = self.command.clone().try_get_matches_from(&arguments);
                return Err(strict.err().unwrap_or(error).into());
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
            value.check().map_err(|problem| located(&selected, value, problem))?;
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
        let file = selected.file.map(|file| Source::shared(file.path, selected.environment));
        Ok(Resolved { matches, effective, file, selection: selection.arguments() })
    }

    pub(super) fn registry(&self) -> Registry {
        let mut command = self.command.clone();
        command.build();
        Registry::of(&command)
    }

    /// Finds, reads and validates the configuration file that the options and variables select.
    pub(super) fn select(
        &self,
        registry: &Registry,
        selection: &Selection,
    ) -> Result<Selected, FileError> {
        let has_variables = !selection.is_none();
        let variable = |name: &str| self.environment.value(name).filter(|_| has_variables);
        let config = selection.config.clone().or_else(|| variable("HEARBACK_CONFIG"));
        let path = match config {
            Some(none) if none == NO_CONFIG => None,
            Some(path) => Some(PathBuf::from(path)),
            None => file::find(&self.folder),
        };
        let environment = selection.environment.clone().or_else(|| variable("HEARBACK_ENV"));
        let Some(path) = path else {
            return match environment {
                Some(name) => Err(Problem::new(format_args!(
                    "unknown environment `{name}`: there is no hearback.toml"
                ))
                .with_help("create one with a table [env.NAME], or pass --config FILE".to_owned())
                .into()),
                None => Ok(Selected { file: None, environment: None, has_variables }),
            };
        };
        let file = ConfigFile::read(path, registry, self.tables)?;
        let invalid = |problem| file.document.invalid(problem);
        let table = parse(file.document.text()).map_err(invalid)?;
        file::validate(&table, registry, self.tables).map_err(invalid)?;
        if let Some(name) = &environment {
            let known = file::environments(&table);
            if !known.contains(&name.as_str()) {
                return Err(invalid(UnknownId::new("environment", name, known).into()));
            }
        }
        Ok(Selected { file: Some(file), environment, has_variables })
    }

    /// The configured value of each option that is not a flag of the command line.
    fn configured<'r>(
        &self,
        options: &[&'r CommandOption],
        selected: &Selected,
        table: Option<&DeTable<'_>>,
        flags: &[&CommandOption],
    ) -> Result<Vec<Configured<'r>>, FileError> {
        let mut configured = Vec::new();
        for option in options {
            let is_flag_given = flags.iter().any(|flag| flag.arg.get_id() == option.arg.get_id());
            if is_flag_given {
                continue;
            }
            configured.extend(self.value_of(option, selected, table, true)?);
        }
        Ok(configured)
    }

    /// The configured value of an option; without `expands`, references to variables are kept.
    pub(super) fn value_of<'r>(
        &self,
        option: &'r CommandOption,
        selected: &Selected,
        table: Option<&DeTable<'_>>,
        expands: bool,
    ) -> Result<Option<Configured<'r>>, FileError> {
        if selected.has_variables {
            for key in &option.keys {
                let name = key.variable();
                let Some(text) = self.environment.value(&name) else { continue };
                let values = values_of_variable(option, &text);
                let origin = Origin::Variable(name);
                return Ok(Some(Configured {
                    option,
                    shown: values.clone(),
                    values,
                    origin,
                    span: None,
                }));
            }
        }
        let (Some(file), Some(table)) = (&selected.file, table) else { return Ok(None) };
        let environment = selected.environment.as_deref();
        let replacement = self.replacement(option, file, table, environment)?;
        let found = file::value_of(option, table, environment);
        let origin = |environment: Option<&str>, at: usize| {
            let (name, line) = (file.path.display().to_string(), file.line(at));
            match environment {
                Some(environment) => Origin::Environment(name, line, environment.to_owned()),
                None => Origin::File(name, line),
            }
        };
        if let Some((environment, span)) = replacement {
            let is_first = found.as_ref().is_none_or(|it| it.environment.is_none());
            match &found {
                Some(found) if found.environment == environment => {
                    let problem = Problem::new(format_args!(
                        "`{}` and a table that takes its place are both given",
                        option.key()
                    ))
                    .with_help("remove one of them".to_owned());
                    return Err(file.document.invalid(problem.at(found.value.span())));
                }
                _ if is_first => {
                    let path = file.path.display().to_string();
                    return Ok(Some(Configured {
                        option,
                        values: vec![path.clone()],
                        shown: vec![path],
                        origin: origin(environment, span.start),
                        span: Some(span),
                    }));
                }
                _ => {}
            }
        }
        let Some(found) = found else { return Ok(None) };
        let span = found.value.span();
        let invalid = |problem: Problem| file.document.invalid(problem.at(span.clone()));
        let shown = option.kind.texts(&option.arg, found.value).map_err(invalid)?;
        let values = shown.iter().map(|text| {
            let value = match has_reference(text) && expands {
                true => expand(&option.key().name, text, self.environment).map_err(invalid)?,
                false => text.clone(),
            };
            Ok(relocated(&option.arg, value, file.folder()))
        });
        Ok(Some(Configured {
            option,
            values: values.collect::<Result<_, FileError>>()?,
            shown: shown
                .iter()
                .map(|text| relocated(&option.arg, text.clone(), file.folder()))
                .collect(),
            origin: origin(found.environment, span.start),
            span: Some(span),
        }))
    }

    /// The environment and the place of a table that takes the place of the option's file.
    fn replacement<'t>(
        &self,
        option: &CommandOption,
        file: &ConfigFile,
        table: &'t DeTable<'t>,
        environment: Option<&'t str>,
    ) -> Result<Option<(Option<&'t str>, std::ops::Range<usize>)>, FileError> {
        let key = option.key().to_string();
        let find = |name: &str| {
            file::layers(table, environment)
                .find_map(|(environment, layer)| Some((environment, layer.get_key_value(name)?.0)))
        };
        let Some(replacing) = self.tables.iter().find(|it| it.replaces == Some(key.as_str()))
        else {
            return Ok(None);
        };
        let found = find(replacing.name);
        let dependent = self.tables.iter().find(|it| it.requires == Some(replacing.name));
        if let Some((_, key)) = dependent.and_then(|it| find(it.name))
            && found.is_none()
        {
            let problem = Problem::new(format_args!(
                "[{}] has no effect without [[{}]] in the same file",
                key.get_ref(),
                replacing.name
            ))
            .with_help(format!("move it to the file of `{}`", option.key()));
            return Err(file.document.invalid(problem.at(key.span())));
        }
        Ok(found.map(|(environment, key)| (environment, key.span())))
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
        command.try_get_matches_from(&arguments).map_err(|error| {
            // The error of the command line as it is documented, where it is the same.
            self.command.clone().try_get_matches_from(&arguments).err().unwrap_or(error)
        })
    }
}

/// Removes what contradicts flags, or values that take precedence.
fn accept<'r>(
    command: &Command,
    flags: &[&CommandOption],
    mut configured: Vec<Configured<'r>>,
    selected: &Selected,
) -> Result<Vec<Configured<'r>>, FileError> {
    configured.sort_by_key(|value| value.origin.rank());
    let mut accepted: Vec<Configured<'r>> = Vec::new();
    let mut dropped: Vec<&Arg> = Vec::new();
    for value in configured {
        let arg = &value.option.arg;
        let is_set = !value.arguments().is_empty();
        let excludes = |other: &Arg| is_set && conflict(command, arg, other);
        if flags.iter().any(|flag| excludes(&flag.arg)) || is_overtaken(&value, flags, &accepted) {
            dropped.push(&value.option.arg);
            continue;
        }
        let rival = accepted
            .iter()
            .find(|other| !other.arguments().is_empty() && excludes(&other.option.arg));
        match rival {
            None => accepted.push(value),
            Some(rival) if rival.origin.rank() < value.origin.rank() => {
                dropped.push(&value.option.arg);
            }
            Some(rival) => {
                let (one, other) = (value.option.key(), rival.option.key());
                let problem = Problem::new(format_args!("`{one}` cannot be used with `{other}`"));
                return Err(located(selected, &value, problem));
            }
        }
    }
    // What depends on a dropped option goes with it.
    while let Some(at) = accepted
        .iter()
        .position(|value| dropped.iter().any(|dropped| requires(command, value, dropped)))
    {
        dropped.push(&accepted.remove(at).option.arg);
    }
    Ok(accepted)
}

/// Returns whether an option belongs to the value of another one, which something else has replaced.
fn is_overtaken(
    value: &Configured<'_>,
    flags: &[&CommandOption],
    accepted: &[Configured<'_>],
) -> bool {
    let id = value.option.arg.get_id().as_str();
    TOGETHER.iter().any(|(one, other)| {
        let is_other = |option: &CommandOption| option.arg.get_id() == *other;
        id == *one
            && (flags.iter().any(|flag| is_other(flag))
                || accepted
                    .iter()
                    .any(|it| is_other(it.option) && it.origin.rank() < value.origin.rank()))
    })
}

fn conflict(command: &Command, one: &Arg, other: &Arg) -> bool {
    let excludes = |one: &Arg, other: &Arg| {
        !one.is_global_set()
            && command.get_arg_conflicts_with(one).iter().any(|it| it.get_id() == other.get_id())
    };
    excludes(one, other) || excludes(other, one)
}

/// Returns whether a value alone is rejected because `other` is missing. The command line does not state what an
/// option requires in another way.
fn requires(command: &Command, value: &Configured<'_>, other: &Arg) -> bool {
    let arguments = value.arguments();
    let command = command.clone().no_binary_name(true);
    let Err(error) = command.try_get_matches_from(arguments) else { return false };
    let Some(ContextValue::Strings(missing)) = error.get(ContextKind::InvalidArg) else {
        return false;
    };
    error.kind() == ErrorKind::MissingRequiredArgument && missing.contains(&other.to_string())
}

fn located(selected: &Selected, value: &Configured<'_>, problem: Problem) -> FileError {
    match (&selected.file, &value.span) {
        (Some(file), Some(span)) => file.document.invalid(problem.at(span.clone())),
        _ => problem.into(),
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
