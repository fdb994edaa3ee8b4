//! What can be listed and explained.

use hearback_contract::{RequirementId, operation::OPERATIONS};
use hearback_mutants::FAULTS;

use crate::support::{run, stdout};

#[test]
fn everything_listed_can_be_explained() {
    let folder = tempfile::tempdir().unwrap();
    let first = RequirementId::all().next().unwrap();
    for id in [first.as_str(), OPERATIONS[0].id, FAULTS[0].id.as_str(), "rest-reply-to"] {
        let output = run(folder.path(), &["explain", id]);
        assert_eq!(output.status.code(), Some(0), "{id}");
        assert!(stdout(&output).starts_with(id), "{}", stdout(&output));
    }
}

#[test]
fn an_explanation_names_section_scenarios_and_faults() {
    let folder = tempfile::tempdir().unwrap();
    let text = stdout(&run(folder.path(), &["explain", "socket/typing-not-to-typist"]));
    for part in ["Typing Indicator (Bidirectional)", "socket/typing", "What is checked", "Faults"] {
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
fn completions_name_the_commands() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = stdout(&run(folder.path(), &["completions", "bash"]));
    assert!(scenario.contains("explain"));
}

#[test]
fn readme_and_help_give_the_same_numbers_of_requests() {
    let readme = include_str!("../../../../README.md");
    let folder = tempfile::tempdir().unwrap();
    let help = stdout(&run(folder.path(), &["check", "--help"]));
    for (depth, requests) in [("quick", "900"), ("standard", "2,400"), ("deep", "10,000")] {
        let line = help.lines().find(|line| line.trim_start().starts_with(&format!("- {depth}:")));
        assert!(line.is_some_and(|line| line.contains(requests)), "{depth}: {line:?}");
        let readme = readme.lines().find(|line| line.contains("`--depth quick` adds")).unwrap();
        assert!(readme.contains(requests), "{readme}");
    }
}
