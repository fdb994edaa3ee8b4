//! Lists, explanations and schemas.

use hearback_contract::RequirementId;
use hearback_mutants::FAULTS;

use crate::support::{run, stdout};

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
