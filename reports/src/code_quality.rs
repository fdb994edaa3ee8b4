//! A code quality report for GitLab: a JSON array with an object per issue.
//!
//! GitLab reads a subset of the issues of Code Climate, whose other required members are present as well.

use serde_json::{Value, json};

use crate::issue::{Issue, Severity, issues};
use crate::json;
use crate::style::Style;
use hearback_results::Results;

/// Renders every issue that is not waived. GitLab compares them with those of the target branch by their fingerprints.
pub(crate) fn render(results: &Results, style: Style) -> String {
    let issues = issues(results);
    let listed: Vec<_> = issues.iter().filter(|issue| issue.waived.is_none()).map(entry).collect();
    json::render(&listed, style)
}

fn entry(issue: &Issue) -> Value {
    json!({
        "type": "issue",
        "check_name": issue.check,
        "description": format!("{}: {}", issue.title, issue.text),
        "categories": ["Bug Risk"],
        "severity": match issue.severity {
            Severity::Error => "critical",
            Severity::Warning => "minor",
            Severity::Note => "info",
        },
        "fingerprint": issue.fingerprint,
        "location": { "path": issue.place.file, "lines": { "begin": issue.place.line } },
    })
}
