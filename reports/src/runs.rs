//! The stored runs as a table.

use hearback_history::RunEnd;
use hearback_runner::listing::ListedRun;

use crate::table::{Cell, Row, Table, Tone};

/// Number of bytes of a unit of sizes.
const UNIT: f64 = 1024.0;

/// A row per run, the latest first.
pub fn table(runs: &[ListedRun]) -> Table {
    let rows = runs.iter().map(|run| {
        let start = run.start.as_ref();
        let text = |of: Option<&str>| Cell::untrusted(of.unwrap_or("-"));
        let cells = [
            Cell::trusted(run.name.as_str()),
            text(start.map(|start| start.started_at.as_str())),
            Cell::trusted(kind(run)),
            text(start.map(|start| start.target.as_str())),
            Cell::trusted(end(run)),
            Cell::trusted(size(run.size)),
        ];
        let is_complete = run.is_load() || run.end == Some(RunEnd::Completed);
        Row::new(if is_complete { Tone::Plain } else { Tone::Faint }, cells)
    });
    let columns = ["run", "started", "kind", "target", "end", "#size"];
    Table::new("Runs", &columns, rows.collect())
}

fn kind(run: &ListedRun) -> String {
    let shard = run.start.as_ref().and_then(|start| start.shard);
    match (run.is_load(), shard) {
        (true, _) => "load".to_owned(),
        (false, Some(shard)) => format!("shard {shard}"),
        (false, None) => "check".to_owned(),
    }
}

fn end(run: &ListedRun) -> &'static str {
    match &run.end {
        Some(RunEnd::Completed) => "completed",
        Some(RunEnd::Interrupted) => "interrupted",
        Some(RunEnd::Aborted { .. }) => "aborted",
        None if run.journal.is_none() => "-",
        None => "truncated",
    }
}

fn size(bytes: u64) -> String {
    let kibibytes = bytes as f64 / UNIT;
    match kibibytes < UNIT {
        true => format!("{kibibytes:.0} KiB"),
        false => format!("{:.1} MiB", kibibytes / UNIT),
    }
}
