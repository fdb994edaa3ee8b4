//! Checks the journal of an earlier run again.

use std::path::Path;

use hearback_checker::{Verdicts, check_history};
use hearback_contract::RequirementId;
use hearback_history::{History, journal};

use crate::error::RunError;
use crate::run::contract;

/// Reads a journal and checks the selected requirements.
///
/// # Errors
/// If the journal cannot be read, or its beginning or middle is missing.
pub fn recheck(path: &Path, selected: &[RequirementId]) -> Result<(History, Verdicts), RunError> {
    let history = read(path)?;
    let verdicts = check_history(&history, |requirement| selected.contains(&requirement));
    Ok((history, verdicts))
}

/// The contract under which a run was recorded, if it is not the one in force: an overlay with its changes, or none.
pub fn other_contract(history: &History) -> Option<&str> {
    let start = history.start.as_ref()?;
    let recorded = start.contract.as_deref();
    (recorded != contract().as_deref()).then(|| recorded.unwrap_or("the shipped contract"))
}

/// The history of a journal.
///
/// # Errors
/// If the journal cannot be read, or its beginning or middle is missing.
pub(crate) fn read(path: &Path) -> Result<History, RunError> {
    let events = journal::read(path).map_err(RunError::JournalUnreadable)?;
    journal::check_complete(path, &events).map_err(RunError::JournalIncomplete)?;
    Ok(History::from_events(events))
}
