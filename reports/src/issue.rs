//! The problems of a run as CI systems list them: one row each, with a place and a fingerprint.
//!
//! GitHub annotations, SARIF and code quality reports show the same issues, and the run fails exactly if one of them is
//! an error.

use std::collections::HashMap;

use hearback_checker::State;
use hearback_contract::Level;
use hearback_results::{
    FindingResult, FlakyFindings, Outcome, Pin, RequirementResult, Results, Untested,
};
use uuid::Uuid;

use crate::excuse::{excuse, waivers};
use crate::requirement::seen;
use crate::shown::shown;
use crate::{readings, words};

/// The file that an issue without a place of its own is listed at: the configuration of the tests, which the
/// repository of a gate has.
const DEFAULT_FILE: &str = "hearback.toml";

/// A problem of a run. All text is escaped and on one line.
#[derive(Clone, Debug)]
pub(crate) struct Issue {
    /// Id of the requirement, or of the check of the run.
    pub(crate) check: String,
    /// The defect in a few words.
    pub(crate) title: String,
    /// The expected and the observed behavior.
    pub(crate) text: String,
    pub(crate) severity: Severity,
    /// Operation or event that shows it.
    pub(crate) interface: Option<String>,
    /// Reason of the waivers that cover it.
    pub(crate) waived: Option<String>,
    /// True if the baseline has it as well.
    pub(crate) is_known: bool,
    /// False if no repetition reproduced it.
    pub(crate) is_certain: bool,
    pub(crate) place: Place,
    /// The same in every run that has the issue, and different from those of all other issues of the run.
    pub(crate) fingerprint: String,
}

/// The effect of an issue, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// The run does not pass.
    Error,
    /// The issue is reported only.
    Warning,
    /// The specification permits it.
    Note,
}

/// A line of a file in the repository of the tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: u64,
}

impl Default for Place {
    fn default() -> Self {
        Self { file: DEFAULT_FILE.to_owned(), line: 1 }
    }
}

/// A check of the run itself, beside the requirements.
#[derive(Debug)]
pub(crate) struct RunCheck {
    pub(crate) id: &'static str,
    pub(crate) statement: &'static str,
}

pub(crate) const FINISHED: RunCheck =
    RunCheck { id: "run/finished", statement: "The run MUST finish and test something." };
pub(crate) const EXPECTATION: RunCheck =
    RunCheck { id: "run/expectation", statement: "Expectations of scenarios MUST hold." };
pub(crate) const READING: RunCheck =
    RunCheck { id: "run/reading", statement: "The target MUST take the pinned readings." };
pub(crate) const WAIVER: RunCheck =
    RunCheck { id: "run/waiver", statement: "Waivers MUST be valid and cover a violation." };
pub(crate) const GATEWAY: RunCheck = RunCheck {
    id: "run/gateway-errors",
    statement: "The number of gateway errors MUST NOT exceed the maximum of the gate.",
};
pub(crate) const COVERAGE: RunCheck = RunCheck {
    id: "run/coverage",
    statement: "Every must MUST be tested unless the user or the gate accepts that it is not.",
};
pub(crate) const SCENARIO: RunCheck =
    RunCheck { id: "run/scenario", statement: "The target MUST NOT stop scenarios." };

/// All checks of a run.
pub(crate) const RUN_CHECKS: &[RunCheck] =
    &[FINISHED, EXPECTATION, READING, WAIVER, GATEWAY, COVERAGE, SCENARIO];

/// All issues of a run, the most severe first; of equal ones, the best evidence of each cause first.
pub(crate) fn issues(results: &Results) -> Vec<Issue> {
    let mut issues = of_run(results);
    issues.extend(of_requirements(results));
    issues.sort_by_key(|issue| issue.severity);
    let mut occurrences: HashMap<String, u32> = HashMap::new();
    for issue in &mut issues {
        let occurrence = occurrences.entry(issue.fingerprint.clone()).or_default();
        *occurrence += 1;
        if *occurrence > 1 {
            issue.fingerprint = fingerprint(&[&issue.fingerprint, &occurrence.to_string()]);
        }
    }
    issues
}

