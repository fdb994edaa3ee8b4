//! All options of the command line, with their keys.

use clap::{Arg, Command};

use super::key::Key;
use super::kind::{Kind, description};
use super::selection::selects;

/// An option of a command.
#[derive(Clone, Debug)]
pub(crate) struct CommandOption {
    /// Names of the command and of those around it; empty for options of all commands.
    pub(crate) command: Vec<String>,
    pub(crate) arg: Arg,
    pub(crate) kind: Kind,
    /// Its keys, the one that applies first at the front.
    pub(crate) keys: Vec<Key>,
}

impl CommandOption {
    /// The key that documentation names: of the section that commands share, if there is one.
    pub(crate) fn key(&self) -> &Key {
        self.keys.last().expect("every option has a key")
    }

    /// Returns whether its value is a secret.
    pub(crate) fn is_secret(&self) -> bool {
        self.arg.is_hide_env_values_set()
    }
}

/// All options of the command line.
///
/// Each option of a command has a key in the section of that command. An option that several commands have under the
/// same heading, with the same help, also has a key in the section of the heading, which applies to all of them.
#[derive(Clone, Debug)]
pub(crate) struct Registry {
    pub(crate) options: Vec<CommandOption>,
}

impl Registry {
    pub(crate) fn of(command: &Command) -> Self {
        let mut options = Vec::new();
        collect(command, &[], &mut options);
        let shared = shared_keys(&options);
        for (option, key) in options.iter_mut().zip(shared) {
            option.keys.extend(key);
        }
        Self { options }
    }

    /// Options of one command, and those of all commands.
    pub(crate) fn of_command<'r>(
        &'r self,
        command: &'r [String],
    ) -> impl Iterator<Item = &'r CommandOption> {
        self.options
            .iter()
            .filter(move |option| option.command.is_empty() || option.command == command)
    }

    /// One option for each documented key.
    pub(crate) fn documented(&self) -> Vec<&CommandOption> {
        let mut documented: Vec<&CommandOption> = Vec::new();
        for option in &self.options {
            if documented.iter().all(|other| other.key() != option.key()) {
                documented.push(option);
            }
        }
        documented
    }

    /// All keys with an option that has them.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&Key, &CommandOption)> {
        self.options.iter().flat_map(|option| option.keys.iter().map(move |key| (key, option)))
    }

    /// Names that may follow `section`: of keys, and of sections below it.
    pub(crate) fn names_below(&self, section: &[&str]) -> Vec<&str> {
        let mut names: Vec<_> = self
            .keys()
            .filter_map(|(key, _)| {
                let mut path = key.path();
                section.iter().all(|part| path.next() == Some(*part)).then(|| path.next()).flatten()
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

fn collect(command: &Command, path: &[String], options: &mut Vec<CommandOption>) {
    let arguments = command.get_arguments().filter(|arg| {
        // Options of all commands belong to the top, from which clap copies them.
        arg.get_long().is_some()
            && !arg.is_hide_set()
            && (path.is_empty() || !arg.is_global_set())
            && !["help", "version"].contains(&arg.get_id().as_str())
            && !selects(arg.get_id().as_str())
    });
    for arg in arguments {
        options.push(CommandOption {
            command: path.to_vec(),
            arg: arg.clone(),
            kind: Kind::of(arg),
            keys: vec![Key::of_command(path, arg)],
        });
    }
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        collect(below, &[path, &[below.get_name().to_owned()]].concat(), options);
    }
}

/// Properties that the same option of two commands shares.
#[derive(PartialEq)]
struct Common<'o> {
    /// Its key in the section of its heading.
    key: Key,
    long: Option<&'o str>,
    kind: &'o Kind,
    description: String,
}

impl<'o> Common<'o> {
    /// `None` for options without a heading.
    fn of(option: &'o CommandOption) -> Option<Self> {
        Some(Self {
            key: Key::of_heading(option.arg.get_help_heading()?, &option.arg),
            long: option.arg.get_long(),
            kind: &option.kind,
            description: description(&option.arg),
        })
    }
}

/// The keys of options in the sections that they share with other commands: if two options of a heading have one name
/// but different meanings, the section belongs to that of more commands.
fn shared_keys(options: &[CommandOption]) -> Vec<Option<Key>> {
    let common: Vec<_> = options.iter().map(Common::of).collect();
    let count = |it: &Common<'_>| common.iter().flatten().filter(|other| *other == it).count();
    let shared = |option: &Common<'_>| {
        let rivals = common.iter().flatten().filter(|other| other.key == option.key);
        // The first of the largest group.
        let owner = rivals.rev().max_by_key(|other| count(other))?;
        (count(option) > 1 && owner == option).then(|| option.key.clone())
    };
    common.iter().map(|option| shared(option.as_ref()?)).collect()
}
