//! Results of earlier runs: from a JSON report, or from a journal that is checked again.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use hearback_contract::RequirementId;
use hearback_results::{Gate, Results, results};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::RunError;
use crate::recheck::recheck;
use crate::run::default_journal;

/// The kind of a file with results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredKind {
    /// The journal of a run.
    Journal,
    /// The JSON report of a run.
    Report,
    /// Anything else, such as the record of a load run.
    Other,
}

/// Members that only one kind of file has.
#[derive(Deserialize)]
struct Members {
    families: Option<IgnoredAny>,
    event: Option<String>,
}

/// The file of a stored run: the path itself, or the journal of the run with that name.
pub fn path(run: &Path) -> PathBuf {
    let by_name = run.to_str().filter(|_| !run.exists()).map(default_journal);
    by_name.filter(|journal| journal.is_file()).unwrap_or_else(|| run.to_owned())
}

/// The kind of a file.
///
/// # Errors
/// If it cannot be read.
pub fn kind(path: &Path) -> Result<StoredKind, RunError> {
    let unreadable = |source| RunError::Unreadable { path: path.to_owned(), source };
    let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
    // The first value of a journal is an event; of the other files it is the whole.
    let first = serde_json::Deserializer::from_reader(&mut file).into_iter::<Members>().next();
    Ok(match first {
        Some(Ok(Members { event: Some(_), .. })) => StoredKind::Journal,
        Some(Ok(Members { families: Some(_), .. })) => StoredKind::Report,
        Some(Err(error)) if error.is_io() => return Err(unreadable(error.into())),
        _ => StoredKind::Other,
    })
}

/// The results of a stored run. A journal is checked with the given gate; a report keeps its own.
///
/// # Errors
/// If the file cannot be read, or is neither a journal nor a JSON report of the current format.
pub fn read(path: &Path, gate: Gate) -> Result<Results, RunError> {
    let invalid = |reason: String| RunError::InvalidRecord { path: path.to_owned(), reason };
    match kind(path)? {
        StoredKind::Journal => {
            let all: Vec<_> = RequirementId::all().collect();
            let (history, verdicts) = recheck(path, &all)?;
            let selection = history.start.as_ref().map_or(&[][..], |start| &start.selection);
            let is_selected = |id: &RequirementId| selection.is_empty() || selection.contains(id);
            let verdicts = hearback_checker::Verdicts {
                verdicts: (verdicts.verdicts.into_iter())
                    .filter(|verdict| is_selected(&verdict.requirement))
                    .collect(),
                ..verdicts
            };
            Ok(Results::new(&history, &verdicts, gate))
        }
        StoredKind::Report => {
            let stored: Results = serde_json::from_str(&text(path)?)
                .map_err(|error| invalid(format!("is not a report of this version: {error}")))?;
            match stored.format {
                results::FORMAT => Ok(stored),
                other => Err(invalid(format!(
                    "has format {other}; the supported one is {}",
                    results::FORMAT
                ))),
            }
        }
        StoredKind::Other => {
            Err(invalid("is neither a JSON report nor a journal of a check".to_owned()))
        }
    }
}

fn text(path: &Path) -> Result<String, RunError> {
    std::fs::read_to_string(path)
        .map_err(|source| RunError::Unreadable { path: path.to_owned(), source })
}
