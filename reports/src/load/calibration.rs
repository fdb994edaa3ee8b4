//! Reports of calibrations.

use hearback_results::ExitStatus;
use hearback_stats::comparison::{Calibration, CalibrationVerdict, Scale, Sensitivity};

use super::comparison::{change, shown_value};
use super::{html, markdown};
use crate::format::{Format, Reported};
use crate::json;
use crate::markdown::code;
use crate::page::{BAD, BOLD, FAINT, GOOD, PLAIN, Page, UNSURE};
use crate::shown::shown;
use crate::style::Style;
use crate::table::{Cell, Layout, Row, Table, Tone};
use crate::words::counted;

impl Reported for Calibration {
    const NAME: &'static str = "calibration";
    const FORMATS: &'static [Format<Self>] = FORMATS;
}

/// All formats of a calibration, the default one first.
const FORMATS: &[Format<Calibration>] = &[
    Format {
        id: "text",
        extension: "txt",
        description: "text for terminals: one row per metric, and the verdict at the end",
        render: in_text,
    },
    Format {
        id: "json",
        extension: "json",
        description: "complete calibration with the values of all runs, for programs; has a JSON Schema",
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
        description: "self-contained page for browsers",
        render: in_html,
    },
];

fn in_text(calibration: &Calibration, style: Style) -> String {
    let mut page = Page::new(style);
    let subject = subject(calibration, shown);
    page.paragraph((PLAIN, ""), (BOLD, &subject));
    if !calibration.metrics.is_empty() {
        page.blank();
        metrics(calibration).write(&mut page, Layout::REPORT);
        page.blank();
        page.paragraph((PLAIN, ""), (FAINT, &grounds(calibration)));
    }
    page.blank();
    let ink = match calibration.verdict {
        CalibrationVerdict::Unsteady => BAD,
        CalibrationVerdict::TooFew | CalibrationVerdict::TooNoisy => UNSURE.bold(),
        CalibrationVerdict::Sensitive => GOOD.bold(),
    };
    page.paragraph((PLAIN, ""), (ink, &verdict(calibration)));
    page.into_text()
}

fn in_markdown(calibration: &Calibration, _: Style) -> String {
    let figures = match calibration.metrics.as_slice() {
        [] => String::new(),
        _ => format!("{}\n{}\n", markdown::titled(&metrics(calibration)), grounds(calibration)),
    };
    format!(
        "### hearback calibrate: {}\n\n{}\n\n{}\n{figures}",
        word(calibration.verdict),
        verdict(calibration),
        subject(calibration, code),
    )
}

fn in_html(calibration: &Calibration, _: Style) -> String {
    html::comparison(html::ComparisonPage {
        title: format!("hearback calibrate: {}", word(calibration.verdict)),
        tone: match calibration.verdict {
            CalibrationVerdict::Unsteady => "bad",
            CalibrationVerdict::TooFew | CalibrationVerdict::TooNoisy => "unsure",
            CalibrationVerdict::Sensitive => "good",
        },
        verdict: verdict(calibration),
        subject: subject(calibration, shown),
        grounds: grounds(calibration),
        metrics: metrics(calibration),
        runs: runs(calibration),
        plot: None,
    })
}

fn subject(calibration: &Calibration, quoted: impl Fn(&str) -> String) -> String {
    let runs = counted(calibration.runs.len() as u64, "run");
    format!("Compared {runs} with each other, profile {}", quoted(&calibration.profile))
}

fn metrics(calibration: &Calibration) -> Table {
    let rows = calibration.metrics.iter().map(|row| {
        let cells = [
            row.metric.clone(),
            amount(row.scale, row.spread),
            change(row.scale, row.change),
            format!("{:.3}", row.p_corrected),
            amount(row.scale, row.detectable),
            amount(row.scale, row.minimum),
            word(row.verdict).to_owned(),
        ];
        let tone = match row.verdict {
            CalibrationVerdict::Unsteady => Tone::Bad,
            CalibrationVerdict::TooFew | CalibrationVerdict::TooNoisy => Tone::Plain,
            CalibrationVerdict::Sensitive => Tone::Good,
        };
        Row::new(tone, cells.map(Cell::trusted))
    });
    let columns = [
        "metric",
        "#spread",
        "#between groups",
        "#p",
        "#minimum detectable",
        "#minimum",
        "verdict",
    ];
    Table::new("Metrics", &columns, rows.collect())
}

/// The values of each run.
fn runs(calibration: &Calibration) -> Table {
    let rows = calibration.metrics.iter().map(|row| {
        let values = row.values.iter().map(|value| shown_value(&row.metric, *value));
        let values = values.collect::<Vec<_>>().join(", ");
        Row::plain([Cell::trusted(&*row.metric), Cell::trusted(values)])
    });
    Table::new("Values of each run", &["metric", "in chronological order"], rows.collect())
}

/// A change without a sign.
fn amount(scale: Scale, amount: f64) -> String {
    change(scale, amount).trim_start_matches('+').to_owned()
}

fn word(verdict: CalibrationVerdict) -> &'static str {
    match verdict {
        CalibrationVerdict::TooFew => "too few",
        CalibrationVerdict::Unsteady => "unsteady",
        CalibrationVerdict::TooNoisy => "too noisy",
        CalibrationVerdict::Sensitive => "sensitive",
    }
}

