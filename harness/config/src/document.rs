//! A TOML file, or the part of `hearback.toml` that takes the place of one.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::de::DeTable;

use crate::deserializer::{Entry, Root, entries};
use crate::variable::Environment;
use crate::{Excerpt, FileError, Problem};

/// The table of `hearback.toml` with the named environments.
pub(crate) const ENVIRONMENTS: &str = "env";

/// A TOML file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    path: PathBuf,
    part: Part,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// The tables of one reader, of which those of the named environment come first.
    Shared {
        environment: Option<String>,
    },
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self { path, part: Part::Whole }
    }
}

impl Source {
    /// The configuration file, of which each reader takes its own tables.
    pub fn shared(path: PathBuf, environment: Option<String>) -> Self {
        Self { path, part: Part::Shared { environment } }
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The environment whose tables take the place of others, if one is selected.
    pub fn environment(&self) -> Option<&str> {
        match &self.part {
            Part::Whole => None,
            Part::Shared { environment } => environment.as_deref(),
        }
    }

    /// Returns whether other readers take other tables of the file.
    pub fn is_shared(&self) -> bool {
        matches!(self.part, Part::Shared { .. })
    }

    /// Reads the file; `kind` is its kind in words, such as `accounts file`.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn read(&self, kind: &str, excerpt: Excerpt) -> Result<Document, FileError> {
        let text = std::fs::read_to_string(&self.path)
            .map_err(|cause| FileError::unreadable(kind, &self.path, cause))?;
        let name = self.path.display().to_string();
        Ok(Document { part: self.part.clone(), ..Document::new(name, text, excerpt) })
    }
}

/// The text of a TOML file.
#[derive(Clone, Debug)]
pub struct Document {
    name: String,
    text: String,
    excerpt: Excerpt,
    part: Part,
}

impl Document {
    /// A file with this text; errors call it `name`.
    pub fn new(name: impl Into<String>, text: impl Into<String>, excerpt: Excerpt) -> Self {
        Self { name: name.into(), text: text.into(), excerpt, part: Part::Whole }
    }

    /// Parses the text. A struct must have `deny_unknown_fields` for unknown keys to be errors; fields of type
    /// [`toml::Spanned`] keep their place.
    ///
    /// # Errors
    /// The first problem of the text.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, FileError> {
        self.deserialize(None).map_err(|problem| self.invalid(problem))
    }

    /// Parses the text, and replaces `${NAME}` in strings by environment variables.
    ///
    /// # Errors
    /// The first problem of the text.
    pub fn parse_with<T: DeserializeOwned>(
        &self,
        environment: &dyn Environment,
    ) -> Result<T, FileError> {
        self.deserialize(Some(environment)).map_err(|problem| self.invalid(problem))
    }

    /// The error for a problem of this file.
    pub fn invalid(&self, problem: Problem) -> FileError {
        let problem = problem.at(self.start());
        FileError::new(problem, &self.name, self.excerpt.of(&self.text))
    }

    /// The place of problems that concern the whole file.
    pub fn start(&self) -> Range<usize> {
        0..self.text.chars().next().map_or(0, char::len_utf8)
    }

    /// The name of the file, as errors show it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of the line that contains a byte, from 1.
    pub fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().iter().take(at);
        before.filter(|byte| **byte == b'\n').count() + 1
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn deserialize<T: DeserializeOwned>(
        &self,
        environment: Option<&dyn Environment>,
    ) -> Result<T, Problem> {
        let table = parse(&self.text)?;
        let mut entries = entries(&table);
        if let Part::Shared { environment: Some(environment) } = &self.part {
            let above = entries_of(&table, environment);
            entries.retain(|(key, _)| above.iter().all(|(it, _)| it.get_ref() != key.get_ref()));
            entries.extend(above);
        }
        let is_shared = matches!(self.part, Part::Shared { .. });
        T::deserialize(Root { entries, is_shared, environment })
    }
}

/// The tables of a named environment.
fn entries_of<'a>(table: &'a DeTable<'a>, environment: &str) -> Vec<Entry<'a>> {
    let environments = table.get(ENVIRONMENTS).and_then(|it| it.get_ref().as_table());
    let tables = environments.and_then(|it| it.get(environment)?.get_ref().as_table());
    tables.map(entries).unwrap_or_default()
}

