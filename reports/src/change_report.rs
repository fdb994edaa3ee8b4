//! Reports of the changes between two runs.

use hearback_results::{ChangeVerdict, Changes, ExitStatus};
use minijinja::context;

use crate::changes::{counts, run, tables, titled};
use crate::format::{Format, Reported};
use crate::json;
use crate::markdown::code;
use crate::page::{BAD, BOLD, FAINT, GOOD, PLAIN, Page, UNSURE};
use crate::shown::shown;
use crate::style::Style;
use crate::table::{Layout, Table, html};
use crate::template::fill;
use crate::words::{counted, number};

/// The page of a comparison.
const PAGE: &str = include_str!("changes.html.jinja");

/// Explanation of the figures.
const GROUNDS: &str = "Violations are the same if requirement, operation and variant are. Response times are compared \
                       if the 99 % confidence intervals of the medians within both runs do not overlap; other runs of \
                       the same target may differ as well, so they never decide the verdict.";

impl Reported for Changes {
    const NAME: &'static str = "changes";
    const FORMATS: &'static [Format<Self>] = FORMATS;
}

/// All formats, the default one first.
const FORMATS: &[Format<Changes>] = &[
    Format {
        id: "text",
        extension: "txt",
        description: "text for terminals: one row per change, and the verdict at the end",
        render: in_text,
    },
    Format {
        id: "json",
        extension: "json",
        description: "all changes, for programs",
        render: json::render,
    },
    Format {
        id: "markdown",
        extension: "md",
        description: "the same tables for comments on pull requests",
        render: in_markdown,
    },
    Format {
        id: "html",
        extension: "html",
        description: "self-contained page for browsers: the same tables",
        render: in_html,
    },
];

fn in_text(changes: &Changes, style: Style) -> String {
    let mut page = Page::new(style);
    page.paragraph((PLAIN, ""), (BOLD, &subject(changes, shown)));
    for table in tables(changes) {
        page.blank();
        table.write(&mut page, Layout::REPORT);
    }
    page.blank();
    page.paragraph((PLAIN, ""), (FAINT, GROUNDS));
    page.blank();
    let ink = match changes.verdict {
        ChangeVerdict::Worse => BAD,
        ChangeVerdict::Inconclusive => UNSURE.bold(),
        ChangeVerdict::NotWorse => GOOD.bold(),
    };
    page.paragraph((PLAIN, ""), (ink, &verdict(changes)));
    page.into_text()
}

fn in_markdown(changes: &Changes, _: Style) -> String {
    let tables = tables(changes);
    let tables = tables.iter().map(titled);
    format!(
        "### hearback compare: {}\n\n{}\n\n{}\n{}\n{GROUNDS}\n",
        word(changes.verdict).to_lowercase(),
        verdict(changes),
        subject(changes, code),
        tables.collect::<String>(),
    )
}

fn in_html(changes: &Changes, _: Style) -> String {
    let title = format!("hearback compare: {}", word(changes.verdict).to_lowercase());
    let page = context! {
        heading => title.clone(),
        title => title,
        tone => match changes.verdict {
            ChangeVerdict::Worse => "bad",
            ChangeVerdict::Inconclusive => "unsure",
            ChangeVerdict::NotWorse => "good",
        },
        verdict => verdict(changes),
        subject => subject(changes, shown),
        grounds => GROUNDS,
        tables => tables(changes).iter().map(Table::html).collect::<Vec<_>>(),
    };
    fill([("this.html", PAGE), ("table.html", html::TEMPLATE)], page)
}

fn subject(changes: &Changes, quoted: impl Fn(&str) -> String) -> String {
    let [before, after] = [&changes.before, &changes.after].map(|it| {
        let tested = counted(it.tested, "requirement");
        format!("{} ({tested} tested)", run(it, &quoted))
    });
    format!("Compared {before} with {after}")
}

fn word(verdict: ChangeVerdict) -> &'static str {
    match verdict {
        ChangeVerdict::Worse => "WORSE",
        ChangeVerdict::Inconclusive => "INCONCLUSIVE",
        ChangeVerdict::NotWorse => "NOT WORSE",
    }
}

/// The verdict in one line.
fn verdict(changes: &Changes) -> String {
    let mut parts = vec![counts(changes)];
    let failing = changes.new.iter().filter(|it| it.is_failure).count();
    if failing < changes.new.len() {
        let rest = number((changes.new.len() - failing) as u64);
        parts.push(format!("{rest} of the new ones below {} or accepted", changes.fail_on));
    }
    let lost = changes.no_longer_tested.iter().filter(|it| it.is_unaccepted).count();
    if lost > 0 {
        parts.push(format!(
            "{} no longer tested must be tested again",
            counted(lost as u64, "must")
        ));
    }
    for (count, noun) in
        [(changes.readings.len(), "changed reading"), (changes.slower.len(), "slower operation")]
    {
        parts.extend((count > 0).then(|| counted(count as u64, noun)));
    }
    let status = ExitStatus::from(changes);
    if !status.is_success() {
        parts.push(format!("exit code {}", status.code()));
    }
    format!("{}: {}", word(changes.verdict), parts.join("; "))
}

#[cfg(test)]
mod tests {
    use hearback_results::Results;
    use serde_json::Value;

    use super::*;
    use crate::fixtures::{self, HOSTILE};
    use crate::markup::tags;
    use hearback_history::escape::is_hidden;

    /// From a run that holds everything to one that breaks some of it, with the text of a hostile target.
    fn worse() -> Changes {
        let mut changes = Changes::of(&fixtures::held(), &fixtures::broken());
        assert!(!changes.new.is_empty());
        changes.new[0].actual = HOSTILE.to_owned();
        changes
    }

    #[test]
    fn every_format_states_the_verdict_and_escapes_text() {
        let changes = worse();
        for format in Changes::FORMATS {
            let text = (format.render)(&changes, Style::default());
            let stray = text.chars().find(|it| is_hidden(*it) && *it != '\n');
            assert_eq!(stray, None, "{}", format.id);
            let new = &changes.new[0].requirement;
            assert!(text.contains(&new.replace('/', "&#x2f;")) || text.contains(new), "{text}");
            match format.id {
                "json" => {
                    let value: Value = serde_json::from_str(&text).unwrap();
                    assert_eq!(value["verdict"], "worse");
                    assert_eq!(serde_json::from_str::<Changes>(&text).unwrap(), changes);
                }
                "html" => assert!(!tags(&text).contains(&"script"), "{text}"),
                _ => assert!(text.contains("WORSE: ") && text.contains("exit code 1"), "{text}"),
            }
        }
    }

    #[test]
    fn a_report_with_a_baseline_lists_what_is_new_known_and_fixed() {
        let results = fixtures::broken().against(&fixtures::broken());
        let known = results.changes.as_ref().unwrap().known.len();
        assert!(known > 0 && results.groups.is_empty());
        for format in
            Results::FORMATS.iter().filter(|it| ["text", "markdown", "html"].contains(&it.id))
        {
            let text = (format.render)(&results, Style { width: 400, ..Style::default() });
            assert!(text.contains(&format!("0 new, {known} known, 0 fixed")), "{text}");
            assert!(text.to_lowercase().contains("known violations"), "{text}");
        }
    }
}
