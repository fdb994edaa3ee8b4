//! Files with records of load runs.

use std::fs::OpenOptions;
use std::path::Path;

use hearback_stats::LoadRecord;
use hearback_stats::record::FORMAT;

use crate::error::RunError;
use crate::redaction::Redaction;

/// Reads the record of a load run.
///
/// # Errors
/// If the file cannot be read, or is not a record of the current format.
pub fn read(path: &Path) -> Result<LoadRecord, RunError> {
    let invalid = |reason: String| RunError::InvalidRecord { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path)
        .map_err(|source| RunError::Unreadable { path: path.to_owned(), source })?;
    if text.trim().is_empty() {
        return Err(invalid(
            "is empty: its run may have failed before it measured anything".into(),
        ));
    }
    let record: LoadRecord = serde_json::from_str(&text)
        .map_err(|error| invalid(format!("is not a record of a load run: {error}")))?;
    if record.format != FORMAT {
        return Err(invalid(format!(
            "has format {}; the supported one is {FORMAT}",
            record.format
        )));
    }
    Ok(record)
}

/// Writes a record without secrets.
///
/// # Errors
/// If the file cannot be written.
pub fn save(path: &Path, record: &LoadRecord, redaction: &Redaction) -> Result<(), RunError> {
    let text = redaction.redacted(&serde_json::to_string(record).map_err(RunError::Json)?);
    std::fs::write(path, text).map_err(|source| unwritable(path, source))
}

/// Creates the folder and opens the file for writing. An existing file keeps its content; a new one is removed.
pub(super) fn ensure_writable(path: &Path) -> Result<(), RunError> {
    let existed = path.exists();
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    let opened = folder.and_then(|()| OpenOptions::new().append(true).create(true).open(path));
    if opened.is_ok() && !existed {
        std::fs::remove_file(path).ok();
    }
    opened.map(drop).map_err(|source| unwritable(path, source))
}

fn unwritable(path: &Path, source: std::io::Error) -> RunError {
    RunError::RecordUnwritable { path: path.to_owned(), source }
}
