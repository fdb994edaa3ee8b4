//! Lists of all options: their documentation, their values, their schema.

use serde_json::Value;
use toml::de::DeTable;

use super::configuration::{Configuration, Selected};
use super::effective::{Effective, default_in_words};
use super::kind::description;
use super::registry::CommandOption;
use super::schema;
use super::selection::Selection;
use crate::FileError;
use crate::document::parse;

/// The documentation of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Documented {
    /// Key of the option.
    pub key: String,
    /// Environment variable of the option.
    pub variable: String,
    /// Its default in words; `-` if there is none.
    pub default: String,
    /// Its help.
    pub description: String,
}

impl Configuration<'_> {
    /// The documentation of all options.
    pub fn documented(&self) -> Vec<Documented> {
        let registry = self.registry();
        let options = registry.documented();
        let row = |option: &&CommandOption| Documented {
            key: option.key().to_string(),
            variable: option.key().variable(),
            default: default_in_words(option),
            description: without_default(&description(&option.arg)).to_owned(),
        };
        options.iter().map(row).collect()
    }

    /// The value of every option, whatever the command; `selection` is that of [`super::Resolved`].
    ///
    /// # Errors
    /// If the file or a value is invalid.
    pub fn effective(&self, selection: &[String]) -> Result<Vec<Effective>, FileError> {
        let registry = self.registry();
        let selected = self.select(&registry, &Selection::parse(selection))?;
        let file = selected.file.as_ref();
        let table = file.and_then(|file| parse(file.document.text()).ok());
        let mut rows: Vec<Effective> = Vec::new();
        for option in &registry.options {
            let row = self.row(option, &selected, table.as_ref())?;
            // A command may override the value that it shares with others.
            let shared = rows.iter().find(|other| other.key == row.key);
            match shared.map(|shared| *shared == row) {
                None => rows.push(row),
                Some(true) => {}
                Some(false) => rows.push(Effective { key: option.keys[0].to_string(), ..row }),
            }
        }
        Ok(rows)
    }

    fn row(
        &self,
        option: &CommandOption,
        selected: &Selected,
        table: Option<&DeTable<'_>>,
    ) -> Result<Effective, FileError> {
        let configured = self.value_of(option, selected, table, false)?;
        Ok(match configured {
            Some(value) => Effective::configured(&value),
            None => Effective::default(option),
        })
    }

    /// The JSON Schema of `hearback.toml`.
    pub fn schema(&self) -> Value {
        schema::schema(&self.registry(), self.tables)
    }
}

/// Help without the default that it states.
fn without_default(help: &str) -> &str {
    help.split_once(" [default: ").map_or(help, |(help, _)| help)
}
