//! Text reports of load runs for terminals.

use hearback_stats::{LoadOutcome, LoadRecord};

use super::table::tables;
use super::words;
use crate::page::{BAD, BOLD, FAINT, GOOD, PLAIN, Page, UNSURE};
use crate::shown::shown;
use crate::style::Style;
use crate::table::Layout;

/// Renders the subject, the tables, the reasons for invalidity, and the verdict at the end.
pub(crate) fn render(record: &LoadRecord, style: Style) -> String {
    let mut page = Page::new(style);
    let subject =
        format!("Load on {}, profile {}", shown(&record.target), shown(&record.profile.name));
    page.paragraph((PLAIN, ""), (BOLD, &subject));
    page.paragraph((PLAIN, ""), (FAINT, &details(record)));
    for table in tables(record) {
        if style.verbose || !table.is_detail {
            page.blank();
            table.write(&mut page, Layout::REPORT);
        }
    }
    if let Some(capacity) = &record.capacity {
        page.blank();
        let found = shown(&words::capacity(capacity));
        page.paragraph((BOLD, "CAPACITY  "), (PLAIN, &found));
    }
    // A single reason is part of the verdict.
    for reason in record.invalid_reasons.iter().filter(|_| record.invalid_reasons.len() > 1) {
        page.blank();
        page.paragraph((UNSURE, "INVALID  "), (PLAIN, &shown(reason)));
    }
    for note in &record.notes {
        page.blank();
        page.paragraph((BOLD, "NOTE  "), (PLAIN, &shown(note)));
    }
    page.blank();
    let ink = match record.outcome() {
        LoadOutcome::Met => GOOD.bold(),
        LoadOutcome::NotMet => BAD,
        LoadOutcome::Invalid | LoadOutcome::Incomplete | LoadOutcome::NothingMeasured => {
            UNSURE.bold()
        }
    };
    let verdict = words::verdict(record, shown);
    page.paragraph((PLAIN, ""), (ink, &verdict));
    page.into_text()
}

fn details(record: &LoadRecord) -> String {
    let details = format!(
        "run {}, seed {}, {}, hearback {}",
        record.run, record.seed, record.started_at, record.hearback_version
    );
    shown(&details)
}

#[cfg(test)]
mod tests {
    use hearback_testkit::load::example_record;
    use insta::assert_snapshot;

    use super::*;
    use crate::fixtures::HOSTILE;
    use hearback_history::escape::is_hidden;

    const STYLE: Style = Style { color: false, width: 90, verbose: false };

    #[test]
    fn a_run_with_a_missed_service_level() {
        assert_snapshot!(render(&example_record(), STYLE));
    }

    #[test]
    fn an_invalid_run() {
        let mut record = example_record();
        record.slos.retain(|slo| !slo.is_missed());
        record.slos.iter_mut().for_each(|slo| slo.met = None);
        record.sample = None;
        record.capacity = None;
        record.invalid_reasons = vec!["the generator fell behind its schedule".to_owned()];
        record.notes = vec!["too few messages".to_owned()];
        assert_snapshot!(render(&record, STYLE));
    }

    #[test]
    fn nothing_measured() {
        assert_snapshot!(render(&LoadRecord::default(), STYLE));
    }

    #[test]
    fn hostile_text_is_escaped() {
        let mut record = example_record();
        record.target = HOSTILE.to_owned();
        record.invalid_reasons = vec![HOSTILE.to_owned()];
        record.notes = vec![HOSTILE.to_owned()];
        record.examples[0].text = HOSTILE.to_owned();
        record.worst_rooms[0].room = HOSTILE.to_owned();
        let text = render(&record, Style { verbose: true, ..STYLE });
        assert!(text.contains(r"\u{1b}[2J"), "{text}");
        assert_eq!(text.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None);
    }
}
