//! Reports of comparisons.

use hearback_results::ExitStatus;
use hearback_stats::comparison::{Comparison, ComparisonVerdict, MetricComparison, Scale};
use hearback_stats::{Metric, MetricValue};

use super::{html, markdown, plot};
use crate::format::{Format, Reported};
use crate::json;
use crate::markdown::code;
use crate::page::{BAD, BOLD, FAINT, GOOD, PLAIN, Page, UNSURE};
use crate::shown::shown;
use crate::style::Style;
use crate::table::{Cell, Layout, Row, Table, Tone};
use crate::words::counted;

impl Reported for Comparison {
    const NAME: &'static str = "comparison";
    const FORMATS: &'static [Format<Self>] = FORMATS;
}

/// All formats of a comparison, the default one first.
const FORMATS: &[Format<Comparison>] = &[
    Format {
        id: "text",
        extension: "txt",
        description: "text for terminals: one row per metric, and the verdict at the end",
        render: in_text,
    },
    Format {
        id: "json",
        extension: "json",
        description: "complete comparison with the values of all runs, for programs; has a JSON Schema",
        render: json::render,
    },
    Format {
        id: "markdown",
        extension: "md",
        description: "the same table for comments on pull requests",
        render: in_markdown,
    },
    Format {
        id: "html",
        extension: "html",
        description: "self-contained page for browsers: the same table, and the percentiles of both groups",
        render: in_html,
    },
];

fn in_text(comparison: &Comparison, style: Style) -> String {
    let mut page = Page::new(style);
    page.paragraph((PLAIN, ""), (BOLD, &subject(comparison, shown)));
    page.blank();
    metrics(comparison).write(&mut page, Layout::REPORT);
    page.blank();
    page.paragraph((PLAIN, ""), (FAINT, &grounds(comparison)));
    page.blank();
    let ink = match comparison.verdict {
        ComparisonVerdict::Worse => BAD,
        ComparisonVerdict::Inconclusive => UNSURE.bold(),
        ComparisonVerdict::NotWorse | ComparisonVerdict::Better => GOOD.bold(),
    };
    page.paragraph((PLAIN, ""), (ink, &verdict(comparison)));
    page.into_text()
}

fn in_markdown(comparison: &Comparison, _: Style) -> String {
    format!(
        "### hearback compare: {}\n\n{}\n\n{}\n{}\n{}\n",
        word(comparison.verdict),
        verdict(comparison),
        subject(comparison, code),
        markdown::titled(&metrics(comparison)),
        grounds(comparison)
    )
}

fn in_html(comparison: &Comparison, _: Style) -> String {
    html::comparison(html::ComparisonPage {
        title: format!("hearback compare: {}", word(comparison.verdict)),
        tone: match comparison.verdict {
            ComparisonVerdict::Worse => "bad",
            ComparisonVerdict::Inconclusive => "unsure",
            ComparisonVerdict::NotWorse | ComparisonVerdict::Better => "good",
        },
        verdict: verdict(comparison),
        subject: subject(comparison, shown),
        grounds: grounds(comparison),
        metrics: metrics(comparison),
        runs: runs(comparison),
        plot: plot::compared(&comparison.pooled),
    })
}

pub(super) fn subject(comparison: &Comparison, quoted: impl Fn(&str) -> String) -> String {
    let [before, after] = comparison.runs.each_ref().map(|runs| counted(runs.len() as u64, "run"));
    format!("Compared {before} before with {after} after, profile {}", quoted(&comparison.profile))
}

fn metrics(comparison: &Comparison) -> Table {
    let rows = comparison.metrics.iter().map(|compared| {
        let [before, after] = compared.means.map(|mean| shown_value(&compared.metric, mean));
        let [from, to] = compared.interval.map(|end| change(compared.scale, end));
        let tone = match compared.verdict {
            ComparisonVerdict::Worse => Tone::Bad,
            ComparisonVerdict::Inconclusive => Tone::Plain,
            ComparisonVerdict::NotWorse | ComparisonVerdict::Better => Tone::Good,
        };
        let cells = [
            compared.metric.clone(),
            before,
            after,
            change(compared.scale, compared.change),
            format!("{from} to {to}"),
            format!("{:.3}", compared.p_corrected),
            word(compared.verdict).to_owned(),
        ];
        Row::new(tone, cells.map(Cell::trusted))
    });
    let columns =
        ["metric", "#before", "#after", "#change", "#confidence interval", "#p", "verdict"];
    Table::new("Metrics", &columns, rows.collect())
}

/// The values of each run.
fn runs(comparison: &Comparison) -> Table {
    let rows = comparison.metrics.iter().map(|compared| {
        let value = |value: &f64| shown_value(&compared.metric, *value);
        let values = compared.values.each_ref();
        let [before, after] =
            values.map(|side| Cell::trusted(side.iter().map(value).collect::<Vec<_>>().join(", ")));
        Row::plain([Cell::trusted(&*compared.metric), before, after])
    });
    Table::new("Values of each run", &["metric", "before", "after"], rows.collect())
}

/// A value in the unit of its metric.
pub(super) fn shown_value(metric: &str, value: f64) -> String {
    let metric = Metric::by_id(metric).ok();
    metric.map_or_else(String::new, |metric| metric.unit.format(MetricValue::Value(value)))
}

