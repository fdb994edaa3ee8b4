//! Every signal in every phase of a run, and in every command that acts on a target.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Server, TWO, hearback, run, stderr, stdout};

const SIGNALS: [&str; 4] = ["-INT", "-TERM", "-HUP", "-QUIT"];

/// Maximum duration from the signal to the end of the process.
const LONGEST_END: Duration = Duration::from_secs(30);

/// Runs at the same time.
const CONCURRENCY: usize = 8;

const ACCOUNTS: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// The only admin left cannot be seen by the creator, so that the cleanup has to search for one.
const MUTINY: &str = "title: Mutiny\nrequirements: [participant/remove]\nactors: [alice, bob]\n\
    room: group\nmembers: [bob]\nsteps:\n  \
    - { alice: participants.add, body: { room: '{room.id}', user: '{bob.id}', is_admin: true } }\n  \
    - { alice: rooms.leave, at: '{room.id}' }\n";

/// Reports of a run, which exist however it ends.
const REPORTS: [&str; 4] = ["--report", "json=out.json", "--report", "junit=out.xml"];

/// The sign that a phase has begun.
#[derive(Clone, Copy)]
enum Sign {
    /// A part of `run.jsonl`.
    Journal(&'static str),
    /// A part of standard error.
    Stderr(&'static str),
}

/// A command, and the phase in which it is interrupted.
struct Phase {
    name: &'static str,
    command: &'static [&'static str],
    sign: Sign,
    signals: &'static [&'static str],
    /// Exit code: the run could not finish, unless it has found something.
    code: i32,
    /// Files that it writes however it ends.
    files: &'static [&'static str],
}

const CHECKED: &[&str] = &["out.json", "out.xml", "run.jsonl"];

#[rustfmt::skip]
const PHASES: [Phase; 9] = [
    Phase { name: "login", command: &["check", "--only", "input/valid-accepted"],
        sign: Sign::Journal("\"operation\":\"token.obtain\""), signals: &SIGNALS, code: 3, files: CHECKED },
    Phase { name: "scenarios", command: &["check", "--only", "room", "--cases", "0"],
        sign: Sign::Journal("\"event\":\"scenario_started\""), signals: &SIGNALS, code: 3, files: CHECKED },
    Phase { name: "generated cases", command: &["check", "--only", "input/valid-accepted", "--seed", "7"],
        sign: Sign::Journal("\"scenario\":\"generated/"), signals: &SIGNALS, code: 3, files: CHECKED },
    Phase { name: "confirmation", command: &["check", "--only", "input/valid-accepted", "--seed", "7"],
        sign: Sign::Journal("\"event\":\"reproducing\""), signals: &SIGNALS, code: 1, files: CHECKED },
    Phase { name: "cleanup", command: &["scenario", "run", "mutiny.yaml"],
        sign: Sign::Journal("\"scenario\":\"cleanup\""), signals: &SIGNALS, code: 3, files: CHECKED },
    Phase { name: "fuzz", command: &["fuzz", "--only", "room", "--duration", "5m"],
        sign: Sign::Journal("\"event\":\"scenario_started\""), signals: &["-INT", "-TERM"], code: 3, files: CHECKED },
    Phase { name: "replay", command: &["replay", "found.jsonl", "1", "--journal", "run.jsonl"],
        sign: Sign::Journal("\"event\":\"scenario_started\""), signals: &["-INT", "-TERM"],
        code: 3, files: &["run.jsonl"] },
    Phase { name: "prove", command: &["prove", "--log", "hearback_runner=info"],
        sign: Sign::Stderr("run started"), signals: &["-INT", "-TERM"], code: 3, files: &[] },
    Phase { name: "load", command: &["load", "--profile", "long.toml", "--record", "record.json"],
        sign: Sign::Stderr("delivered"), signals: &["-INT", "-TERM"],
        code: 3, files: &["out.json", "out.html", "record.json"] },
];

fn write_files(folder: &Path) {
    let account =
        |name| format!("[[account]]\nusername = \"{name}\"\npassword = \"{name}-password\"\n");
    let accounts: String = ACCOUNTS.map(account).concat();
    std::fs::write(folder.join("accounts.toml"), accounts).unwrap();
    std::fs::write(folder.join("mutiny.yaml"), MUTINY).unwrap();
    let long = TWO.replace("duration = \"1s\"", "duration = \"5m\"");
    std::fs::write(folder.join("long.toml"), long).unwrap();
}