fn grounds(calibration: &Calibration) -> String {
    format!(
        "The runs alternate between two groups, which are compared as by `hearback compare`. Minimum detectable: the \
         smallest change for the worse, of either group, that would have been significant at 5 % with Holm's \
         correction for {} metrics; in other runs, a change of this size is detected about two times in three. \
         Minimum: the change that `compare` tolerates, {} % of latencies and {} points of losses.",
        calibration.metrics.len(),
        calibration.minimum.latency_percent,
        calibration.minimum.loss_points
    )
}

fn verdict(calibration: &Calibration) -> String {
    let with = |verdict: CalibrationVerdict, text: fn(&Sensitivity) -> String| -> String {
        let rows = calibration.metrics.iter().filter(|row| row.verdict == verdict);
        rows.map(text).collect::<Vec<_>>().join(", ")
    };
    let verdict = calibration.verdict;
    let text = match verdict {
        CalibrationVerdict::TooFew => format!(
            "{} of at least {} (five per group)",
            counted(calibration.runs.len() as u64, "run"),
            Calibration::MIN_RUNS
        ),
        CalibrationVerdict::Unsteady => format!(
            "{} between the two groups of runs of the same system",
            with(verdict, |row| format!("{} {}", row.metric, change(row.scale, row.change)))
        ),
        CalibrationVerdict::TooNoisy => format!(
            "this number of runs on this machine cannot detect changes of {}; use more runs or a quieter machine",
            with(verdict, |row| format!(
                "{} below {}",
                row.metric,
                amount(row.scale, row.detectable)
            ))
        ),
        CalibrationVerdict::Sensitive => format!(
            "a change of the minimum size is detected: {}",
            with(verdict, |row| format!(
                "{} from {}",
                row.metric,
                amount(row.scale, row.detectable)
            ))
        ),
    };
    let exit = match ExitStatus::from(calibration).code() {
        0 => String::new(),
        code => format!("; exit code {code}"),
    };
    format!("{}: {text}{exit}", word(verdict).to_uppercase())
}

#[cfg(test)]
pub(crate) mod fixtures {
    use hearback_stats::comparison::Minimum;

    use super::*;

    /// A calibration of ten runs, in which the latency to the last recipient is too noisy.
    pub(crate) fn noisy() -> Calibration {
        let row = |metric: &str, scale, value: f64, spread, change, p, detectable| Sensitivity {
            metric: metric.to_owned(),
            scale,
            values: (0..10).map(|run| value * (1.0 + f64::from(run) * spread / 900.0)).collect(),
            spread,
            change,
            p_corrected: p,
            detectable,
            minimum: if scale == Scale::Ratio { 10.0 } else { 0.01 },
            verdict: match detectable {
                34.2 => CalibrationVerdict::TooNoisy,
                _ => CalibrationVerdict::Sensitive,
            },
        };
        let (ratio, points) = (Scale::Ratio, Scale::Difference);
        Calibration {
            profile: "fan-out".to_owned(),
            runs: (1..=10).map(|number| format!("a{number}")).collect(),
            minimum: Minimum::default(),
            metrics: vec![
                row("delivery.p50", ratio, 8.9, 3.1, 0.4, 1.0, 2.9),
                row("delivery.p99", ratio, 31.0, 9.5, -1.2, 1.0, 8.7),
                row("last.p99", ratio, 44.0, 36.0, 6.1, 0.714, 34.2),
                row("lost.share", points, 0.0, 0.0, 0.0, 1.0, 0.0),
            ],
            verdict: CalibrationVerdict::TooNoisy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markup::tags;

    #[test]
    fn the_verdict_names_undetectable_changes() {
        let expected = "TOO NOISY: this number of runs on this machine cannot detect changes of last.p99 below 34.2 %; use more \
                        runs or a quieter machine; exit code 4";
        assert_eq!(verdict(&fixtures::noisy()), expected);
    }

    #[test]
    fn too_few_runs_have_no_figures() {
        let mut calibration = fixtures::noisy();
        calibration.metrics.clear();
        calibration.runs.truncate(4);
        calibration.verdict = CalibrationVerdict::TooFew;
        let text = in_text(&calibration, Style::default());
        let expected = "Compared 4 runs with each other, profile fan-out\n\n\
                        TOO FEW: 4 runs of at least 10 (five per group); exit code 4\n";
        assert_eq!(text, expected);
        assert!(!in_html(&calibration, Style::default()).contains("<table"));
        assert!(!in_markdown(&calibration, Style::default()).contains('|'));
    }

    #[test]
    fn unsteady_and_sensitive_machines_have_a_verdict() {
        let mut calibration = fixtures::noisy();
        calibration.metrics[2].verdict = CalibrationVerdict::Unsteady;
        calibration.verdict = CalibrationVerdict::Unsteady;
        let text = verdict(&calibration);
        assert!(text.starts_with("UNSTEADY: last.p99 +6.1 % between the two groups"), "{text}");
        calibration.metrics.remove(2);
        calibration.verdict = CalibrationVerdict::Sensitive;
        let text = verdict(&calibration);
        assert!(text.ends_with("delivery.p99 from 8.7 %, lost.share from 0 points"), "{text}");
    }

    #[test]
    fn pages_are_escaped() {
        let mut calibration = fixtures::noisy();
        calibration.profile = "<script>alert(1)</script>".to_owned();
        let page = in_html(&calibration, Style::default());
        assert!(tags(&page).contains(&"main") && !page.contains("<script"));
    }
}