/// Parses TOML.
pub(crate) fn parse(text: &str) -> Result<DeTable<'_>, Problem> {
    let table = DeTable::parse(text).map_err(|error| {
        let problem = Problem::new(format_args!("invalid TOML: {}", error.message()));
        match error.span() {
            Some(span) => problem.at(span),
            None => problem,
        }
    })?;
    Ok(table.into_inner())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use miette::Diagnostic as _;
    use proptest::prelude::*;
    use serde::Deserialize;
    use toml::Spanned;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(default)]
        item: Vec<Item>,
        count: Option<u8>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Item {
        name: Spanned<String>,
        share: Option<f64>,
        kind: Option<Kind>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Small,
        Large,
    }

    fn document(text: &str) -> Document {
        Document::new("file.toml", text, Excerpt::Full)
    }

    /// The problem, its help, and the text at its place.
    fn problem(text: &str) -> (String, String, String) {
        let error = document(text).parse::<File>().unwrap_err();
        let span = error.problem().span().unwrap();
        let help = error.help().map(|help| help.to_string()).unwrap_or_default();
        (error.to_string(), help, text[span].to_owned())
    }

    #[test]
    fn values_have_places() {
        let text = "count = 0x10\n[[item]]\nname = \"a\"\nshare = 1\nkind = \"large\"\n";
        let file: File = document(text).parse().unwrap();
        assert_eq!((file.count, file.item[0].share), (Some(16), Some(1.0)));
        assert_eq!(&text[file.item[0].name.span()], "\"a\"");
        assert_eq!(file.item[0].kind, Some(Kind::Large));
    }

    #[test]
    fn unknown_keys_suggest_those_of_the_table() {
        let (message, help, place) = problem("[[item]]\nnam = \"a\"\n");
        assert_eq!(
            (message.as_str(), help.as_str(), place.as_str()),
            ("unknown key `nam`", "did you mean `name`?", "nam")
        );
        let (message, help, _) = problem("name = \"a\"\n");
        assert_eq!(message, "unknown key `name`");
        assert_eq!(help, "expected `item` or `count`");
    }

    #[test]
    fn wrong_values_are_located_and_not_quoted() {
        let case = |text| {
            let (message, _, place) = problem(text);
            (message, place)
        };
        let of = |message: &str, place: &str| (message.to_owned(), place.to_owned());
        let (not_negative, number) = ("a whole number that is not negative", "a number");
        assert_eq!(
            case("count = \"secret\""),
            of(&format!("expected {not_negative}, found a string"), "\"secret\"")
        );
        assert_eq!(case("count = 256"), of(&format!("expected {not_negative}, found 256"), "256"));
        assert_eq!(
            case("[[item]]\nname = \"a\"\nshare = []"),
            of(&format!("expected {number}, found an array"), "[]")
        );
        assert_eq!(
            case("[[item]]\nname = \"a\"\nkind = \"larg\""),
            of("unknown value", "\"larg\"")
        );
        assert!(case("[[item]]\nshare = 1").0.contains("`name` is missing"));
        assert!(case("item = 3").0.contains("found a whole number"));
        assert!(case("count = 1\ncount = 2").0.starts_with("invalid TOML: duplicate key"));
    }

    #[test]
    fn references_are_expanded_only_where_asked_for() {
        let text = "[[item]]\nname = \"${NAME}\"\n";
        let environment = HashMap::from([("NAME", "a")]);
        let name = |file: File| file.item[0].name.get_ref().clone();
        assert_eq!(name(document(text).parse().unwrap()), "${NAME}");
        assert_eq!(name(document(text).parse_with(&environment).unwrap()), "a");
        let error = document(text).parse_with::<File>(&HashMap::new()).unwrap_err();
        assert_eq!(error.to_string(), "`name`: the environment variable NAME is not set or empty");
        assert_eq!(&text[error.problem().span().unwrap()], "\"${NAME}\"");
    }

    #[test]
    fn readers_of_a_shared_file_take_their_own_tables() {
        let text = "count = 1\nother = 2\n[env.staging]\ncount = 3\n[target]\nurl = \"x\"\n";
        let count = |environment: Option<&str>| {
            let part = Part::Shared { environment: environment.map(str::to_owned) };
            Document { part, ..document(text) }.parse::<File>().unwrap().count
        };
        assert_eq!(count(None), Some(1));
        assert_eq!(count(Some("staging")), Some(3));
        assert!(document(text).parse::<File>().is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_rejected(text in "(\\PC|\n|=|\\[|\"){0,60}") {
            if let Err(error) = document(&text).parse::<File>() {
                let _rendered = format!("{:?}", miette::Report::new(error));
            }
        }
    }
}
