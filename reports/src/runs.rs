//! The stored runs as a table.

use hearback_history::RunEnd;
use hearback_results::outcome::Counts;
use hearback_results::{Outcome, Summary};
use hearback_runner::listing::{Decision, ListedRun};
use hearback_stats::LoadOutcome;

use crate::table::{Cell, Row, Table, Tone};
use crate::words;

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
            Cell::trusted(verdict(run)),
            count(run, |counts| counts.held),
            count(run, |counts| counts.broken),
            count(run, |counts| counts.undecided + counts.not_exercised),
            Cell::trusted(size(run.size)),
        ];
        let is_complete = run.is_load() || run.end == Some(RunEnd::Completed);
        let is_bad = matches!(
            run.decision,
            Some(
                Decision::Check(Summary { outcome: Outcome::Broken, .. })
                    | Decision::Load(LoadOutcome::NotMet)
            )
        );
        let tone = if is_complete { Tone::bad_if(is_bad) } else { Tone::Faint };
        Row::new(tone, cells)
    });
    let columns = [
        "run",
        "started",
        "kind",
        "target",
        "end",
        "verdict",
        "#held",
        "#broken",
        "#untested",
        "#size",
    ];
    Table::new("Runs", &columns, rows.collect())
}

fn verdict(run: &ListedRun) -> String {
    match run.decision {
        Some(Decision::Check(summary)) => words::headline(summary.outcome).to_lowercase(),
        Some(Decision::Load(outcome)) => outcome.to_string(),
        None => "-".to_owned(),
    }
}

/// A number of requirements of a check.
fn count(run: &ListedRun, of: impl Fn(&Counts) -> u64) -> Cell {
    match run.decision {
        Some(Decision::Check(summary)) => Cell::trusted(words::number(of(&summary.counts))),
        _ => Cell::trusted("-"),
    }
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
