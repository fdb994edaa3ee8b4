//! `hearback.toml`: finding it, its layers, and its unknown keys.

use std::path::{Path, PathBuf};

use hearback_contract::{Suggestions, UnknownId};
use toml::de::{DeTable, DeValue};

use super::registry::{CommandOption, Registry};
use super::table::TypedTable;
use crate::deserializer::entries;
use crate::document::{Document, ENVIRONMENTS, Source};
use crate::{Excerpt, FileError, Problem};

/// Name of the configuration file.
pub const FILE_NAME: &str = "hearback.toml";

/// The nearest configuration file, in `folder` or above it, as a path from `folder`.
pub(super) fn find(folder: &Path) -> Option<PathBuf> {
    let mut up = PathBuf::new();
    for above in folder.ancestors() {
        if above.join(FILE_NAME).is_file() {
            return Some(up.join(FILE_NAME));
        }
        up.push("..");
    }
    None
}

/// The text of a configuration file.
pub(super) struct ConfigFile {
    pub(super) path: PathBuf,
    pub(super) document: Document,
}

/// A value of the file with the table that it is in.
pub(super) struct Found<'a> {
    pub(super) value: &'a toml::Spanned<DeValue<'a>>,
    /// Name of the environment that it belongs to, if any.
    pub(super) environment: Option<&'a str>,
}

impl ConfigFile {
    pub(super) fn read(
        path: PathBuf,
        registry: &Registry,
        tables: &[TypedTable],
    ) -> Result<Self, FileError> {
        let public = registry.keys().filter(|(_, option)| !option.is_secret());
        let public: Vec<_> = public.flat_map(|(key, _)| key.path()).collect();
        let tables = tables.iter().map(|table| table.name);
        let shown = public.into_iter().chain(tables).chain([ENVIRONMENTS]);
        let excerpt = Excerpt::only(shown);
        let document = Source::from(path.clone()).read("configuration file", excerpt)?;
        Ok(Self { path, document })
    }

    /// The folder that paths in the file are relative to.
    pub(super) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// Line of a place in the file, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.document.text()[..at].matches('\n').count() + 1
    }
}

/// Names of the environments of a file.
pub(super) fn environments<'a>(table: &'a DeTable<'a>) -> Vec<&'a str> {
    let environments = table.get(ENVIRONMENTS).and_then(|it| it.get_ref().as_table());
    environments.into_iter().flat_map(|it| it.keys()).map(|key| key.get_ref().as_ref()).collect()
}

/// The tables of the selected environment, and then those of the whole file.
pub(super) fn layers<'a>(
    table: &'a DeTable<'a>,
    environment: Option<&'a str>,
) -> impl Iterator<Item = (Option<&'a str>, &'a DeTable<'a>)> {
    let selected = environment.and_then(|name| {
        let environments = table.get(ENVIRONMENTS)?.get_ref().as_table()?;
        Some((Some(name), environments.get(name)?.get_ref().as_table()?))
    });
    selected.into_iter().chain([(None, table)])
}

/// The value of an option in the first layer that has one.
pub(super) fn value_of<'a>(
    option: &CommandOption,
    table: &'a DeTable<'a>,
    environment: Option<&'a str>,
) -> Option<Found<'a>> {
    layers(table, environment).find_map(|(environment, layer)| {
        let value = option.keys.iter().find_map(|key| at(layer, key.path()))?;
        Some(Found { value, environment })
    })
}

/// The value at a path of names.
pub(super) fn at<'a, 'p>(
    table: &'a DeTable<'a>,
    path: impl Iterator<Item = &'p str>,
) -> Option<&'a toml::Spanned<DeValue<'a>>> {
    let mut value = None;
    let mut table = Some(table);
    for name in path {
        let found = table?.get(name)?;
        table = found.get_ref().as_table();
        value = Some(found);
    }
    value
}

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
            let is_here = |it: &super::key::Key| it.path().eq(path.iter().copied());
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
                    let message = format_args!("`{}` must be a table", path.join(".")).to_string();
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
