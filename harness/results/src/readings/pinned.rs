//! Readings that the user pins: the `[readings]` table.

use std::collections::BTreeMap;

use hearback_config::{Document, Excerpt, FileError, Problem, Source, Spanned};
use hearback_contract::{AmbiguityId, ReadingId, UnknownId, ambiguity};
use serde::Deserialize;

/// The JSON Schema of the table.
pub const SCHEMA: &str = include_str!("readings.schema.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    readings: BTreeMap<Spanned<String>, Spanned<String>>,
}

/// Reads the pinned readings of a file.
///
/// # Errors
/// If the file cannot be read, or its first problem.
pub fn read(source: &Source) -> Result<Vec<ReadingId>, FileError> {
    let questions = ambiguity::all().iter().map(|row| row.id.as_str());
    let public = std::iter::once("readings").chain(questions);
    parse(&source.read("configuration file", Excerpt::only(public))?)
}

/// Parses the pinned readings of a file.
///
/// # Errors
/// The first problem of the file.
pub fn parse(document: &Document) -> Result<Vec<ReadingId>, FileError> {
    let file: File = document.parse()?;
    let pinned = |(question, reading): (Spanned<String>, Spanned<String>)| {
        let at = |error: UnknownId, span| document.invalid(Problem::from(error).at(span));
        let known = question.get_ref().parse::<AmbiguityId>();
        let known = known.map_err(|error| at(error, question.span()))?;
        let readings = known.ambiguity().readings;
        let own = readings.iter().find(|it| it.id.own() == reading.get_ref().as_str());
        own.map(|it| it.id).ok_or_else(|| {
            let ids = readings.iter().map(|it| it.id.own());
            at(UnknownId::new("reading", reading.get_ref(), ids), reading.span())
        })
    };
    file.readings.into_iter().map(pinned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Vec<ReadingId>, FileError> {
        parse(&Document::new("hearback.toml", text, Excerpt::Full))
    }

    #[test]
    fn questions_and_readings_are_named_by_their_ids() {
        let text = "[readings]\ndelete-status = \"204\"\nis-read = \"viewer\"\n";
        assert_eq!(parsed(text).unwrap(), [ReadingId::DeleteStatus204, ReadingId::IsReadViewer]);
        assert_eq!(parsed("").unwrap(), []);
    }

    #[test]
    fn unknown_ids_are_errors_with_suggestions() {
        let help = |text: &str| {
            let error = parsed(text).unwrap_err();
            format!("{error}; {}", error.problem().help().unwrap_or_default())
        };
        let question = help("[readings]\ndelete-statos = \"204\"\n");
        assert!(question.contains("`delete-statos`") && question.contains("delete-status"));
        let reading = help("[readings]\nis-read = \"viewers\"\n");
        assert!(reading.contains("`viewers`") && reading.contains("viewer"), "{reading}");
    }

    #[test]
    fn the_schema_lists_the_questions_and_their_readings() {
        let rows = ambiguity::all().iter();
        let properties: serde_json::Map<_, _> = rows
            .filter(|row| row.readings.len() > 1)
            .map(|row| {
                let ids: Vec<_> = row.readings.iter().map(|reading| reading.id.own()).collect();
                let property = serde_json::json!({ "description": row.question, "enum": ids });
                (row.id.to_string(), property)
            })
            .collect();
        let schema = serde_json::json!({
            "description": "Readings that the target must take; a run fails if it takes another",
            "type": "object",
            "additionalProperties": false,
            "properties": properties,
        });
        assert_eq!(serde_json::from_str::<serde_json::Value>(SCHEMA).unwrap(), schema);
    }
}
