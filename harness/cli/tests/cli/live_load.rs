//! Load runs that are watched while they go on, and that end when a service level is missed.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::support::{hearback, run, stderr, stdout};

/// A minute in which 30 messages per second are due.
const LONG: &str = r#"
description = "Long."
warm_up = "0s"
late_after = "500ms"
slos = ["duplicate = 0", { slo = "lost = 0", abort_on_fail = true, delay = "1s" }]
[[rooms]]
count = 2
members = 4
[personas]
talker = { weight = 1 }
[[phase]]
kind = "constant"
rate = 30
duration = "60s"
"#;

#[test]
fn a_missed_service_level_ends_the_run() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("long.toml"), LONG).unwrap();
    let options = ["--profile", "long.toml", "--fault", "socket/loses-messages-to-others"];
    let junit = ["--record", "out.json", "--report", "junit=out.xml"];
    let arguments = [&["load", "--quiet"][..], &options, &junit].concat();
    let output = run(folder.path(), &arguments);
    let record = std::fs::read_to_string(folder.path().join("out.json")).unwrap();
    let record: Value = serde_json::from_str(&record).unwrap();
    assert_eq!(record["aborted_by"]["slo"], "lost = 0", "{}", stdout(&output));
    assert!(record["sends"]["sent"].as_u64().unwrap() < 1_800);
    assert_eq!(record["slos"][1]["met"], false);
    assert!(stdout(&output).contains("`lost = 0` was missed"), "{}", stdout(&output));
    let junit = std::fs::read_to_string(folder.path().join("out.xml")).unwrap();
    // A machine without processor time for the generator makes the run invalid.
    match output.status.code() {
        Some(1) => assert!(junit.contains("failures=\"1\""), "{junit}"),
        code => assert_eq!(code, Some(3), "{}", stderr(&output)),
    }
}

#[test]
fn measurements_of_each_second_are_streamed() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--duration-scale", "0.2", "--record", "out.json", "--stream", "-"];
    let output = run(folder.path(), &[&["load", "--quiet"], &arguments[..]].concat());
    let lines: Vec<Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let record = std::fs::read_to_string(folder.path().join("out.json")).unwrap();
    let record: Value = serde_json::from_str(&record).unwrap();
    let sent: u64 = lines.iter().map(|line| line["sent"].as_u64().unwrap()).sum();
    assert_eq!(record["sends"]["sent"], sent);
    assert!(lines.iter().any(|line| line["delivery"]["samples"].as_u64() > Some(0)), "{lines:#?}");
}

#[test]
fn the_dashboard_shows_the_run_and_becomes_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["load", "--duration-scale", "0.3", "--dashboard", "127.0.0.1:0"];
    let mut command = hearback();
    command.current_dir(folder.path()).args(arguments);
    let mut load = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(load.stderr.take().unwrap()).lines().map_while(Result::ok);
    let url = lines.find_map(|line| line.strip_prefix("Dashboard at ").map(str::to_owned)).unwrap();
    // What else it says must not fill the pipe.
    let rest = std::thread::spawn(move || lines.for_each(drop));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (page, updates) = runtime.block_on(async {
        let page = reqwest::get(&url).await.unwrap().text().await.unwrap();
        let updates = reqwest::get(format!("{url}updates")).await.unwrap();
        assert_eq!(updates.headers()["content-type"], "text/event-stream");
        (page, updates.text().await.unwrap())
    });
    assert!(page.contains("RUNNING: "), "{page}");
    let names: Vec<_> = updates.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert!(names.len() > 2, "{names:?}");
    assert!(names[..names.len() - 1].iter().all(|name| *name == "page"), "{names:?}");
    assert_eq!(names.last(), Some(&"report"));
    assert!(updates.contains("Last second") && updates.contains("Offered and achieved"));
    let verdict = ["MET: ", "NOT MET: ", "INVALID: "].iter().any(|it| updates.contains(it));
    assert!(verdict, "the report has no verdict");
    assert!(load.wait().unwrap().code().is_some());
    rest.join().unwrap();
}
