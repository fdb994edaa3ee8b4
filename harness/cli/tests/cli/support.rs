//! Starting the binary, and servers made with it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

/// The binary, without the environment's say in how it prints.
pub(crate) fn hearback() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("hearback"));
    for name in ["NO_COLOR", "COLUMNS", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"] {
        command.env_remove(name);
    }
    command
}

/// Runs the binary in `folder` to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    hearback().current_dir(folder).args(arguments).output().expect("the binary starts")
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// The name of the run that a text report states.
pub(crate) fn run_name(report: &str) -> &str {
    report.split_once("\nrun ").and_then(|(_, rest)| rest.split(',').next()).expect("a name")
}

/// Runs `check` with a JSON report on standard output.
pub(crate) fn check(folder: &Path, arguments: &[&str]) -> (Value, i32) {
    let mut all = vec!["check", "--quiet", "--report", "json=-"];
    all.extend(arguments);
    let output = run(folder, &all);
    let code = output.status.code().expect("an exit code");
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("no report ({error}); exit code {code}\n{}\n{}", stdout(&output), stderr(&output))
    });
    (report, code)
}

/// Every requirement of a report.
pub(crate) fn requirements(report: &Value) -> Vec<&Value> {
    report["families"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|family| family["requirements"].as_array().into_iter().flatten())
        .collect()
}

/// Ids of the requirements in one state.
pub(crate) fn in_state<'a>(report: &'a Value, state: &str) -> Vec<&'a str> {
    requirements(report)
        .into_iter()
        .filter(|requirement| requirement["state"] == state)
        .filter_map(|requirement| requirement["id"].as_str())
        .collect()
}

/// A server of its own process; ended when dropped.
pub(crate) struct Server {
    pub(crate) process: Child,
    pub(crate) base: String,
    _output: BufReader<ChildStdout>,
}

impl Server {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut process = hearback()
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut output = BufReader::new(process.stdout.take().expect("a pipe"));
        let mut line = String::new();
        output.read_line(&mut line).expect("the server says where it is");
        let base = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .unwrap_or_else(|| panic!("no URL in {line:?}"))
            .trim_end_matches(',')
            .to_owned();
        Self { process, base, _output: output }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// An accounts file for the server's own accounts.
pub(crate) fn write_accounts(path: &Path) {
    let accounts: String = ["alice", "bob", "carol", "dave", "erin", "frank"]
        .iter()
        .map(|name| {
            format!("[[account]]\nusername = \"{name}\"\npassword = \"{name}-password\"\n\n")
        })
        .collect();
    std::fs::write(path, accounts).expect("the accounts file is written");
}

/// Two accounts in one room, for a second.
pub(crate) const TWO: &str = r#"
description = "Two."
warm_up = "0s"
drain = "1s"
slos = ["lost = 0"]
[[rooms]]
count = 1
members = 2
[personas]
talker = { weight = 1 }
[[phase]]
kind = "constant"
rate = 1
duration = "1s"
"#;
