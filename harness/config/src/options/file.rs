//! `hearback.toml`: finding it, and its layers.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::registry::{CommandOption, Registry};
use super::table::TypedTable;
use crate::document::{Document, ENVIRONMENTS, Source};
use crate::{Excerpt, FileError};

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
        self.document.line(at)
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
