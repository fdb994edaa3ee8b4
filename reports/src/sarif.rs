//! SARIF 2.1.0 for code scanning: a rule per requirement and a result per finding.
//!
//! Problems of the run itself, such as a failed expectation of a scenario, have rules of their own.

use hearback_contract::{Level, specification};
use hearback_results::{Basis, RequirementResult, Results};
use serde_json::{Value, json};

use crate::issue::{Issue, RUN_CHECKS, Severity, issues};
use crate::requirement::source;
use crate::shown::shown;
use crate::style::Style;
use crate::{json, words};

/// The schema that the report conforms to.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The name of the fingerprint; the number grows when its parts change.
const FINGERPRINT: &str = "hearback/v1";

/// Renders one run with all requirements that were checked as rules.
pub(crate) fn render(results: &Results, style: Style) -> String {
    let rules: Vec<_> = (results.requirements().map(rule))
        .chain(RUN_CHECKS.iter().map(|check| {
            json!({
                "id": check.id,
                "shortDescription": { "text": check.statement },
                "help": { "text": check.statement },
                "helpUri": env!("CARGO_PKG_REPOSITORY"),
                "defaultConfiguration": { "level": level(Severity::Error) },
                "properties": { "tags": ["run"] },
            })
        }))
        .collect();
    let position = |issue: &Issue| rules.iter().position(|rule| rule["id"] == *issue.check);
    let has_baseline = results.changes.is_some();
    let found: Vec<_> =
        issues(results).iter().map(|issue| result(issue, position(issue), has_baseline)).collect();
    let report = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "hearback",
                "version": shown(&results.hearback_version),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            } },
            "automationDetails": { "id": "hearback/check/" },
            "invocations": [invocation(results)],
            "results": found,
            "columnKind": "unicodeCodePoints",
            "properties": {
                "outcome": results.outcome,
                "target": results.target.as_deref().map(shown),
                "run": results.run.as_deref().map(shown),
                "seed": results.seed,
                "contract": results.contract,
                "counts": results.counts,
            },
        }],
    });
    json::render(&report, style)
}

fn invocation(results: &Results) -> Value {
    let mut invocation = json!({
        "executionSuccessful": results.is_complete(),
        "exitCode": results.exit_status().code(),
        "exitCodeDescription": words::verdict(results, shown),
    });
    // Only a time as the schema demands it; a stored report may hold any text.
    let started =
        results.started_at.as_deref().filter(|text| text.parse::<jiff::Timestamp>().is_ok());
    if let Some(started) = started {
        invocation["startTimeUtc"] = json!(started);
    }
    invocation
}

fn rule(requirement: &RequirementResult) -> Value {
    let (basis, quoted) = match &requirement.basis {
        Basis::Quote(text) => (text, "The specification states or shows it"),
        Basis::Reason(text) => (text, "Not stated by the specification"),
        Basis::Contract(text) => (text, "Added by the contract"),
    };
    let mut help = format!(
        "{}\n\n{}. {quoted}: {}",
        shown(&requirement.statement),
        source(requirement),
        shown(basis)
    );
    if let Some(protects) = &requirement.protects {
        help.push_str(&format!("\n\nProtects: {}", shown(protects)));
    }
    let family = requirement.id.split('/').next().unwrap_or_default();
    json!({
        "id": shown(&requirement.id),
        "shortDescription": { "text": shown(&requirement.statement) },
        "fullDescription": { "text": shown(&requirement.statement) },
        "help": { "text": help },
        "helpUri": format!(
            "{}/blob/main/schemas/aristay-chat-api.md#{}",
            env!("CARGO_PKG_REPOSITORY"),
            specification::anchor(&requirement.section)
        ),
        "defaultConfiguration": { "level": match requirement.level {
            Level::Must => level(Severity::Error),
            Level::Should => level(Severity::Warning),
            Level::Note => level(Severity::Note),
        } },
        "properties": { "tags": [shown(family), requirement.level], "state": requirement.state },
    })
}

fn result(issue: &Issue, rule: Option<usize>, has_baseline: bool) -> Value {
    let mut location = json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&issue.place.file) },
        "region": { "startLine": issue.place.line },
    } });
    if let Some(interface) = &issue.interface {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": interface }]);
    }
    let mut result = json!({
        "ruleId": issue.check,
        "level": level(issue.severity),
        "message": { "text": issue.text },
        "locations": [location],
        "partialFingerprints": { FINGERPRINT: issue.fingerprint },
    });
    if let Some(rule) = rule {
        result["ruleIndex"] = json!(rule);
    }
    if !issue.is_certain {
        // SARIF has a level only for failures.
        result["kind"] = json!("review");
        result["level"] = json!("none");
    }
    if let Some(reason) = &issue.waived {
        result["suppressions"] =
            json!([{ "kind": "external", "status": "accepted", "justification": reason }]);
    }
    if has_baseline {
        result["baselineState"] = json!(if issue.is_known { "unchanged" } else { "new" });
    }
    result
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// The path of a file as a relative URI.
fn uri(path: &str) -> String {
    const UNRESERVED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'/')
        .remove(b'.')
        .remove(b'-')
        .remove(b'_')
        .remove(b'~');
    percent_encoding::utf8_percent_encode(path, UNRESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    fn rendered(results: &Results) -> Value {
        serde_json::from_str(&render(results, Style::default())).unwrap()
    }

    #[test]
    fn results_refer_to_their_rules() {
        for results in fixtures::all().into_iter().chain([fixtures::hostile()]) {
            let report = rendered(&results);
            let run = &report["runs"][0];
            for result in run["results"].as_array().unwrap() {
                let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
            }
        }
    }

    #[test]
    fn rules_link_to_their_section() {
        let report = rendered(&fixtures::broken());
        let rules = report["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        let walk = rules.iter().find(|rule| rule["id"] == "page/walk-while-writing").unwrap();
        let link = walk["helpUri"].as_str().unwrap();
        let (_, anchor) = link.rsplit_once('#').unwrap();
        assert!(
            anchor.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_".contains(&byte)),
            "{link}"
        );
        assert_eq!(walk["defaultConfiguration"]["level"], "warning");
    }

    #[test]
    fn waived_findings_are_suppressed() {
        let report = rendered(&fixtures::waived());
        let results = report["runs"][0]["results"].as_array().unwrap();
        let waived = results.iter().find(|it| it["ruleId"] == "page/walk-while-writing").unwrap();
        let justification = waived["suppressions"][0]["justification"].as_str().unwrap();
        assert!(justification.starts_with("new messages shift the offsets of pages"));
    }
}
