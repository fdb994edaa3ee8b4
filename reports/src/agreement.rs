//! Test that the formats of a report agree on the outcome, the counts and the findings of a run.

use std::collections::BTreeSet;

use hearback_checker::State;
use hearback_results::{Pin, Results};
use quick_junit::{NonSuccessKind, TestCaseStatus};

use crate::format::FORMATS;
use crate::style::Style;
use crate::{fixtures, words};

/// The facts that a reader learns from a report.
#[derive(Debug, PartialEq, Eq)]
struct Learned {
    /// The headline in lower case.
    outcome: String,
    /// Number of requirements in each state, in the order of [`State::ALL`].
    counts: [usize; 4],
    /// Ids of the requirements with findings that are not waived, the confirmations of these findings, ids of the
    /// requirements that make the run incomplete, places of failed expectations, and stopped scenarios.
    named: BTreeSet<String>,
}

impl Learned {
    /// The facts in the results, which every report must state.
    fn of(results: &Results) -> Self {
        let untested = results.coverage.untested.iter().flat_map(|group| &group.requirements);
        let confirmations = results
            .violated()
            .into_iter()
            .flat_map(|it| &it.findings)
            .map(|finding| finding.confirmation.to_string());
        let titles = results.groups.iter().map(|group| &group.title);
        let pins: Vec<_> = results.answers.iter().filter_map(|answer| answer.pinned).collect();
        let pins: Vec<_> = pins.iter().map(ToString::to_string).collect();
        let named = (results.violated().into_iter().map(|violated| &violated.id))
            .chain(titles)
            .chain(untested)
            .chain(results.expectations.failed.iter().map(|failed| &failed.location))
            .chain(&pins)
            .chain(results.contract.iter().map(|overlay| &overlay.name))
            .chain(
                results
                    .contract
                    .iter()
                    .flat_map(|overlay| overlay.changes.iter().map(|change| &change.subject)),
            )
            .chain(results.stopped_scenarios.iter().map(|stopped| &stopped.reason));
        Self {
            outcome: words::headline(results.outcome).to_lowercase(),
            counts: State::ALL.map(|state| results.in_state(state).count()),
            named: named.cloned().chain(confirmations).collect(),
        }
    }

    /// The facts in a rendered report.
    fn from(report: &str, outcome: Option<&str>, counts: [usize; 4], names: &Self) -> Self {
        let named = names.named.iter().filter(|name| report.contains(name.as_str()));
        Self {
            outcome: outcome.unwrap_or_default().trim().to_lowercase(),
            counts,
            named: named.cloned().collect(),
        }
    }
}

/// The report in a format, with slashes that HTML escapes.
fn rendered(results: &Results, format: &str) -> String {
    let format = FORMATS.iter().find(|it| it.id == format).expect("a format");
    (format.render)(results, Style { width: 400, verbose: true, ..Style::default() })
        .replace("&#x2f;", "/")
}

/// The sums of the numbers before the names of states in the lines of the families.
fn text_counts(results: &Results, text: &str) -> [usize; 4] {
    let lines: Vec<_> = (results.families.iter())
        .filter_map(|family| text.lines().find(|line| line.starts_with(&format!("{} ", family.id))))
        .collect();
    State::ALL.map(|state| {
        let counts = lines.iter().flat_map(|line| line.split(", ")).filter_map(|part| {
            let before = part.strip_suffix(state.as_str())?.trim_end();
            before.rsplit(' ').next()?.parse::<usize>().ok()
        });
        counts.sum()
    })
}

/// The sums of the columns of the table of families.
fn markdown_counts(results: &Results, text: &str) -> [usize; 4] {
    let mut sums = [0; 4];
    for family in &results.families {
        let row = text.lines().find(|line| line.starts_with(&format!("| {} ", family.title)));
        let row = row.unwrap_or_else(|| panic!("no row of {}: {text}", family.id));
        let cells: Vec<usize> =
            row.split('|').filter_map(|cell| cell.trim().parse().ok()).collect();
        assert_eq!(cells.len(), 4, "{row}");
        for (sum, cell) in sums.iter_mut().zip(cells) {
            *sum += cell;
        }
    }
    sums
}

