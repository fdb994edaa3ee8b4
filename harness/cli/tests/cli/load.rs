//! `hearback load` against the embedded server in its own process.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{hearback, run, stderr, stdout};

/// Two seconds: two rooms with one talker each.
const SHORT: &str = r#"
description = "Short."
warm_up = "0s"
drain = "3s"
connect_rate = 100
slos = ["lost = 0", "duplicate = 0", "out_of_order = 0", "leaked = 0"]
[[rooms]]
count = 2
members = 4
[personas]
talker = { weight = 1 }
reader = { weight = 3 }
[[phase]]
kind = "constant"
rate = 30
for = "2s"
"#;

fn load(folder: &Path, arguments: &[&str]) -> Command {
    std::fs::write(folder.join("short.toml"), SHORT).unwrap();
    let mut command = hearback();
    command
        .current_dir(folder)
        .args(["load", "--quiet", "--profile", "short.toml", "--record", "out.json"])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn record(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("out.json")).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn the_smoke_profile_loses_nothing_on_the_embedded_server() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["load", "--quiet", "--duration-scale", "0.2", "--record", "out.json"];
    let output = run(folder.path(), &arguments);
    let record = record(folder.path());
    // The tests' machine may be too busy for the bounds of time; what is counted is exact in any case.
    let account = &record["account"];
    assert_eq!(record["connections"]["opened"], 44, "{}", stderr(&output));
    assert!(record["sends"]["sent"].as_u64().unwrap() > 40);
    assert_eq!(record["sends"]["sent"], record["sends"]["offered"]);
    assert_eq!(account["received"], account["expected"]);
    for nothing in ["lost", "duplicate", "out_of_order", "leaked", "foreign"] {
        assert_eq!(account[nothing], 0, "{nothing}");
    }
    assert_eq!(record["sample"]["broken"], serde_json::json!([]));
    assert!(record["sample"]["held"].as_u64().unwrap() > 20);
    // Nothing of goose's own stands before the report.
    assert!(stdout(&output).starts_with("Loaded http://127.0.0.1:"), "{}", stdout(&output));
    assert!(matches!(output.status.code(), Some(0 | 1 | 3)));
}

#[test]
fn what_the_server_does_wrong_is_counted_as_what_it_is() {
    let cases = [
        ("socket/loses-messages-to-others", "lost"),
        ("delivery/repeats-messages", "duplicate"),
        ("delivery/leaks-to-another-room", "leaked"),
        ("order/every-third-is-late", "out_of_order"),
    ];
    let runs = cases.map(|(fault, wrong)| {
        let folder = tempfile::tempdir().unwrap();
        let process = load(folder.path(), &["--fault", fault]).spawn().unwrap();
        (folder, process, wrong)
    });
    for (folder, process, wrong) in runs {
        let output = process.wait_with_output().unwrap();
        let record = record(folder.path());
        for (count, slo) in ["lost", "duplicate", "out_of_order", "leaked"].iter().zip(0..) {
            let times = record["account"][count].as_u64().unwrap();
            let met = record["slos"][slo]["met"].as_bool().unwrap();
            let seen = (times > 0, !met);
            let expected = (count == &wrong, count == &wrong);
            assert_eq!(seen, expected, "{wrong}: {count} {times}\n{}", stdout(&output));
        }
        assert!(matches!(output.status.code(), Some(1 | 3)), "{wrong}");
    }
}
