//! Self-contained HTML pages with plots and tables.

use hearback_stats::{LoadOutcome, LoadRecord};
use minijinja::{Value, context};

use super::highlight::{Highlight, highlights};
use super::plot::{Plot, plots};
use super::table::tables;
use super::words;
use crate::shown::shown;
use crate::style::Style;
use crate::table::{Table, html};
use crate::template::fill;

const TEMPLATE: &str = include_str!("report.html.jinja");
const COMPARISON: &str = include_str!("comparison.html.jinja");
/// Macros for tables and plots.
const FIGURES: &str = include_str!("figures.html.jinja");
const STYLE: &str = include_str!("figures.css");

pub(crate) fn render(record: &LoadRecord, _: Style) -> String {
    report(
        record,
        context! {
            title => format!("hearback load: {}", words::headline(record.outcome()).to_lowercase()),
            tone => match record.outcome() {
                LoadOutcome::Met => "good",
                LoadOutcome::NotMet => "bad",
                LoadOutcome::Invalid | LoadOutcome::Incomplete | LoadOutcome::NothingMeasured => "unsure",
            },
            verdict => words::verdict(record, shown),
        },
    )
}

/// A page with the figures of a record, below a title and a verdict.
pub(super) fn report(record: &LoadRecord, verdict: Value) -> String {
    let (details, tables): (Vec<_>, Vec<_>) =
        tables(record).into_iter().partition(|table| table.is_detail);
    page(
        TEMPLATE,
        context! {
            heading => format!("hearback load: {}", record.target),
            profile => record.profile.name.clone(),
            description => record.profile.description.clone(),
            profile_text => record.profile.text.lines().map(str::to_owned).collect::<Vec<_>>(),
            run => record.run.clone(),
            seed => record.seed,
            started_at => record.started_at.clone(),
            hearback_version => record.hearback_version.clone(),
            highlights => highlights(record).each_ref().map(highlight),
            invalid_reasons => record.invalid_reasons.clone(),
            notes => record.notes.clone(),
            capacity => record.capacity.as_ref().map(words::capacity),
            tables => tables.iter().map(Table::html).collect::<Vec<_>>(),
            plots => plots(record).iter().map(plot).collect::<Vec<_>>(),
            details => details.iter().map(Table::html).collect::<Vec<_>>(),
            ..verdict
        },
    )
}

/// The contents of a page about a comparison.
pub(super) struct ComparisonPage {
    pub(super) title: String,
    pub(super) tone: &'static str,
    pub(super) verdict: String,
    pub(super) subject: String,
    pub(super) grounds: String,
    pub(super) metrics: Table,
    pub(super) runs: Table,
    pub(super) plot: Option<Plot>,
}

/// The page of a comparison.
pub(super) fn comparison(contents: ComparisonPage) -> String {
    page(
        COMPARISON,
        context! {
            heading => contents.title.clone(),
            title => contents.title,
            tone => contents.tone,
            verdict => contents.verdict,
            subject => contents.subject,
            grounds => contents.grounds,
            metrics => contents.metrics.html(),
            runs => contents.runs.html(),
            plots => contents.plot.iter().map(plot).collect::<Vec<_>>(),
        },
    )
}

fn page(template: &str, page: Value) -> String {
    let templates = [
        ("this.html", template),
        ("figures.html", FIGURES),
        ("figures.css", STYLE),
        ("table.html", html::TEMPLATE),
    ];
    fill(templates, page)
}

fn highlight(highlight: &Highlight) -> Value {
    context! {
        name => highlight.name,
        figure => &highlight.figure,
        notes => &highlight.notes,
        tone => highlight.tone.class(),
    }
}

fn plot(plot: &Plot) -> Value {
    context! {
        title => plot.title,
        caption => plot.caption,
        legend => plot.legend.iter().map(|key| context! {
            color => key.ink.css(),
            class => if key.is_dashed { "dashed" } else { "line" },
            label => &key.label,
        }).collect::<Vec<_>>(),
        // Generated from numbers and from constant labels only.
        svg => Value::from_safe_string(plot.drawing.in_page()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use hearback_testkit::load::example_record;

    use super::*;
    use crate::fixtures::HOSTILE;
    use crate::markup::tags;
    use hearback_history::escape::is_hidden;

    #[test]
    fn pages_are_well_formed_and_load_nothing() {
        for record in [example_record(), LoadRecord::default()] {
            let page = render(&record, Style::default());
            for tag in tags(&page) {
                assert!(!["script", "link", "img", "iframe"].contains(&tag), "<{tag}>");
                assert!(!tag.contains("src=") && !tag.contains("href="), "<{tag}>");
            }
            assert!(!page.contains("@import") && !page.contains("url("));
        }
    }

    #[test]
    fn text_of_a_record_is_escaped() {
        let hostile = format!("{HOSTILE}\"'><img src=x onerror=alert(1)></svg>{{{{ 7 * 7 }}}}");
        let mut record = example_record();
        let plain = render(&record, Style::default());
        record.target = hostile.clone();
        record.run = hostile.clone();
        record.started_at = hostile.clone();
        record.hearback_version = hostile.clone();
        record.profile.name = hostile.clone();
        record.profile.description = hostile.clone();
        record.profile.text = hostile.clone();
        record.examples[0].text = hostile.clone();
        record.worst_rooms[0].room = hostile.clone();
        record.requests[0].operation = hostile.clone();
        record.slos[0].slo = hostile.clone();
        for phase in &mut record.profile.phases {
            phase.kind = hostile.clone();
        }
        for finding in record.sample.iter_mut().flat_map(|sample| &mut sample.broken) {
            finding.finding = hostile.clone();
        }
        let page = render(&record, Style::default());
        assert_eq!(page.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None);
        let own: BTreeSet<_> = tags(&plain).into_iter().collect();
        assert_eq!(tags(&page).into_iter().find(|tag| !own.contains(tag)), None);
        assert!(page.matches("onerror").count() > 10);
    }

    #[test]
    fn reasons_for_invalidity_come_first() {
        let mut record = example_record();
        record.invalid_reasons =
            vec!["the generator was late".to_owned(), "it ran out of descriptors".to_owned()];
        let page = render(&record, Style::default());
        let (reason, plot) = (page.find("it ran out of descriptors"), page.find("<svg"));
        assert!(reason.is_some() && reason < plot);
    }
}
