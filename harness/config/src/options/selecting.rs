//! Finds and reads the configuration that applies to a command line.

use std::path::PathBuf;

use hearback_contract::UnknownId;

use super::configuration::{Configuration, Selected};
use super::file::{self, ConfigFile};
use super::registry::Registry;
use super::selection::{NO_CONFIG, Selection};
use super::validation::validate;
use crate::document::parse;
use crate::{FileError, Problem};

impl Configuration<'_> {
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
        validate(&table, registry, self.tables).map_err(invalid)?;
        if let Some(name) = &environment {
            let known = file::environments(&table);
            if !known.contains(&name.as_str()) {
                let unknown = Problem::from(UnknownId::new("environment", name, known.clone()));
                return Err(invalid(match known.is_empty() {
                    true => unknown.with_help("the file has no table [env.NAME]".to_owned()),
                    false => unknown,
                }));
            }
        }
        Ok(Selected { file: Some(file), environment, has_variables })
    }
}
