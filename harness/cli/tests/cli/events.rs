//! Events of a run as lines of JSON, and the script of a finding.

use serde_json::Value;

use crate::support::{run, stderr, stdout};

/// A run that tests one requirement, which a fault breaks.
const BROKEN: [&str; 9] = [
    "check",
    "--only",
    "room/archive",
    "--fault",
    "room/archive-says-active",
    "--cases",
    "0",
    "--fail-on",
    "should",
];

#[test]
fn events_are_printed_as_they_happen_and_the_outcome_last() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &[&BROKEN[..], &["--quiet", "--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let lines: Vec<Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |event: &str| lines.iter().filter(|line| line["event"] == event).collect::<Vec<_>>();
    assert_eq!(lines[0]["event"], "run_started");
    assert!(!of("scenario_started").is_empty());
    assert_eq!(of("scenario_started").len(), of("scenario_ended").len());
    assert!(of("finding").iter().any(|finding| finding["requirement"] == "room/archive"));
    assert_eq!(of("requirement").len(), 1, "{:?}", of("requirement"));
    assert_eq!(lines.last().unwrap()["exit_code"], 1);

    let script = run(folder.path(), &["replay", &name(&lines), "room/archive", "--script"]);
    assert_eq!(script.status.code(), Some(0), "{}", stderr(&script));
    let script = stdout(&script);
    assert!(script.starts_with("#!/usr/bin/env bash\n"), "{script}");
    assert!(script.contains("/archive/"), "{script}");
}

/// The name of the run.
fn name(lines: &[Value]) -> String {
    lines[0]["run"].as_str().unwrap().to_owned()
}

#[test]
fn a_run_without_results_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let unreachable = ["--target", "http://127.0.0.1:1/api", "--accounts", "accounts.toml"];
    crate::support::write_accounts(&folder.path().join("accounts.toml"));
    let options = [&["check", "--quiet", "--format", "json"], &unreachable[..]].concat();
    let output = run(folder.path(), &options);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let text = stdout(&output);
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(last["event"], "run_failed");
}

#[test]
fn events_and_a_report_cannot_both_be_printed() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["check", "--format", "json", "--report", "html=-"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--format json and a report with the path `-` both print"));
}