/// A change with its sign.
pub(super) fn change(scale: Scale, change: f64) -> String {
    // Zero has no sign.
    let change = if change.abs() < 5e-7 { 0.0 } else { change };
    match scale {
        Scale::Ratio => format!("{change:+.1} %"),
        Scale::Difference if change == 0.0 => "0 points".to_owned(),
        Scale::Difference => format!("{change:+.4} points"),
    }
}

fn word(verdict: ComparisonVerdict) -> &'static str {
    match verdict {
        ComparisonVerdict::Worse => "worse",
        ComparisonVerdict::Inconclusive => "inconclusive",
        ComparisonVerdict::NotWorse => "not worse",
        ComparisonVerdict::Better => "better",
    }
}

fn grounds(comparison: &Comparison) -> String {
    format!(
        "Exact permutation tests with runs as units, and Holm's correction for {} metrics. Worse: significant at 5 % and \
         more than {} % (latencies) or {} points (losses). Not worse: the 95 % confidence interval excludes a change \
         of that size.",
        comparison.metrics.len(),
        comparison.minimum.latency_percent,
        comparison.minimum.loss_points
    )
}

pub(super) fn verdict(comparison: &Comparison) -> String {
    let rows = comparison.metrics.iter();
    let named: Vec<_> = rows
        .filter(|row| row.verdict == comparison.verdict)
        .map(|row: &MetricComparison| format!("{} {}", row.metric, change(row.scale, row.change)))
        .collect();
    let word = word(comparison.verdict).to_uppercase();
    let exit = match ExitStatus::from(comparison).code() {
        0 => String::new(),
        code => format!("; exit code {code}"),
    };
    match comparison.verdict {
        ComparisonVerdict::Inconclusive => format!(
            "{word}: neither a change nor its absence is established for {}; use more runs or a quieter machine{exit}",
            named.join(", ")
        ),
        _ => format!("{word}: {}{exit}", named.join(", ")),
    }
}

#[cfg(test)]
pub(crate) mod fixtures {
    use hearback_history::Nanoseconds;
    use hearback_stats::Distribution;
    use hearback_stats::comparison::{Minimum, Pooled};

    use super::*;

    /// A comparison of five runs per group, with a higher latency to the last recipient.
    pub(crate) fn worse() -> Comparison {
        let row = |metric: &str, scale, means: [f64; 2], change, interval, p: f64, verdict| {
            MetricComparison {
                metric: metric.to_owned(),
                scale,
                values: means.map(|mean| vec![mean; 5]),
                means,
                change,
                interval,
                p,
                p_corrected: (p * 4.0).min(1.0),
                minimum: if scale == Scale::Ratio { 10.0 } else { 0.01 },
                verdict,
            }
        };
        let (ratio, points) = (Scale::Ratio, Scale::Difference);
        let names = |side| (1..=5).map(|number| format!("{side}{number}")).collect();
        Comparison {
            profile: "fan-out".to_owned(),
            runs: [names("a"), names("b")],
            minimum: Minimum::default(),
            metrics: vec![
                row(
                    "delivery.p50",
                    ratio,
                    [8.9, 9.0],
                    1.1,
                    [-2.0, 4.2],
                    0.42,
                    ComparisonVerdict::NotWorse,
                ),
                row(
                    "delivery.p99",
                    ratio,
                    [31.0, 33.4],
                    7.7,
                    [-4.0, 21.0],
                    0.19,
                    ComparisonVerdict::Inconclusive,
                ),
                row(
                    "last.p99",
                    ratio,
                    [44.0, 61.6],
                    40.0,
                    [28.0, 53.0],
                    0.008,
                    ComparisonVerdict::Worse,
                ),
                row(
                    "lost.share",
                    points,
                    [0.0, 0.0],
                    0.0,
                    [0.0, 0.0],
                    1.0,
                    ComparisonVerdict::NotWorse,
                ),
            ],
            pooled: [(1.0, 1.4), (1.05, 1.9)]
                .map(|(each, last)| Pooled { delivery: latencies(each), last: latencies(last) }),
            verdict: ComparisonVerdict::Worse,
        }
    }

    /// Latencies between 5 ms and 31 ms, multiplied by a factor.
    fn latencies(factor: f64) -> Distribution {
        let mut latencies = Distribution::default();
        for value in 0..2_000 {
            let share = f64::from(value) / 2_000.0;
            let nanoseconds = (5.0 + 26.0 * share.powi(6)) * factor * 1e6;
            latencies.record(Nanoseconds::new(nanoseconds as u64));
        }
        latencies
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markup::tags;

    #[test]
    fn pages_are_well_formed_and_escaped() {
        let mut comparison = fixtures::worse();
        comparison.profile = "<script>alert(1)</script>".to_owned();
        let page = in_html(&comparison, Style::default());
        assert!(tags(&page).iter().any(|tag| tag.starts_with("svg ")));
        assert!(!page.contains("<script"));
    }

    #[test]
    fn inconclusive_metrics_are_named() {
        let mut comparison = fixtures::worse();
        comparison.metrics.remove(2);
        comparison.verdict = ComparisonVerdict::Inconclusive;
        let text = in_text(&comparison, Style::default());
        assert!(text.contains("INCONCLUSIVE: neither a change nor its absence is established for delivery.p99 +7.7 %"), "{text}");
        assert!(text.trim_end().ends_with("exit code 4"), "{text}");
    }
}
