//! The report of a load run for people at a terminal.

use anstyle::Style as Ink;
use hearback_stats::{LoadRecord, Outcome};
use textwrap::core::display_width;

use super::table::{Table, Tone, tables};
use super::words;
use crate::escape::{LONGEST_TEXT, shown};
use crate::format::Style;
use crate::page::{BAD, BOLD, FAINT, GOOD, PLAIN, Page, UNSURE};

/// Longest text in a cell, in characters.
const LONGEST_CELL: usize = 60;

/// What was done, the tables, why the figures count for nothing if they do, and the verdict last.
pub(crate) fn render(record: &LoadRecord, style: Style) -> String {
    let mut page = Page::new(style);
    let subject = format!(
        "Loaded {} with {}",
        shown(&record.target, LONGEST_TEXT),
        shown(&record.profile.name, LONGEST_TEXT)
    );
    page.paragraph((PLAIN, ""), (BOLD, &subject));
    page.paragraph((PLAIN, ""), (FAINT, &details(record)));
    for table in tables(record) {
        if style.verbose || !table.is_detail {
            write(&mut page, &table);
        }
    }
    if let Some(capacity) = &record.capacity {
        page.blank();
        let found = shown(&words::capacity(capacity), LONGEST_TEXT);
        page.paragraph((BOLD, "CAPACITY  "), (PLAIN, &found));
    }
    // One reason stands in the verdict.
    for reason in record.void.iter().filter(|_| record.void.len() > 1) {
        page.blank();
        page.paragraph((UNSURE, "VOID  "), (PLAIN, &shown(reason, LONGEST_TEXT)));
    }
    page.blank();
    let ink = match record.outcome() {
        Outcome::Met => GOOD.bold(),
        Outcome::NotMet => BAD,
        Outcome::Void | Outcome::Incomplete | Outcome::NothingMeasured => UNSURE.bold(),
    };
    let verdict = words::verdict(record, |text| shown(text, LONGEST_TEXT));
    page.paragraph((PLAIN, ""), (ink, &verdict));
    page.into_text()
}

fn details(record: &LoadRecord) -> String {
    let details = format!(
        "run {}, seed {}, {}, hearback {}",
        record.run, record.seed, record.started_at, record.hearback_version
    );
    shown(&details, LONGEST_TEXT)
}

/// A table under its heading, its columns as wide as they need to be.
pub(super) fn write(page: &mut Page, table: &Table) {
    let rows: Vec<Vec<String>> = table
        .rows
        .iter()
        .map(|row| row.cells.iter().map(|cell| shown(cell.text(), LONGEST_CELL)).collect())
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| display_width(&row[column]));
        cells.chain([display_width(table.columns[column].name)]).max().unwrap_or_default()
    };
    let widths: Vec<_> = (0..table.columns.len()).map(width).collect();
    page.blank();
    page.line(&[(BOLD, &table.title.to_uppercase())]);
    if table.columns.iter().any(|column| !column.name.is_empty()) {
        let names: Vec<_> = table.columns.iter().map(|column| column.name.to_owned()).collect();
        page.line(&[(FAINT, &line(table, &names, &widths))]);
    }
    for (row, cells) in table.rows.iter().zip(&rows) {
        page.line(&[(ink(row.tone), &line(table, cells, &widths))]);
    }
}

fn ink(tone: Tone) -> Ink {
    match tone {
        Tone::Plain => PLAIN,
        Tone::Good => GOOD,
        Tone::Bad => BAD,
    }
}

fn line(table: &Table, cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for ((column, cell), width) in table.columns.iter().zip(cells).zip(widths) {
        let padding = " ".repeat(width.saturating_sub(display_width(cell)));
        let (before, after) = if column.is_number { (&*padding, "") } else { ("", &*padding) };
        line.push_str(&format!("  {before}{cell}{after}"));
    }
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use hearback_stats::made_up;
    use insta::assert_snapshot;

    use super::*;
    use crate::escape::is_hidden;
    use crate::fixtures::HOSTILE;

    const STYLE: Style = Style { color: false, width: 90, verbose: false };

    #[test]
    fn a_run_with_a_missed_service_level() {
        assert_snapshot!(render(&made_up::record(), STYLE));
    }

    #[test]
    fn a_void_run() {
        let mut record = made_up::record();
        record.slos.retain(|slo| !slo.is_missed());
        record.sample = None;
        record.capacity = None;
        record.void = vec!["the generator was late by 40 ms at the 99th percentile".to_owned()];
        assert_snapshot!(render(&record, STYLE));
    }

    #[test]
    fn nothing_measured() {
        assert_snapshot!(render(&LoadRecord::default(), STYLE));
    }

    #[test]
    fn hostile_text_cannot_act_on_a_terminal() {
        let mut record = made_up::record();
        record.target = HOSTILE.to_owned();
        record.void = vec![HOSTILE.to_owned()];
        record.examples[0].text = HOSTILE.to_owned();
        record.worst_rooms[0].room = HOSTILE.to_owned();
        let text = render(&record, Style { verbose: true, ..STYLE });
        assert!(text.contains(r"\u{1b}[2J"), "{text}");
        assert_eq!(text.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None);
    }
}