#[test]
fn all_formats_agree() {
    for results in fixtures::all() {
        let expected = Learned::of(&results);
        let text = rendered(&results, "text");
        let last = text.rsplit("\n\n").next().expect("a last paragraph");
        let outcome = last.split(':').next();
        let counts = text_counts(&results, &text);
        assert_eq!(Learned::from(&text, outcome, counts, &expected), expected, "{text}");

        let markdown = rendered(&results, "markdown");
        let outcome = markdown.lines().next().and_then(|it| it.strip_prefix("### hearback: "));
        let counts = markdown_counts(&results, &markdown);
        assert_eq!(Learned::from(&markdown, outcome, counts, &expected), expected, "{markdown}");
        assert!(markdown.contains(&words::verdict(&results, crate::markdown::code)), "{markdown}");

        let html = rendered(&results, "html").replace("<code>", "`").replace("</code>", "`");
        let title = html.split("<title>hearback: ").nth(1).and_then(|it| it.split('<').next());
        let counts = State::ALL.map(|state| {
            let class = state.as_str().replace(' ', "-");
            let class = format!("<details class=\"requirement {class}\"");
            html.matches(&class).count()
        });
        assert_eq!(Learned::from(&html, title, counts, &expected), expected);

        let json = rendered(&results, "json");
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let counts = ["held", "broken", "undecided", "not_exercised"]
            .map(|state| value["counts"][state].as_u64().unwrap().try_into().unwrap());
        let outcome = value["outcome"].as_str();
        assert_eq!(Learned::from(&json, outcome, counts, &expected), expected, "{json}");
    }
}

/// SARIF states outcome and counts as properties of its run.
#[test]
fn sarif_agrees() {
    for results in fixtures::all() {
        let expected = Learned::of(&results);
        let sarif = rendered(&results, "sarif");
        let value: serde_json::Value = serde_json::from_str(&sarif).unwrap();
        let run = &value["runs"][0];
        let counts = ["held", "broken", "undecided", "not_exercised"]
            .map(|state| run["properties"]["counts"][state].as_u64().unwrap().try_into().unwrap());
        let outcome = run["properties"]["outcome"].as_str();
        assert_eq!(Learned::from(&sarif, outcome, counts, &expected), expected, "{sarif}");
        assert_eq!(run["invocations"][0]["exitCode"], results.exit_status().code());
        let is_red = run["results"].as_array().unwrap().iter().any(|it| it["level"] == "error");
        assert_eq!(is_red, !results.exit_status().is_success(), "{sarif}");
    }
}

/// A code quality report has neither outcome nor counts: its critical issues are the outcome.
#[test]
fn code_quality_agrees() {
    for results in fixtures::all() {
        // An array of issues has no place for the contract.
        let results = Results { contract: None, ..results };
        let expected = Learned::of(&results);
        let report = rendered(&results, "codequality");
        let learned = Learned::from(&report, Some(&expected.outcome), expected.counts, &expected);
        assert_eq!(learned, expected, "{report}");
        let issues: Vec<serde_json::Value> = serde_json::from_str(&report).unwrap();
        let is_red = issues.iter().any(|issue| issue["severity"] == "critical");
        assert_eq!(is_red, !results.exit_status().is_success(), "{report}");
        let waived = results.requirements().filter(|requirement| requirement.waived);
        for requirement in waived {
            assert!(issues.iter().all(|it| it["check_name"] != *requirement.id), "{report}");
        }
    }
}

/// JUnit has no headline: its failures and errors are the outcome.
#[test]
fn junit_fails_where_the_results_do() {
    for results in fixtures::all() {
        let xml = rendered(&results, "junit");
        let expected = Learned::of(&results);
        let learned = Learned::from(&xml, Some(&expected.outcome), expected.counts, &expected);
        assert_eq!(learned, expected, "{xml}");
        let report = crate::junit::parsed(&xml);
        let cases: Vec<_> = report.test_suites.iter().flat_map(|it| &it.test_cases).collect();
        let of_kind = |wanted: NonSuccessKind| {
            let is_wanted = |status: &TestCaseStatus| matches!(status, TestCaseStatus::NonSuccess { kind, .. } if *kind == wanted);
            cases.iter().filter(|case| is_wanted(&case.status)).count()
        };
        let failures = results.requirements().filter(|it| results.is_failure(it)).count()
            + results.expectations.failed.len()
            + results.pins(Pin::Changed)
            + results.waivers.iter().filter(|waiver| waiver.state.fails()).count()
            + usize::from(results.traffic.exceeds(results.max_gateway_errors));
        assert_eq!(of_kind(NonSuccessKind::Failure), failures, "{xml}");
        let is_red = failures + of_kind(NonSuccessKind::Error) > 0;
        assert_eq!(is_red, !results.exit_status().is_success(), "{xml}");
        let requirements = results
            .requirements()
            .filter(|requirement| cases.iter().any(|case| case.name.as_str() == requirement.id));
        assert_eq!(requirements.count(), results.requirements().count(), "{xml}");
    }
}
