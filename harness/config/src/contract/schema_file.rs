//! The JSON Schemas of an overlay: files with the paths of the shipped ones, complete or as merge patches.

use std::ops::Range;
use std::path::{Path, PathBuf};

use hearback_contract::overlay::SchemaOverlay;
use hearback_contract::schemas::{self, SchemaError};
use hearback_contract::{Operation, UnknownId};

use crate::{Excerpt, FileError, Problem};

/// The folders of schemas.
const FOLDERS: [&str; 3] = ["models", "rest", "socket"];

/// The end of the names of merge patches (RFC 7396).
const PATCH: &str = ".patch.json";

/// The end of the names of all schemas.
const SCHEMA: &str = ".json";

/// A file of an overlay.
pub(super) struct SchemaFile {
    /// The id of the schema that it replaces, patches or adds.
    pub(super) id: String,
    pub(super) schema: SchemaOverlay,
    path: PathBuf,
    text: String,
}

/// Reads all files, in the order of their paths; their problems are added to `errors`.
pub(super) fn read_all(folder: &Path, errors: &mut Vec<FileError>) -> Vec<SchemaFile> {
    let mut paths = Vec::new();
    FOLDERS.iter().for_each(|name| walk(&folder.join(name), &mut paths));
    paths.sort();
    let mut files: Vec<SchemaFile> = Vec::new();
    for path in paths {
        match read(folder, path) {
            Ok(file) => match files.iter().find(|other| other.id == file.id) {
                Some(other) => {
                    let other = other.path.display();
                    let problem = format!("both this file and {other} change `{}`", file.id);
                    errors.push(file.invalid(Problem::new(problem)));
                }
                None => files.push(file),
            },
            Err(error) => errors.push(error),
        }
    }
    let references: Vec<_> = files.iter().flat_map(SchemaFile::references).collect();
    errors.extend(files.iter().filter_map(|file| file.unknown(&references)));
    files
}

/// The error for a defect of a schema, in the file that causes it.
pub(super) fn located(files: &[SchemaFile], defect: &SchemaError) -> FileError {
    let problem = Problem::new(format_args!("{}: {}", defect.id, defect.message));
    match files.iter().find(|file| file.id == defect.id) {
        Some(file) => file.invalid(problem.at(place_of(&file.text, &defect.pointer))),
        None => problem.into(),
    }
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, paths);
        } else if path.extension().is_some_and(|it| it == "json") {
            paths.push(path);
        }
    }
}

fn read(folder: &Path, path: PathBuf) -> Result<SchemaFile, FileError> {
    let text = std::fs::read_to_string(&path)
        .map_err(|cause| FileError::unreadable("schema", &path, cause))?;
    let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
    let json = serde_json::from_str(&text).map_err(|error| {
        let at = offset(&text, error.line(), error.column());
        let problem = Problem::new(format_args!("not JSON: {error}")).at(at);
        FileError::new(problem, &path.display().to_string(), Excerpt::Full.of(&text))
    })?;
    Ok(match name.strip_suffix(PATCH) {
        Some(stem) => SchemaFile {
            id: format!("{stem}{SCHEMA}"),
            schema: SchemaOverlay::Patch(json),
            path,
            text,
        },
        None => SchemaFile { id: name, schema: SchemaOverlay::Complete(json), path, text },
    })
}

impl SchemaFile {
    fn invalid(&self, problem: Problem) -> FileError {
        let problem = problem.at(0..self.text.chars().next().map_or(0, char::len_utf8));
        FileError::new(problem, &self.path.display().to_string(), self.text.clone())
    }

    /// The schemas that it refers to.
    fn references(&self) -> Vec<String> {
        let (SchemaOverlay::Complete(json) | SchemaOverlay::Patch(json)) = &self.schema;
        let references = schemas::references(json).into_iter();
        references.map(|reference| schemas::resolved(&self.id, reference)).collect()
    }

    /// The error of a file that no part of the contract reads.
    fn unknown(&self, references: &[String]) -> Option<FileError> {
        let is_new = matches!(self.schema, SchemaOverlay::Complete(_))
            && (references.contains(&self.id) || is_response(&self.id));
        let is_known = schemas::shipped().contains_key(&self.id);
        (!is_known && !is_new).then(|| {
            let known = schemas::shipped().keys().map(String::as_str);
            self.invalid(UnknownId::new("schema", &self.id, known).into())
        })
    }
}

/// Returns whether an id is that of a response, such as `rest/rooms.get.200.json`.
fn is_response(id: &str) -> bool {
    let stem = id.strip_prefix("rest/").and_then(|name| name.strip_suffix(SCHEMA));
    let parts = stem.and_then(|stem| stem.rsplit_once('.'));
    parts.is_some_and(|(operation, status)| {
        operation.parse::<Operation>().is_ok() && status.parse::<u16>().is_ok()
    })
}

/// The place of a line and column that the parser of JSON reports, both from 1.
fn offset(text: &str, line: usize, column: usize) -> Range<usize> {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let at = (start + column.saturating_sub(1)).min(text.len().saturating_sub(1));
    let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    at..at + text[at..].chars().next().map_or(0, char::len_utf8)
}

/// The last member on the way of a JSON Pointer that the text contains. Each is looked for behind the one before.
fn place_of(text: &str, pointer: &str) -> Range<usize> {
    let mut place = 0..text.chars().next().map_or(0, char::len_utf8);
    for name in pointer.split('/').filter(|name| !name.is_empty()) {
        let quoted = format!("\"{}\"", name.replace("~1", "/").replace("~0", "~"));
        if let Some(at) = text[place.end..].find(&quoted) {
            place = place.end + at..place.end + at + quoted.len();
        }
    }
    place
}
