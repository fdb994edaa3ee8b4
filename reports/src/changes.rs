//! Changes between two runs as tables, and as a part of the report of a run with a baseline.

use hearback_results::changes::{ComparedRun, NoLongerTested, Slower, Violation};
use hearback_results::{Changes, Results};
use minijinja::context;

use crate::page::{BOLD, PLAIN, Page};
use crate::shown::shown;
use crate::table::{Cell, Layout, Row, Table, Tone};
use crate::words::number;

/// Maximum number of rows per table in Markdown.
const MAX_ROWS: usize = 50;

/// Adds the changes since the baseline to a report as text.
pub(crate) fn write(page: &mut Page, results: &Results) {
    let Some(changes) = &results.changes else { return };
    page.blank();
    let baseline = run(&changes.before, shown);
    page.line(&[(BOLD, "BASELINE"), (PLAIN, &format!(" {baseline}: {}", counts(changes)))]);
    for table in tables(changes) {
        page.blank();
        table.write(page, Layout::REPORT);
    }
}

/// The changes since the baseline for a report in Markdown; `quoted` renders text of users and targets.
pub(crate) fn section(results: &Results, quoted: impl Fn(&str) -> String) -> String {
    let Some(changes) = &results.changes else { return String::new() };
    let baseline = run(&changes.before, quoted);
    let heading = format!("\n#### Baseline {baseline}: {}\n", counts(changes));
    heading + &tables(changes).iter().map(titled).collect::<String>()
}

/// The changes since the baseline for a page: the heading, and the tables.
pub(crate) fn context(results: &Results) -> Option<minijinja::Value> {
    let changes = results.changes.as_ref()?;
    Some(context! {
        heading => format!("Baseline {}: {}", run(&changes.before, shown), counts(changes)),
        tables => tables(changes).iter().map(Table::html).collect::<Vec<_>>(),
    })
}

/// `2 new, 5 known, 1 fixed`.
pub(crate) fn counts(changes: &Changes) -> String {
    let parts = [
        (changes.new.len(), "new"),
        (changes.known.len(), "known"),
        (changes.fixed.len(), "fixed"),
        (changes.no_longer_tested.len(), "no longer tested"),
    ];
    let parts = parts.into_iter().enumerate();
    let parts = parts.filter(|(index, (count, _))| *index < 3 || *count > 0);
    let parts = parts.map(|(_, (count, word))| format!("{} {word}", number(count as u64)));
    parts.collect::<Vec<_>>().join(", ")
}

/// A table in Markdown under its heading.
pub(crate) fn titled(table: &Table) -> String {
    format!("\n#### {} {}\n\n{}", table.title, table.rows.len(), table.markdown(MAX_ROWS))
}

/// `run 1a2b3c of 2026-01-01T00:00:00.000Z`.
pub(crate) fn run(run: &ComparedRun, quoted: impl Fn(&str) -> String) -> String {
    let name =
        run.run.as_deref().map_or_else(|| "a run".to_owned(), |it| format!("run {}", quoted(it)));
    match &run.started_at {
        Some(at) => format!("{name} of {}", quoted(at)),
        None => name,
    }
}

/// A table per kind of change that occurs.
pub(crate) fn tables(changes: &Changes) -> Vec<Table> {
    let violation = |tone: fn(&Violation) -> Tone| {
        move |it: &Violation| {
            let cells = [
                Cell::trusted(it.level.as_str()),
                Cell::trusted(it.requirement.as_str()),
                Cell::trusted(it.interface.clone().unwrap_or_default()),
                Cell::untrusted(&it.variant),
                Cell::untrusted(&it.actual),
            ];
            Row::new(tone(it), cells)
        }
    };
    let of_violations = |title, all: &[Violation], tone| {
        let columns = ["level", "requirement", "operation", "variant", "actual"];
        Table::new(title, &columns, all.iter().map(violation(tone)).collect())
    };
    let lost = |it: &NoLongerTested| {
        let cells = [
            Cell::trusted(it.level.as_str()),
            Cell::trusted(it.requirement.as_str()),
            Cell::untrusted(&it.reason),
        ];
        Row::new(Tone::bad_if(it.is_unaccepted), cells)
    };
    let readings = changes.readings.iter().map(|it| {
        let [before, after] = [&it.before, &it.after]
            .map(|all| all.iter().map(|reading| reading.own()).collect::<Vec<_>>().join(", "));
        Row::plain([Cell::trusted(it.question.as_str()), before.into(), after.into()])
    });
    let tables = [
        of_violations("New violations", &changes.new, |it| Tone::bad_if(it.is_failure)),
        of_violations("Fixed violations", &changes.fixed, |_| Tone::Good),
        of_violations("Known violations", &changes.known, |_| Tone::Faint),
        Table::new(
            "No longer tested",
            &["level", "requirement", "reason"],
            changes.no_longer_tested.iter().map(lost).collect(),
        ),
        Table::new("Changed readings", &["question", "before", "after"], readings.collect()),
        slower(&changes.slower),
    ];
    tables.into_iter().filter(|table| !table.rows.is_empty()).collect()
}

fn slower(slower: &[Slower]) -> Table {
    let rows = slower.iter().map(|it| {
        let [before, after] = [&it.before, &it.after].map(|time| {
            let (low, high, samples) = (time.low_ms, time.high_ms, number(time.samples));
            format!("{:.1} ms ({low:.1} to {high:.1}, n = {samples})", time.median_ms)
        });
        Row::plain([it.after.operation.clone().into(), before.into(), after.into()])
    });
    Table::new("Slower responses", &["operation", "#before", "#after"], rows.collect())
}
