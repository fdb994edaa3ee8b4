//! The record of a distributed run whose coordinator could not merge those of its workers.

use std::path::PathBuf;

use hearback_stats::{LoadRecord, Slo};

use super::record::read;
use crate::error::RunError;

/// Merges the records of the workers of one run, and evaluates their service levels.
///
/// # Errors
/// If a file is not a record, or the records are not of one run.
pub fn merge_records(paths: &[PathBuf]) -> Result<LoadRecord, RunError> {
    let mut records: Vec<LoadRecord> = Vec::with_capacity(paths.len());
    for path in paths {
        let record = read(path)?;
        if let Some(first) = records.first()
            && (&first.run, first.seed) != (&record.run, record.seed)
        {
            let reason =
                format!("is of run {}, not of run {} as the first one", record.run, first.run);
            return Err(RunError::InvalidRecord { path: path.clone(), reason });
        }
        records.push(record);
    }
    let mut record = LoadRecord::merged(records).ok_or(RunError::NoShards)?;
    let slos: Vec<Slo> = record.slos.iter().filter_map(|slo| slo.slo.parse().ok()).collect();
    record.evaluate(&slos);
    Ok(record)
}
