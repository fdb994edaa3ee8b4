//! `hearback load` against the embedded server in its own process.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::{Server, hearback, run, stderr, stdout, write_accounts};

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
duration = "2s"
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
    let scaled = ["load", "--quiet", "--duration-scale", "0.2", "--record", "out.json"];
    let plots = ["--plots", "png=plots/png", "--plots", "svg=plots/svg"];
    let output = run(folder.path(), &[&scaled[..], &plots[..]].concat());
    let record = record(folder.path());
    // The tests' machine may be too busy for the bounds of time; what is counted is exact in any case.
    let account = &record["deliveries"];
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
    assert!(stdout(&output).starts_with("Load on http://127.0.0.1:"), "{}", stdout(&output));
    assert!(matches!(output.status.code(), Some(0 | 1 | 3)));
    for (file, beginning) in [("png/spectrum.png", "\u{89}PNG"), ("svg/rates.svg", "<svg ")] {
        let picture = std::fs::read(folder.path().join("plots").join(file)).unwrap();
        let beginning: Vec<u8> = beginning.chars().map(|letter| letter as u8).collect();
        assert!(picture.starts_with(&beginning), "{file}");
    }
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
            let times = record["deliveries"][count].as_u64().unwrap();
            let met = record["slos"][slo]["met"].as_bool().unwrap();
            let seen = (times > 0, !met);
            let expected = (count == &wrong, count == &wrong);
            assert_eq!(seen, expected, "{wrong}: {count} {times}\n{}", stdout(&output));
        }
        assert!(matches!(output.status.code(), Some(1 | 3)), "{wrong}");
    }
}

/// A run that prints its progress, against `base` or the embedded server, for some periods of two seconds; it has sent
/// for a second.
fn under_way(folder: &Path, base: Option<&str>, times: u32) -> (Child, Vec<String>) {
    let times = times.to_string();
    let mut command = load(folder, &["--duration-scale", &times]);
    if let Some(base) = base {
        write_accounts(&folder.join("accounts.toml"));
        command.args(["--target", base, "--accounts", "accounts.toml"]);
    }
    let without_quiet: Vec<_> =
        command.get_args().filter(|argument| *argument != "--quiet").map(Into::into).collect();
    let mut command = hearback();
    command.current_dir(folder).args::<_, std::ffi::OsString>(without_quiet);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let output = lines_until(&mut process, " sent,");
    (process, output)
}

/// Output of a process up to the line that contains `mark`.
fn lines_until(process: &mut Child, mark: &str) -> Vec<String> {
    let mut output = Vec::new();
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    while let Some(Ok(line)) = lines.next() {
        let is_there = line.contains(mark);
        output.push(line);
        if is_there {
            break;
        }
    }
    // Read to the end, so that the process is not kept from telling.
    std::thread::spawn(move || lines.for_each(drop));
    output
}

#[cfg(unix)]
fn signal(process: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &process.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[cfg(unix)]
#[test]
fn a_generator_that_gets_no_processor_invalidates_its_run_instead_of_blaming_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let (process, _) = under_way(folder.path(), None, 2);
    signal(&process, "-STOP");
    // The stimulus itself: there is nothing to wait for.
    std::thread::sleep(Duration::from_millis(900));
    signal(&process, "-CONT");
    let output = process.wait_with_output().unwrap();
    let record = record(folder.path());
    assert_eq!(output.status.code(), Some(3), "{}", stdout(&output));
    let reason = record["invalid_reasons"][0].as_str().unwrap();
    assert!(reason.contains("the generator fell behind its schedule"), "{reason}");
    assert!(stdout(&output).to_lowercase().contains("invalid"), "{}", stdout(&output));
    // Every message of the schedule was sent all the same.
    assert_eq!(record["sends"], serde_json::json!({"offered": 120, "sent": 120}));
    assert_eq!(record["deliveries"]["lost"], 0);
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_a_record_of_what_was_measured_and_puts_the_rooms_away() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[]);
    let (process, _) = under_way(folder.path(), Some(&server.base), 30);
    signal(&process, "-INT");
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", stdout(&output));
    let record = record(folder.path());
    assert_eq!(record["end"]["status"], "interrupted");
    assert!(record["deliveries"]["received"].as_u64().unwrap() > 0);
    assert_eq!(record["deliveries"]["lost"], 0);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    assert_eq!(runtime.block_on(rooms_left(&server.base)), 0);
}

