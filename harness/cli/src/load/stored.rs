//! Records of load runs, read back.

use std::path::Path;

use anyhow::{Context as _, ensure};
use hearback_stats::LoadRecord;
use hearback_stats::record::FORMAT;

use crate::exit::Failure;

/// Reads the record of a load run.
pub(crate) fn read(path: &Path) -> Result<LoadRecord, Failure> {
    let record = || -> anyhow::Result<LoadRecord> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        ensure!(
            !text.trim().is_empty(),
            "{} is empty: the run that was to write it may have failed before there was anything to tell",
            path.display()
        );
        let record: LoadRecord = serde_json::from_str(&text)
            .with_context(|| format!("{} is no record of a load run", path.display()))?;
        ensure!(
            record.format == FORMAT,
            "{} has format {}, and only {FORMAT} is known",
            path.display(),
            record.format
        );
        Ok(record)
    };
    record().map_err(Failure::usage)
}
