//! Output in GitHub Actions.

use std::process::Output;

use tempfile::TempDir;

use crate::support::{hearback, stderr, stdout};

const CHECK: [&str; 10] = [
    "check",
    "--quiet",
    "--cases",
    "0",
    "--only",
    "room/archive",
    "--fault",
    "room/archive-says-active",
    "--fail-on",
    "should",
];

fn in_actions(folder: &TempDir, arguments: &[&str]) -> (Output, String) {
    let summary = folder.path().join("summary.md");
    let output = hearback()
        .current_dir(folder.path())
        .args(arguments)
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .unwrap();
    (output, std::fs::read_to_string(summary).unwrap_or_default())
}

#[test]
fn a_step_is_annotated_and_summarized() {
    let folder = tempfile::tempdir().unwrap();
    let (output, summary) = in_actions(&folder, &CHECK);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    let lines: Vec<_> = text.lines().collect();
    let token = lines[0].strip_prefix("::stop-commands::").unwrap();
    let end = lines.iter().position(|line| *line == format!("::{token}::")).unwrap();
    assert!(lines[1..end].iter().all(|line| !line.trim_start().starts_with("::")), "{text}");
    let annotations = &lines[end + 1..];
    assert!(annotations[0].starts_with("::error title=should room/archive"), "{text}");
    assert!(annotations[0].contains(",file=hearback.toml,line=1::"), "{text}");
    assert!(summary.starts_with("### hearback: broken\n"), "{summary}");
    let again = in_actions(&folder, &CHECK).1;
    assert_eq!(again.matches("### hearback: broken\n").count(), 2, "summaries of a step add up");
}

#[test]
fn a_report_on_standard_output_stays_whole() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [&CHECK[..], &["--report", "json=-"]].concat();
    let (output, _) = in_actions(&folder, &arguments);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["outcome"], "broken");
    assert!(stderr(&output).contains("::error title=should room/archive"), "{}", stderr(&output));
}

#[test]
fn a_run_that_cannot_start_is_annotated() {
    let folder = tempfile::tempdir().unwrap();
    let accounts = "[[account]]\nusername = \"alice\"\npassword = \"x\"\n";
    std::fs::write(folder.path().join("accounts.toml"), accounts).unwrap();
    let target = ["--target", "http://127.0.0.1:1/api", "--accounts", "accounts.toml"];
    let (output, summary) = in_actions(&folder, &[&["check", "--quiet"], &target[..]].concat());
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("::error title=the run did not finish"),
        "{}",
        stderr(&output)
    );
    assert!(summary.starts_with("### hearback: unfinished\n"), "{summary}");
}