/// Number of rooms of alice that are not archived.
async fn rooms_left(base: &str) -> usize {
    let client = reqwest::Client::new();
    let account = serde_json::json!({"username": "alice", "password": "alice-password"});
    let tokens = client.post(format!("{base}/token/")).json(&account).send().await.unwrap();
    let tokens: Value = tokens.json().await.unwrap();
    let rooms = client.get(format!("{base}/chat/rooms/"));
    let rooms = rooms.bearer_auth(tokens["access"].as_str().unwrap()).send().await.unwrap();
    let rooms: Value = rooms.json().await.unwrap();
    rooms["results"].as_array().unwrap().len()
}

#[test]
fn a_server_that_dies_half_way_is_named_and_nothing_is_blamed_on_it_that_nobody_saw() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&[]);
    let (process, _) = under_way(folder.path(), Some(&server.base), 30);
    server.process.kill().unwrap();
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", stdout(&output));
    let record = record(folder.path());
    assert_eq!(record["end"]["status"], "aborted");
    let reason = record["end"]["reason"].as_str().unwrap();
    assert!(reason.starts_with("every connection was lost"), "{reason}");
    assert!(record["deliveries"]["received"].as_u64().unwrap() > 0);
    assert_eq!(record["deliveries"]["lost"], 0, "{}", record["deliveries"]);
    assert!(record["errors"]["not_sent"].as_u64().unwrap() > 0);
}

#[test]
fn the_capacity_is_found_where_the_service_levels_end() {
    let folder = tempfile::tempdir().unwrap();
    // Four recipients: 100 messages per second are 400 deliveries.
    let profile = SHORT
        .replace("slos = [", "lag_bound = \"1h\"\nslos = [\"delivered.rate <= 400 /s\", ")
        .replace("drain = \"3s\"", "drain = \"2s\"")
        .replace("connect_rate = 100", "connect_rate = 1000");
    std::fs::write(folder.path().join("mine.toml"), profile).unwrap();
    let arguments = ["load", "--quiet", "--profile", "mine.toml", "--record", "out.json"];
    let search = ["--find-capacity", "--confirmations", "1", "--duration-scale", "0.5"];
    let output = run(folder.path(), &[&arguments[..], &search[..]].concat());
    let record = record(folder.path());
    let capacity = &record["capacity"];
    let end = |name: &str| capacity[name].as_f64().unwrap_or_else(|| panic!("{capacity}"));
    assert!((85.0..=105.0).contains(&end("holds")), "{capacity}");
    assert!((95.0..=120.0).contains(&end("breaks")), "{capacity}");
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}

#[cfg(unix)]
#[test]
fn ctrl_c_between_two_trials_leaves_those_that_were_made() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("short.toml"), SHORT).unwrap();
    let mut command = hearback();
    command.current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.args(["load", "--profile", "short.toml", "--record", "out.json", "--find-capacity"]);
    let mut process = command.args(["--duration-scale", "0.2"]).spawn().unwrap();
    lines_until(&mut process, "Trial 1: 30.0 messages per second: ");
    // The next one lets its accounts in, or has just begun.
    signal(&process, "-INT");
    let output = process.wait_with_output().unwrap();
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("INCOMPLETE: the run was interrupted"), "{text}");
    let record = record(folder.path());
    assert_eq!(record["end"]["status"], "interrupted");
    assert_eq!(record["capacity"]["note"], "the search was stopped");
    assert!(!record["capacity"]["trials"].as_array().unwrap().is_empty(), "{record}");
}

#[test]
fn dry_runs_print_the_plan_and_send_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write_accounts(&folder.path().join("accounts.toml"));
    // No server listens there.
    let target = ["--target", "http://127.0.0.1:9/api", "--accounts", "accounts.toml"];
    std::fs::write(folder.path().join("short.toml"), SHORT).unwrap();
    let arguments = ["load", "--profile", "short.toml", "--dry-run"];
    let output = run(folder.path(), &[&arguments[..], &target[..]].concat());
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", stderr(&output));
    for line in [
        "target       http://127.0.0.1:9/api",
        "rooms        2 of 4 to 4 members",
        "sockets      8, 100 opened per second",
        "members      2 talker, 6 reader",
        "accounts     4 of 6 used, 6 may create rooms; 4 logins",
        "messages     about 60 in total, 30 per second at the peak: about 120 deliveries per second",
        "descriptors  108 of",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!folder.path().join("hearback-runs").exists());
}

