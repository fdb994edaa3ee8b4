//! Signals while a room is being created: the room is archived.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use hearback_testkit::servers::{read_request, respond, serve_api};

use crate::support::{TWO, hearback};

/// The accounts; their ids count from 1.
const NAMES: [&str; 3] = ["alice", "bob", "carol"];

/// A target that creates rooms, and withholds the response to one of the creations until released.
struct Slow {
    base: String,
    /// Receives `create` when the response is withheld, and the request line of every archiving.
    seen: Receiver<String>,
    let_go: Sender<()>,
}

impl Slow {
    fn start(held: usize) -> Self {
        let (see, seen) = channel();
        let (let_go, gate) = channel();
        let (gate, created) = (Mutex::new(Some(gate)), AtomicUsize::new(0));
        let see = Mutex::new(see);
        let base = serve_api(move |mut stream| {
            let request = read_request(&mut stream).unwrap();
            let see = |text: String| see.lock().unwrap().send(text).unwrap();
            let body = if request.line.starts_with("POST /api/chat/rooms/ ") {
                let number = created.fetch_add(1, Ordering::Relaxed) + 1;
                // Other requests are answered meanwhile.
                if number == held
                    && let Some(gate) = gate.lock().unwrap().take()
                {
                    see("create".to_owned());
                    gate.recv().unwrap();
                }
                let token = request.header("authorization").unwrap_or_default();
                let name = token.trim_start_matches("Bearer ").trim_end_matches("-access-token");
                let id = NAMES.iter().position(|it| *it == name).unwrap() + 1;
                format!(
                    r#"{{"id": "room-{number}", "room_type": "group",
                        "created_by": {{"id": {id}, "username": "{name}"}}}}"#
                )
            } else if request.line.contains("/archive/") {
                see(request.line);
                "{}".to_owned()
            } else if request.line.contains("/token/") {
                r#"{"access": "an-access-token", "refresh": "a-refresh-token"}"#.to_owned()
            } else if request.is_authorized() {
                r#"{"count": 0, "next": null, "previous": null, "results": []}"#.to_owned()
            } else {
                return respond(&mut stream, 401, "");
            };
            respond(&mut stream, 201, &body);
        });
        Self { base, seen, let_go }
    }
}

/// Interrupts a check with a signal during its creation number `held`; gives the journal.
fn interrupted(folder: &Path, held: usize, signal: &str) -> String {
    let check = ["check", "--cases", "0", "--journal", "run.jsonl", "--only", "room/create-group"];
    let rest = interrupt(folder, &check, held, signal);
    assert!(!rest.iter().any(|line| line.contains("left behind")), "{rest:#?}");
    let journal = std::fs::read_to_string(folder.join("run.jsonl")).unwrap();
    let last = journal.lines().last().unwrap();
    assert!(last.contains("run_ended") && last.contains("interrupted"), "{last}");
    journal
}

/// Interrupts a command during its creation number `held`, which must be archived; gives its later output.
fn interrupt(folder: &Path, command: &[&str], held: usize, signal: &str) -> Vec<String> {
    let (slow, mut process) = start(folder, command, held);
    kill(&process, signal);
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
    let stopping = lines.find(|line| line.starts_with("Stopping: "));
    assert!(stopping.is_some(), "it ended without a message");
    slow.let_go.send(()).unwrap();
    let rest: Vec<_> = lines.collect();
    assert_eq!(process.wait().unwrap().code(), Some(3), "{rest:#?}");
    let room = format!("/chat/rooms/room-{held}/archive/");
    assert!(slow.seen.try_iter().any(|line| line.contains(&room)), "{room} is not archived");
    rest
}

fn kill(process: &Child, signal: &str) {
    let pid = process.id().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
}

/// Starts a command, and waits until the response to its creation number `held` is withheld.
fn start(folder: &Path, command: &[&str], held: usize) -> (Slow, Child) {
    let account = |(id, name)| {
        format!("[[account]]\nusername = \"{name}\"\naccess = \"{name}-access-token\"\nid = {id}\n")
    };
    let accounts: String = (1..).zip(NAMES).map(account).collect();
    std::fs::write(folder.join("accounts.toml"), accounts).unwrap();
    let slow = Slow::start(held);
    let process = hearback()
        .current_dir(folder)
        .args(command)
        .args(["--target", &slow.base, "--accounts", "accounts.toml", "--timeout", "60"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The command may end before that.
    let longest = Duration::from_secs(60);
    while slow.seen.recv_timeout(longest).expect("the creation comes") != "create" {}
    (slow, process)
}

#[test]
fn ctrl_c_during_the_preflight_archives_its_room() {
    let folder = tempfile::tempdir().unwrap();
    let journal = interrupted(folder.path(), 1, "-INT");
    assert!(!journal.contains("scenario_started"));
    let run = journal.split("\"run\":\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(journal.contains(&format!("hearback {run} preflight")), "{journal}");
}

#[test]
fn a_termination_during_a_scenario_archives_its_room() {
    // The first three rooms reveal the user ids.
    let folder = tempfile::tempdir().unwrap();
    let journal = interrupted(folder.path(), 4, "-TERM");
    assert!(journal.contains("scenario_started"));
}

#[test]
fn a_hangup_during_the_preflight_of_a_load_run_archives_its_room() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("two.toml"), TWO).unwrap();
    let rest = interrupt(folder.path(), &["load", "--profile", "two.toml"], 1, "-HUP");
    assert!(
        rest.iter().any(|line| line.contains("stopped before anything was tested")),
        "{rest:#?}"
    );
}

#[test]
fn a_second_signal_ends_the_process_at_once_unless_it_repeats_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let check = ["check", "--cases", "0", "--journal", "run.jsonl", "--only", "room/create-group"];
    let (_slow, mut process) = start(folder.path(), &check, 1);
    let first = Instant::now();
    kill(&process, "-QUIT");
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with("Stopping: ")), "it ended without a message");
    // The creation is still withheld.
    while process.try_wait().unwrap().is_none() {
        kill(&process, "-TERM");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(process.wait().unwrap().code(), Some(130));
    // A repetition of the first signal, which comes at once, is ignored.
    assert!(first.elapsed() >= Duration::from_millis(500), "{:?}", first.elapsed());
}
