//! Markdown summaries of load runs for comments on pull requests.

use hearback_stats::LoadRecord;

use super::table::tables;
use super::words;
use crate::markdown::code;
use crate::style::Style;
use crate::table::Table;

/// Maximum number of rows per table.
const MAX_ROWS: usize = 20;

/// Renders the verdict and the tables. Detail tables are collapsed.
pub(crate) fn render(record: &LoadRecord, _: Style) -> String {
    let mut summary = format!(
        "### hearback load: {}\n\n{}\n\nTarget {}, profile {}, seed {}.\n",
        words::headline(record.outcome()).to_lowercase(),
        words::verdict(record, code),
        code(&record.target),
        code(&record.profile.name),
        record.seed
    );
    // A single reason is part of the verdict.
    for reason in record.invalid_reasons.iter().filter(|_| record.invalid_reasons.len() > 1) {
        summary.push_str(&format!("\n- invalid: {}\n", code(reason)));
    }
    for note in &record.notes {
        summary.push_str(&format!("\n- note: {}\n", code(note)));
    }
    if let Some(capacity) = &record.capacity {
        summary.push_str(&format!("\nCapacity: {}\n", code(&words::capacity(capacity))));
    }
    let (details, tables): (Vec<_>, Vec<_>) =
        tables(record).into_iter().partition(|table| table.is_detail);
    tables.iter().for_each(|table| summary.push_str(&titled(table)));
    if !details.is_empty() {
        summary.push_str("\n<details><summary>Details</summary>\n");
        details.iter().for_each(|table| summary.push_str(&titled(table)));
        summary.push_str("\n</details>\n");
    }
    summary
}

/// A table under its heading.
pub(super) fn titled(table: &Table) -> String {
    format!("\n#### {}\n\n{}", table.title, table.markdown(MAX_ROWS))
}

#[cfg(test)]
mod tests {
    use hearback_testkit::load::example_record;

    use super::*;
    use crate::fixtures::HOSTILE;
    use hearback_history::escape::is_hidden;

    #[test]
    fn hostile_text_is_escaped() {
        let mut record = example_record();
        let hostile = format!("a | b {HOSTILE}");
        record.target = hostile.clone();
        record.profile.name = hostile.clone();
        record.invalid_reasons = vec![hostile.clone()];
        record.notes = vec![hostile.clone()];
        record.examples[0].text = hostile.clone();
        record.worst_rooms[0].room = hostile.clone();
        let summary = render(&record, Style::default());
        assert_eq!(summary.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None);
        let (plain, escaped) = (code(&hostile), code(&hostile).replace('|', "\\|"));
        let rest = summary.replace(&plain, "").replace(&escaped, "");
        assert!(!rest.contains("script>"), "{rest}");
    }
}
