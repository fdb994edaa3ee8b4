//! Decides which configured values apply beside the flags of a command line.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::configuration::Selected;
use super::registry::CommandOption;
use super::value::Configured;
use crate::{FileError, Problem};

/// Options that only mean something for the value of another one, and are not combined with one that takes precedence.
const TOGETHER: [(&str, &str); 1] = [("socket_url", "target")];

/// Removes what contradicts flags, or values that take precedence.
pub(super) fn accept<'r>(
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
                return Err(selected.located(&value, problem));
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