/// The issues of the run itself.
pub(crate) fn of_run(results: &Results) -> Vec<Issue> {
    let mut issues = Vec::new();
    if !results.is_complete() {
        issues.push(issue(&FINISHED, "the run did not finish", words::verdict(results, shown)));
    }
    for failed in &results.expectations.failed {
        let text = words::expectation(failed, shown);
        let identity = [&*failed.scenario, &failed.step, &failed.subject];
        issues.push(Issue {
            place: place(&failed.location),
            ..identified(&EXPECTATION, "an expectation failed", text, &identity)
        });
    }
    for answer in &results.answers {
        let Some(text) = readings::problem(answer, shown) else { continue };
        let is_error = match answer.pin() {
            Some(Pin::Changed) => true,
            Some(Pin::Unobserved) => results.needs_pinned,
            Some(Pin::Kept) | None => false,
        };
        let severity = if is_error { Severity::Error } else { Severity::Note };
        let pinned = answer.pinned.map_or("", |pinned| pinned.as_str());
        issues.push(Issue {
            severity,
            ..identified(&READING, "a pinned reading changed", text, &[pinned])
        });
    }
    for waiver in results.waivers.iter().filter(|waiver| waiver.state.fails()) {
        let text = words::waiver(waiver, shown);
        let parts = [waiver.operation.as_deref(), waiver.variant.as_deref()];
        let identity = [&*waiver.requirement, parts[0].unwrap_or(""), parts[1].unwrap_or("")];
        let place = waiver.place.as_ref().map(|it| Place { file: shown(&it.file), line: it.line });
        let title = format!("the waiver of {} is outdated", shown(&waiver.requirement));
        issues.push(Issue {
            place: place.unwrap_or_default(),
            ..identified(&WAIVER, &title, text, &identity)
        });
    }
    if results.traffic.exceeds(results.max_gateway_errors) {
        let text = format!("gateway errors: {}", results.traffic.gateway_errors);
        issues.push(issue(&GATEWAY, "too many gateway errors", text));
    }
    issues.extend(results.coverage.untested.iter().map(untested));
    for stopped in &results.stopped_scenarios {
        let is_error = results.is_unexcused(stopped);
        let severity = if is_error { Severity::Error } else { Severity::Note };
        let scenario = shown(stopped.scenario.as_str());
        let text = format!("{scenario}: {}", shown(&stopped.explanation()));
        let title = "a scenario stopped";
        issues.push(Issue { severity, ..identified(&SCENARIO, title, text, &[&scenario]) });
    }
    let is_unexplained = issues.iter().all(|issue| issue.severity != Severity::Error);
    if results.outcome == Outcome::Incomplete && is_unexplained {
        issues.push(issue(&FINISHED, "nothing was tested", words::verdict(results, shown)));
    }
    issues
}

/// The violations of requirements.
fn of_requirements(results: &Results) -> Vec<Issue> {
    let mut ranked = Vec::new();
    for requirement in results.requirements() {
        let group = results.group_of(&requirement.id);
        for finding in &requirement.findings {
            let is_evidence = group.is_some_and(|(_, group)| {
                group.evidence.requirement == requirement.id
                    && group.evidence.variant == finding.variant
            });
            let cause = group.map_or(usize::MAX, |(position, _)| position);
            ranked.push(((!is_evidence, cause), violation(results, requirement, finding)));
        }
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, issue)| issue).collect()
}