#[test]
fn accounts_without_id_log_in_despite_the_key() {
    let folder = tempfile::tempdir().unwrap();
    write_accounts(&folder.path().join("accounts.toml"));
    std::fs::write(folder.path().join("short.toml"), SHORT).unwrap();
    // No server listens there.
    let target = ["--target", "http://127.0.0.1:9/api", "--accounts", "accounts.toml"];
    let arguments = ["load", "--quiet", "--profile", "short.toml", "--jwt-secret-env", "KEY"];
    for (more, said) in [
        (&[][..], "warning: 3 of 4 accounts log in despite --jwt-secret-env"),
        (&["--dry-run"][..], "6 may create rooms; 4 logins, at most 8 at the same time\n"),
        (&["--dry-run"][..], "warning: 3 of 4 accounts log in despite --jwt-secret-env"),
    ] {
        let mut command = hearback();
        command.current_dir(folder.path()).env("KEY", "a key").args(arguments).args(target);
        let output = command.args(more).output().unwrap();
        let text = stdout(&output) + &stderr(&output);
        assert!(text.contains(said), "{said}\n{text}");
    }
}

#[test]
fn impossible_runs_are_rejected_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    write_accounts(&folder.path().join("accounts.toml"));
    std::fs::write(folder.path().join("short.toml"), SHORT).unwrap();
    let large = SHORT.replace("members = 4", "members = 7");
    std::fs::write(folder.path().join("large.toml"), large).unwrap();
    let accounts = ["--accounts", "accounts.toml"];
    let here = ["--target", "http://127.0.0.1:9/api"];
    let cases: [(&[&str], &[&str], i32, &str); 4] = [
        (&["--profile", "smoek"], &[], 2, "unknown profile `smoek`"),
        (&["--profile", "large.toml"], &here, 2, "a room of 7 members requires 7 accounts"),
        (&["--profile", "short.toml"], &here, 3, "nothing listens at http://127.0.0.1:9/api"),
        (
            &["--profile", "short.toml", "--target", "https://chat.example/api"],
            &[],
            2,
            "--allow-load chat.example",
        ),
    ];
    for (profile, target, code, said) in cases {
        let mut arguments = vec!["load", "--quiet", "--timeout", "1"];
        arguments.extend(profile.iter().chain(target));
        if arguments.contains(&"--target") {
            arguments.extend(accounts);
        }
        let output = run(folder.path(), &arguments);
        let text = stderr(&output);
        assert!(text.contains(said), "{arguments:?}\n{text}");
        // A run without measurements saves no record.
        let kept = std::fs::read_dir(folder.path().join("hearback-runs")).into_iter().flatten();
        let records = kept.filter(|it| it.as_ref().unwrap().file_name() != ".gitignore");
        assert_eq!(records.count(), 0, "{arguments:?}");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{text}");
    }
}

#[test]
fn a_record_that_cannot_be_written_is_noticed_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    write_accounts(&folder.path().join("accounts.toml"));
    std::fs::write(folder.path().join("short.toml"), SHORT).unwrap();
    std::fs::write(folder.path().join("out.json"), "of an earlier run").unwrap();
    // No server listens there.
    let target = ["--target", "http://127.0.0.1:9/api", "--accounts", "accounts.toml"];
    let arguments = ["load", "--quiet", "--profile", "short.toml", "--record"];
    let output =
        run(folder.path(), &[&arguments[..], &["out.json/within.json"], &target[..]].concat());
    assert!(stderr(&output).contains("cannot write the record to"), "{}", stderr(&output));
    assert_eq!(output.status.code(), Some(2));
    let output = run(folder.path(), &[&arguments[..], &["out.json"], &target[..]].concat());
    assert_eq!(output.status.code(), Some(3));
    let kept = std::fs::read_to_string(folder.path().join("out.json")).unwrap();
    assert_eq!(kept, "of an earlier run");
    std::fs::write(folder.path().join("empty.json"), "").unwrap();
    let output = run(folder.path(), &["report", "empty.json"]);
    assert!(stderr(&output).contains("empty.json is empty"), "{}", stderr(&output));
    assert_eq!(output.status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn too_few_descriptors_are_reported_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    write_accounts(&folder.path().join("accounts.toml"));
    std::fs::write(folder.path().join("short.toml"), SHORT).unwrap();
    let program = hearback().get_program().to_string_lossy().into_owned();
    let arguments = "load --quiet --profile short.toml --target http://127.0.0.1:9/api --accounts accounts.toml";
    let limited = format!("ulimit -n 100; exec {program} {arguments}");
    let output =
        Command::new("sh").args(["-c", &limited]).current_dir(folder.path()).output().unwrap();
    let text = stderr(&output);
    assert!(
        text.contains("8 sockets need 108 descriptors; this process is limited to 100"),
        "{text}"
    );
    assert_eq!(output.status.code(), Some(2));
}
