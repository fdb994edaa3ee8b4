//! Lists, explanations and schemas.

use std::collections::HashSet;

use hearback_contract::RequirementId;
use hearback_mutants::FAULTS;

use crate::support::{run, stderr, stdout};

#[test]
fn explanations_name_section_scenarios_and_faults() {
    let folder = tempfile::tempdir().unwrap();
    let text = stdout(&run(folder.path(), &["explain", "socket/typing-not-to-typist"]));
    for part in ["Typing Indicator (Bidirectional)", "socket/typing", "Check:", "Faults"] {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
}

#[test]
fn lists_have_all_rows() {
    let folder = tempfile::tempdir().unwrap();
    let text = stdout(&run(folder.path(), &["list", "requirements"]));
    assert_eq!(text.lines().count(), RequirementId::all().count());
    let json = stdout(&run(folder.path(), &["list", "faults", "--format", "json"]));
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(rows.len(), FAULTS.len());
}

#[test]
fn everything_listed_can_be_explained() {
    let folder = tempfile::tempdir().unwrap();
    let mut explain = vec!["explain".to_owned()];
    for (registry, key) in [
        ("requirements", "id"),
        ("operations", "id"),
        ("events", "type"),
        ("faults", "id"),
        ("weather", "kind"),
        ("ambiguities", "id"),
    ] {
        let json = stdout(&run(folder.path(), &["list", registry, "--format", "json"]));
        let rows: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
        assert!(rows.len() > 5, "{registry}: {}", rows.len());
        explain.extend(rows.iter().map(|row| row[key].as_str().unwrap().to_owned()));
    }
    let arguments: Vec<_> = explain.iter().map(String::as_str).collect();
    let output = run(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let explained: HashSet<_> = stdout(&output)
        .lines()
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect();
    let missing: Vec<_> = explain[1..].iter().filter(|id| !explained.contains(*id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn schemas_are_exported() {
    let folder = tempfile::tempdir().unwrap();
    for (what, member) in [
        ("openapi", "paths"),
        ("asyncapi", "channels"),
        ("report", "$schema"),
        ("load", "$schema"),
        ("comparison", "$schema"),
        ("calibration", "$schema"),
        ("scenario", "$schema"),
    ] {
        let json = stdout(&run(folder.path(), &["schema", "export", what]));
        let document: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert!(document.get(member).is_some(), "{what}");
    }
}

#[test]
fn docs_and_help_give_the_same_numbers_of_requests() {
    let docs = include_str!("../../../../docs/checking.md");
    let folder = tempfile::tempdir().unwrap();
    let help = stdout(&run(folder.path(), &["check", "--help"]));
    for (depth, requests) in [("quick", "900"), ("standard", "2,400"), ("deep", "10,000")] {
        let line = help.lines().find(|line| line.trim_start().starts_with(&format!("- {depth}:")));
        assert!(line.is_some_and(|line| line.contains(requests)), "{depth}: {line:?}");
        let line = docs.lines().find(|line| line.contains("`--depth quick` adds")).unwrap();
        assert!(line.contains(requests), "{line}");
    }
}
