//! Unknown keys of `hearback.toml`, and values of the wrong type.

use hearback_contract::{Suggestions, UnknownId};
use toml::de::DeTable;

use super::key::Key;
use super::registry::{CommandOption, Registry};
use super::table::TypedTable;
use crate::Problem;
use crate::deserializer::entries;
use crate::document::ENVIRONMENTS;

/// Checks the keys and the types of values of the whole file, whichever command and environment are used.
pub(super) fn validate(
    table: &DeTable<'_>,
    registry: &Registry,
    tables: &[TypedTable],
) -> Result<(), Problem> {
    Validation { registry, tables }.table(table, &[], true)
}

struct Validation<'r> {
    registry: &'r Registry,
    tables: &'r [TypedTable],
}

impl Validation<'_> {
    fn table(&self, table: &DeTable<'_>, path: &[&str], is_whole: bool) -> Result<(), Problem> {
        for (key, value) in entries(table) {
            let name = key.get_ref().as_ref();
            let path = [path, &[name]].concat();
            if path.len() == 1 && self.tables.iter().any(|table| table.name == name) {
                continue;
            }
            let is_here = |it: &Key| it.path().eq(path.iter().copied());
            if let Some((_, option)) = self.registry.keys().find(|(key, _)| is_here(key)) {
                option.kind.texts(&option.arg, value)?;
                continue;
            }
            let below = value.get_ref().as_table();
            let is_environments = is_whole && path == [ENVIRONMENTS];
            let is_section = is_environments || !self.registry.names_below(&path).is_empty();
            match below {
                _ if !is_section => return Err(self.unknown(&path, is_whole).at(key.span())),
                None => {
                    let message = format!("`{}` must be a table", path.join("."));
                    return Err(Problem::new(message).at(value.span()));
                }
                Some(below) if is_environments => {
                    for (name, environment) in entries(below) {
                        let Some(environment) = environment.get_ref().as_table() else {
                            let message = format!("`env.{}` must be a table", name.get_ref());
                            return Err(Problem::new(message).at(name.span()));
                        };
                        self.table(environment, &[], false)?;
                    }
                }
                Some(below) => self.table(below, &path, is_whole)?,
            }
        }
        Ok(())
    }

    fn unknown(&self, path: &[&str], is_whole: bool) -> Problem {
        let Some((name, section)) = path.split_last() else { return Problem::new("unknown key") };
        let mut names = self.registry.names_below(section);
        if section.is_empty() {
            names.extend(self.tables.iter().map(|table| table.name));
            names.extend(is_whole.then_some(ENVIRONMENTS));
        }
        let unknown = UnknownId::new("key", name, names);
        // The right name in the wrong section.
        let elsewhere: Vec<_> = self
            .registry
            .documented()
            .into_iter()
            .map(CommandOption::key)
            .filter(|key| key.name == *name)
            .map(ToString::to_string)
            .collect();
        let help = match &elsewhere[..] {
            [] => unknown.suggestions.help(),
            _ => Suggestions::Similar(elsewhere.into_iter().take(3).collect()).help(),
        };
        Problem::from(unknown).with_help(help)
    }
}
