//! A summary of a load run for comments on pull requests.

use hearback_stats::LoadRecord;

use super::table::{Cell, Table, tables};
use super::words;
use crate::format::Style;
use crate::markdown::code;

/// Rows shown of one table.
const MOST_ROWS: usize = 20;

/// The verdict, then the tables; those for a closer look are folded away.
pub(crate) fn render(record: &LoadRecord, _: Style) -> String {
    let mut summary = format!(
        "### hearback load: {}\n\n{}\n\nTarget {}, profile {}, seed {}.\n",
        words::headline(record.outcome()).to_lowercase(),
        words::verdict(record, code),
        code(&record.target),
        code(&record.profile.name),
        record.seed
    );
    // One reason stands in the verdict.
    for reason in record.void.iter().filter(|_| record.void.len() > 1) {
        summary.push_str(&format!("\n- void: {}\n", code(reason)));
    }
    if let Some(capacity) = &record.capacity {
        summary.push_str(&format!("\nCapacity: {}\n", code(&words::capacity(capacity))));
    }
    let (details, tables): (Vec<_>, Vec<_>) =
        tables(record).into_iter().partition(|table| table.is_detail);
    tables.iter().for_each(|table| summary.push_str(&written(table)));
    if !details.is_empty() {
        summary.push_str("\n<details><summary>The run in detail</summary>\n");
        details.iter().for_each(|table| summary.push_str(&written(table)));
        summary.push_str("\n</details>\n");
    }
    summary
}

/// A table under its heading.
pub(super) fn written(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = format!("\n#### {}\n\n", table.title);
    text.push_str(&line(table.columns.iter().map(|column| column.name.to_owned()).collect()));
    let alignment = |is_number| if is_number { "---:" } else { "---" }.to_owned();
    text.push_str(&line(table.columns.iter().map(|column| alignment(column.is_number)).collect()));
    for row in table.rows.iter().take(MOST_ROWS) {
        text.push_str(&line(row.cells.iter().map(cell).collect()));
    }
    if table.rows.len() > MOST_ROWS {
        text.push_str(&format!("\n… and {} more\n", table.rows.len() - MOST_ROWS));
    }
    text
}

/// A cell; even in a code span, a bar would end it.
fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Own(text) => text.replace('|', "\\|"),
        Cell::Quoted(text) if text.is_empty() => String::new(),
        Cell::Quoted(text) => code(text).replace('|', "\\|"),
    }
}

#[cfg(test)]
mod tests {
    use hearback_stats::made_up;

    use super::*;
    use crate::escape::is_hidden;
    use crate::fixtures::HOSTILE;

    #[test]
    fn hostile_text_is_no_markup() {
        let mut record = made_up::record();
        let hostile = format!("a | b {HOSTILE}");
        record.target = hostile.clone();
        record.profile.name = hostile.clone();
        record.void = vec![hostile.clone()];
        record.examples[0].text = hostile.clone();
        record.worst_rooms[0].room = hostile.clone();
        let summary = render(&record, Style::default());
        assert_eq!(summary.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None);
        let (plain, escaped) = (code(&hostile), code(&hostile).replace('|', "\\|"));
        let rest = summary.replace(&plain, "").replace(&escaped, "");
        assert!(!rest.contains("script>"), "{rest}");
    }
}
