//! Keys of `hearback.toml`: names of the options of the command line.

use std::fmt::{self, Display};

use clap::Arg;

/// A key and its section; it appears in the file, in the schema, and as an environment variable.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key {
    /// Names of the section and of those around it; empty at the top of the file.
    pub(crate) section: Vec<String>,
    pub(crate) name: String,
}

impl Key {
    /// The key of an option in the section of its command.
    pub(super) fn of_command(command: &[String], arg: &Arg) -> Self {
        Self { section: command.to_vec(), name: long(arg) }
    }

    /// The key of an option in the section that commands share: the heading under which help lists it. An option
    /// named like its section is named like its value: `--target URL` is `url` of `[target]`.
    pub(super) fn of_heading(heading: &str, arg: &Arg) -> Self {
        let section = snake_case(heading);
        let name = long(arg);
        let name = if name == section { snake_case(&value_name(arg)) } else { name };
        Self { section: vec![section], name }
    }

    /// The environment variable of the key.
    pub(crate) fn variable(&self) -> String {
        let parts = self.section.iter().chain([&self.name]);
        let parts: Vec<_> = parts.map(|part| part.to_uppercase()).collect();
        format!("HEARBACK_{}", parts.join("_"))
    }

    /// Names from the top of the file to the key.
    pub(crate) fn path(&self) -> impl Iterator<Item = &str> {
        self.section.iter().chain([&self.name]).map(String::as_str)
    }
}

impl Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path().collect::<Vec<_>>().join("."))
    }
}

/// The long name of an option in snake case.
fn long(arg: &Arg) -> String {
    snake_case(arg.get_long().unwrap_or_default())
}

pub(super) fn snake_case(text: &str) -> String {
    text.to_lowercase().replace(['-', ' '], "_")
}

/// The name of the value of an option, as help prints it: `FILE`, `FORMAT=PATH`.
pub(super) fn value_name(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    names.first().map_or_else(String::new, |name| name.to_string())
}
