//! Effective values of options, to be shown; secrets are not.

use clap::ArgMatches;
use serde_json::json;

use super::kind::{Kind, default, description, is_list};
use super::registry::CommandOption;
use super::value::{Configured, Origin};
use crate::edit::Setting;
use crate::variable::is_variable_name;

/// Text in place of a secret.
const HIDDEN: &str = "(hidden)";

/// The value of an option and its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// Key of the option.
    pub key: String,
    /// The value in words; `-` if there is none.
    pub value: String,
    /// Its source.
    pub origin: Origin,
    /// The value to write to a file; absent for defaults and for what may be a secret.
    pub setting: Option<Setting>,
}

impl Effective {
    /// The values of the options of a command.
    pub(super) fn of_command(
        options: &[&CommandOption],
        flags: &[&CommandOption],
        given: &ArgMatches,
        accepted: &[Configured<'_>],
    ) -> Vec<Self> {
        let row = |option: &&CommandOption| {
            let id = option.arg.get_id();
            if flags.iter().any(|flag| flag.arg.get_id() == id) {
                let values = given.get_raw(id.as_str()).into_iter().flatten();
                let values: Vec<_> =
                    values.map(|value| value.to_string_lossy().into_owned()).collect();
                return Self::new(option, &values, Origin::Flag);
            }
            match accepted.iter().find(|value| value.option.arg.get_id() == id) {
                Some(value) => Self::configured(value),
                None => Self::default(option),
            }
        };
        options.iter().map(row).collect()
    }

    pub(super) fn configured(value: &Configured<'_>) -> Self {
        Self::new(value.option, &value.shown, value.origin.clone())
    }

    pub(super) fn default(option: &CommandOption) -> Self {
        Self {
            key: option.key().to_string(),
            value: default_in_words(option),
            origin: Origin::Default,
            setting: None,
        }
    }

    fn new(option: &CommandOption, values: &[String], origin: Origin) -> Self {
        // A secret may have been put where the name of its variable belongs.
        let is_name = option.arg.get_long().is_some_and(|name| name.ends_with("-env"));
        let is_misplaced = is_name && !values.iter().all(|value| is_variable_name(value));
        let values: Vec<_> = values.iter().map(|value| without_user(value)).collect();
        let is_hidden =
            option.is_secret() || is_misplaced || values.iter().any(|value| value.contains(HIDDEN));
        let setting = (!is_hidden).then(|| setting(option, &values));
        let value = match is_list(&option.arg) {
            _ if option.is_secret() || is_misplaced => HIDDEN.to_owned(),
            true => json!(values).to_string(),
            false => values.join(", "),
        };
        Self { key: option.key().to_string(), value, origin, setting }
    }
}

/// The value as a file has it.
fn setting(option: &CommandOption, values: &[String]) -> Setting {
    let value = values.first().cloned().unwrap_or_else(|| "true".to_owned());
    match option.kind {
        _ if is_list(&option.arg) => Setting::List(values.to_vec()),
        Kind::Flag | Kind::Integer | Kind::Number => Setting::Literal(value),
        Kind::Duration | Kind::Text => Setting::Text(value),
    }
}

/// A URL without user name and password.
fn without_user(value: &str) -> String {
    match value.split_once("://") {
        Some((scheme, rest)) if rest.contains('@') => {
            let rest = rest.rsplit_once('@').map_or("", |(_, rest)| rest);
            format!("{scheme}://{HIDDEN}@{rest}")
        }
        _ => value.to_owned(),
    }
}

/// The default of an option: the declared one, or the one that its help states.
pub(super) fn default_in_words(option: &CommandOption) -> String {
    let stated = || {
        let help = description(&option.arg);
        let (_, stated) = help.split_once("[default: ")?;
        Some(stated.trim_end_matches(']').to_owned())
    };
    default(&option.arg).or_else(stated).unwrap_or_else(|| "-".to_owned())
}
