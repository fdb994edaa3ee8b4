//! Runs that end early leave a partial report.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{Server, hearback, write_accounts};

/// A check against `base`, one scenario after the other.
fn check_of(folder: &Path, base: &str) -> Command {
    write_accounts(&folder.join("accounts.toml"));
    let mut command = hearback();
    command
        .current_dir(folder)
        .args(["check", "--target", base, "--accounts", "accounts.toml"])
        .args(["--journal", "run.jsonl", "--report", "json=out.json", "--concurrency", "1"])
        .args(["--timeout", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Waits until the journal has this many started scenarios.
fn wait_for_scenarios(folder: &Path, scenarios: usize) {
    let begun = || {
        std::fs::read_to_string(folder.join("run.jsonl"))
            .map(|text| text.matches("scenario_started").count())
            .unwrap_or(0)
    };
    while begun() < scenarios {
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn report(folder: &Path) -> serde_json::Value {
    let text = std::fs::read_to_string(folder.join("out.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_target_that_disappears_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&[]);
    let process = check_of(folder.path(), &server.base).spawn().unwrap();
    wait_for_scenarios(folder.path(), 12);
    server.process.kill().unwrap();
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stderr);
    let mut reasons: Vec<_> =
        said.lines().filter_map(|line| line.split_once(": stopped: ")).collect();
    let scenarios = reasons.len();
    reasons.sort_by_key(|(_, reason)| *reason);
    reasons.dedup_by_key(|(_, reason)| *reason);
    assert_eq!(reasons.len(), scenarios, "a reason is printed more than once\n{said}");
    assert!(said.contains(" more scenarios stopped: "), "{said}");
    let report = report(folder.path());
    assert_eq!(report["outcome"], "unfinished");
    assert!(report["end"].to_string().contains("the target is gone"), "{}", report["end"]);
    assert!(report["counts"]["held"].as_u64().unwrap() > 0);
    assert!(report["counts"]["not_exercised"].as_u64().unwrap() > 0);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_run_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[]);
    let mut process = check_of(folder.path(), &server.base).spawn().unwrap();
    wait_for_scenarios(folder.path(), 5);
    let pid = process.id().to_string();
    let sent = std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());
    let lines: Vec<_> =
        BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok).collect();
    assert_eq!(process.wait().unwrap().code(), Some(3), "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("Stopping: ")), "{lines:#?}");
    let report = report(folder.path());
    assert!(report["end"].to_string().contains("interrupted"), "{}", report["end"]);
    // Every room of the run is archived.
    let journal = std::fs::read_to_string(folder.path().join("run.jsonl")).unwrap();
    let count = |operation: &str| {
        let invoked = |line: &&str| line.contains("\"invoked\"") && line.contains(operation);
        journal.lines().filter(invoked).count()
    };
    assert!(count("\"rooms.create\"") > 0);
    assert!(count("\"rooms.archive\"") > 0);
}

#[cfg(unix)]
#[test]
fn interrupted_fuzzing_reports_its_results() {
    let folder = tempfile::tempdir().unwrap();
    let process = hearback()
        .current_dir(folder.path())
        .args(["fuzz", "--duration", "10m", "--journal", "run.jsonl", "--report", "json=out.json"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // More than one batch, so that the first one is checked and dropped.
    wait_for_scenarios(folder.path(), 100);
    let pid = process.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    let report = report(folder.path());
    assert!(report["end"].to_string().contains("interrupted"), "{}", report["end"]);
    assert_eq!(report["outcome"], "unfinished");
    assert!(report["counts"]["held"].as_u64().unwrap() > 50, "{}", report["counts"]);
    assert!(report["traffic"]["calls"].as_u64().unwrap() > 500, "{}", report["traffic"]);
}