fn violation(results: &Results, requirement: &RequirementResult, finding: &FindingResult) -> Issue {
    let is_accepted = finding.waived
        || finding.known
        || results.flaky == FlakyFindings::Warn && finding.confirmation.is_intermittent();
    let severity = match (requirement.state, requirement.level) {
        (State::Broken, _) if results.is_failure(requirement) && !is_accepted => Severity::Error,
        (_, Level::Note) => Severity::Note,
        _ => Severity::Warning,
    };
    let cause = results.group_of(&requirement.id).map(|(_, group)| shown(&group.title));
    let mut text = format!(
        "{} Expected {}; actual {}. Seen {}; {}.",
        cause.unwrap_or_else(|| shown(&requirement.statement)),
        shown(&finding.expected),
        shown(&finding.actual),
        shown(&seen(finding)),
        finding.confirmation
    );
    let effect = match severity {
        Severity::Error => None,
        _ if finding.waived => None,
        _ if finding.known => Some("known from the baseline".to_owned()),
        _ if requirement.state == State::Broken => excuse(results, requirement, shown),
        _ => None,
    };
    text.extend(effect.map(|effect| format!(" Accepted: {effect}.")));
    let interface = finding.subject.interface();
    let identity = [&*requirement.id, interface.unwrap_or(""), &finding.variant];
    Issue {
        check: shown(&requirement.id),
        title: format!("{} {}", requirement.level, shown(&requirement.id)),
        text,
        severity,
        interface: interface.map(str::to_owned),
        waived: finding.waived.then(|| waivers(results, &requirement.id, shown)),
        is_known: finding.known,
        is_certain: requirement.state == State::Broken,
        place: Place::default(),
        fingerprint: fingerprint(&identity),
    }
}

fn untested(group: &Untested) -> Issue {
    let ids: Vec<_> = group.requirements.iter().map(|id| shown(id)).collect();
    let text = format!("{}: {}", words::reason(group, shown), ids.join(", "));
    let title = format!("{} must not tested", words::number(ids.len() as u64));
    identified(&COVERAGE, &title, text, &[&group.reason.to_string()])
}

fn issue(check: &RunCheck, title: &str, text: String) -> Issue {
    identified(check, title, text, &[])
}

/// An issue of a check of the run, with what distinguishes it from others of the check.
fn identified(check: &RunCheck, title: &str, text: String, identity: &[&str]) -> Issue {
    Issue {
        check: check.id.to_owned(),
        title: title.to_owned(),
        text,
        severity: Severity::Error,
        interface: None,
        waived: None,
        is_known: false,
        is_certain: true,
        place: Place::default(),
        fingerprint: fingerprint(&[&[check.id], identity].concat()),
    }
}

/// The place that `mine.yaml:7` names.
fn place(location: &str) -> Place {
    let parts = location.rsplit_once(':');
    match parts.and_then(|(file, line)| Some((file, line.parse::<u64>().ok()?))) {
        Some((file, line)) if line > 0 => Place { file: shown(file), line },
        _ => Place::default(),
    }
}

/// A hash of the parts of an issue that are the same in every run.
fn fingerprint(parts: &[&str]) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, parts.join("\n").as_bytes()).simple().to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::fixtures;

    #[test]
    fn a_run_passes_only_if_no_issue_is_an_error() {
        for results in fixtures::all() {
            let issues = issues(&results);
            let is_red = issues.iter().any(|issue| issue.severity == Severity::Error);
            assert_eq!(!is_red, results.exit_status().is_success(), "{issues:#?}");
            for waived in issues.iter().filter(|issue| issue.waived.is_some()) {
                assert_ne!(waived.severity, Severity::Error, "{waived:?}");
            }
        }
    }

    #[test]
    fn fingerprints_are_stable_and_unique() {
        for results in fixtures::all().into_iter().chain([fixtures::hostile()]) {
            let of = || issues(&results).into_iter().map(|issue| issue.fingerprint);
            assert!(of().eq(of()));
            assert_eq!(of().collect::<BTreeSet<_>>().len(), of().count());
        }
    }

    #[test]
    fn each_cause_comes_before_more_of_its_findings() {
        let results = fixtures::broken();
        let first: Vec<_> =
            issues(&results).into_iter().filter(|it| !it.check.starts_with("run/")).collect();
        let causes = results.groups.iter().map(|group| &group.evidence.requirement);
        let musts = causes
            .filter(|id| results.requirements().any(|it| it.id == **id && results.is_failure(it)));
        for (issue, cause) in first.iter().zip(musts) {
            assert_eq!(issue.check, *cause);
        }
    }
}
