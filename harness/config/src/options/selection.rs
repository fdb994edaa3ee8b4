//! The options that select the configuration.

use clap::{Arg, ArgAction, ArgMatches, Command};

/// Id of the option that names the configuration file.
const CONFIG: &str = "config";

/// Id of the option that selects an environment.
const ENVIRONMENT: &str = "env";

/// Value of `--config` that ignores configuration files and variables.
pub const NO_CONFIG: &str = "none";

/// Adds the options that select the configuration.
pub fn with_options(command: Command) -> Command {
    let option = |id: &'static str, name: &'static str| {
        Arg::new(id).long(id).value_name(name).global(true).action(ArgAction::Set)
    };
    command
        .arg(option(CONFIG, "FILE").help(
            "Configuration file (TOML), or `none` to ignore files and HEARBACK_* variables \
             [default: the nearest hearback.toml]",
        ))
        .arg(option(ENVIRONMENT, "NAME").help(
            "Named environment of the configuration file, for example staging for [env.staging]",
        ))
}

/// Returns whether an option selects the configuration, and so cannot be part of it.
pub(super) fn selects(id: &str) -> bool {
    [CONFIG, ENVIRONMENT].contains(&id)
}

/// The values of these options.
pub(super) struct Selection {
    pub(super) config: Option<String>,
    pub(super) environment: Option<String>,
}

impl Selection {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        let value = |id: &str| matches.get_one::<String>(id).cloned();
        Self { config: value(CONFIG), environment: value(ENVIRONMENT) }
    }

    /// The values of arguments that [`Self::arguments`] returned.
    pub(super) fn parse(arguments: &[String]) -> Self {
        let command = with_options(Command::new("hearback")).no_binary_name(true);
        match command.try_get_matches_from(arguments) {
            Ok(matches) => Self::of(&matches),
            Err(_) => Self { config: None, environment: None },
        }
    }

    /// The arguments that select the same configuration.
    pub(super) fn arguments(&self) -> Vec<String> {
        let argument = |id: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!("--{id}={value}"))
        };
        let config = argument(CONFIG, &self.config);
        config.into_iter().chain(argument(ENVIRONMENT, &self.environment)).collect()
    }

    /// Returns whether configuration is ignored.
    pub(super) fn is_none(&self) -> bool {
        self.config.as_deref() == Some(NO_CONFIG)
    }
}