/// A run with a finding of a shipped scenario.
fn write_finding(folder: &Path, base: &str) {
    let check = ["check", "--quiet", "--only", "room/stats", "--cases", "0", "--journal"];
    let target = ["found.jsonl", "--target", base, "--accounts", "accounts.toml"];
    let output = run(folder, &[&check[..], &target].concat());
    assert_eq!(output.status.code(), Some(1), "{}{}", stdout(&output), stderr(&output));
}

/// Interrupts a command in a phase; gives the reason why it did not end in order.
fn interrupt(phase: &Phase, signal: &str, base: &str, found: &Path) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_files(folder);
    let mut command = hearback();
    command.current_dir(folder).args(phase.command);
    match phase.name {
        "replay" => {
            std::fs::copy(found, folder.join("found.jsonl")).unwrap();
            command.args(["--target", base, "--accounts", "accounts.toml"]);
        }
        "prove" => {}
        name => {
            command.args(["--target", base, "--accounts", "accounts.toml"]);
            match name {
                "load" => command.args(["--report", "json=out.json", "--report", "html=out.html"]),
                _ => command.args(REPORTS).args(["--journal", "run.jsonl"]),
            };
        }
    }
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
    match phase.sign {
        Sign::Stderr(sign) => {
            if !lines.any(|line| line.contains(sign)) {
                process.wait().unwrap();
                return Err("it ended before the phase".to_owned());
            }
        }
        Sign::Journal(sign) => {
            let journal = || std::fs::read_to_string(folder.join("run.jsonl")).unwrap_or_default();
            while !journal().contains(sign) {
                if process.try_wait().unwrap().is_some() {
                    return Err(format!(
                        "it ended before the phase:\n{:#?}",
                        lines.collect::<Vec<_>>()
                    ));
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
    let pid = process.id().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    let sent = Instant::now();
    let rest: Vec<_> = lines.collect();
    let code = process.wait().unwrap().code();
    if code != Some(phase.code) || sent.elapsed() > LONGEST_END {
        return Err(format!("exit code {code:?} after {:?}:\n{rest:#?}", sent.elapsed()));
    }
    if !rest.iter().any(|line| line.starts_with("Stopping: ")) {
        return Err(format!("no message:\n{rest:#?}"));
    }
    for file in phase.files {
        let text =
            std::fs::read_to_string(folder.join(file)).map_err(|it| format!("{file}: {it}"))?;
        if !["interrupted", "stopped before anything was tested"].iter().any(|it| text.contains(it))
        {
            return Err(format!("{file} does not say that the run was interrupted:\n{text}"));
        }
    }
    Ok(())
}

/// Names of the rooms that are active for any account.
async fn active_rooms(base: &str) -> Vec<String> {
    let http = reqwest::Client::new();
    let mut rooms = Vec::new();
    for name in ACCOUNTS {
        let body = json!({"username": name, "password": format!("{name}-password")}).to_string();
        let login = http.post(format!("{base}/token/")).header("Content-Type", "application/json");
        let tokens = login.body(body).send().await.unwrap().text().await.unwrap();
        let tokens: Value = serde_json::from_str(&tokens).unwrap();
        let list = http.get(format!("{base}/chat/rooms/"));
        let list = list.bearer_auth(tokens["access"].as_str().unwrap());
        let list = list.send().await.unwrap().text().await.unwrap();
        let list: Value = serde_json::from_str(&list).unwrap();
        let names = list["results"].as_array().unwrap().iter().map(|room| room["name"].to_string());
        rooms.extend(names);
    }
    rooms
}

#[test]
fn every_signal_ends_every_phase_in_order() {
    let faults =
        ["--fault", "input/edits-are-short", "--fault", "room/stats-count-one-more-message"];
    let near = Server::start(&[&faults[..], &["--weather", "latency=40ms"]].concat());
    // The cleanup takes a few round trips only.
    let far = Server::start(&["--weather", "latency=250ms"]);
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path());
    write_finding(folder.path(), &near.base);
    let found = folder.path().join("found.jsonl");
    let cases = PHASES.iter().flat_map(|phase| phase.signals.iter().map(move |it| (phase, *it)));
    let waiting: Mutex<Vec<_>> = Mutex::new(cases.collect());
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..CONCURRENCY {
            scope.spawn(|| {
                while let Some((phase, signal)) = { waiting.lock().unwrap().pop() } {
                    let base = if phase.name == "cleanup" { &far.base } else { &near.base };
                    if let Err(reason) = interrupt(phase, signal, base, &found) {
                        failures
                            .lock()
                            .unwrap()
                            .push(format!("{signal} in {}: {reason}", phase.name));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for server in [&near, &far] {
        assert_eq!(runtime.block_on(active_rooms(&server.base)), Vec::<String>::new());
    }
}
