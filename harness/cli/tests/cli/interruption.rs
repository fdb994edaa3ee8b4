//! Ctrl-C at a moment when a room is being made: the room is put away all the same.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use crate::support::{TWO, hearback};

/// A target that makes rooms, and holds the answer to one of the creations back until it is let go.
struct Slow {
    base: String,
    /// Hears `create` when the creation is held, and of every archiving.
    seen: Receiver<String>,
    let_go: Sender<()>,
}

impl Slow {
    fn start(held: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/api", listener.local_addr().unwrap());
        let (see, seen) = channel();
        let (let_go, gate) = channel();
        std::thread::spawn(move || {
            let mut gate = Some(gate);
            let mut created = 0;
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let (line, authorized) = request(&mut stream);
                let mut reply = |body: &str| answer(&mut stream, body);
                if line.starts_with("POST /api/chat/rooms/ ") {
                    created += 1;
                    let room = format!(
                        r#"{{"id": "room-{created}", "room_type": "group",
                            "created_by": {{"id": 1, "username": "alice"}}}}"#
                    );
                    match gate.take_if(|_| created == held) {
                        // Others are answered meanwhile.
                        Some(gate) => {
                            let see = see.clone();
                            std::thread::spawn(move || {
                                see.send("create".to_owned()).unwrap();
                                gate.recv().unwrap();
                                answer(&mut stream, &room);
                            });
                        }
                        None => reply(&room),
                    }
                } else if line.contains("/archive/") {
                    see.send(line).unwrap();
                    reply("{}");
                } else if line.contains("/token/") {
                    reply(r#"{"access": "an-access-token", "refresh": "a-refresh-token"}"#);
                } else if authorized {
                    reply(r#"{"count": 0, "next": null, "previous": null, "results": []}"#);
                } else {
                    let text = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                    let _gone = stream.write_all(text.as_bytes());
                }
            }
        });
        Self { base, seen, let_go }
    }
}

/// The request line, and whether a token is shown.
fn request(stream: &mut TcpStream) -> (String, bool) {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        let line = line.trim().to_owned();
        if let Some(text) = line.to_lowercase().strip_prefix("content-length:") {
            length = text.trim().parse().unwrap();
        }
        lines.push(line);
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    let authorized = lines.iter().any(|line| line.to_lowercase().starts_with("authorization:"));
    (lines.into_iter().next().unwrap_or_default(), authorized)
}

fn answer(stream: &mut TcpStream, body: &str) {
    let length = body.len();
    let text = format!(
        "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    let _gone = stream.write_all(text.as_bytes());
}

/// Interrupts a check while its creation number `held` is under way; gives the journal.
fn interrupted(folder: &Path, held: usize) -> String {
    let check = ["check", "--cases", "0", "--journal", "run.jsonl", "--only", "room/create-group"];
    let rest = interrupt(folder, &check, held);
    assert!(!rest.iter().any(|line| line.contains("left behind")), "{rest:#?}");
    let journal = std::fs::read_to_string(folder.join("run.jsonl")).unwrap();
    let last = journal.lines().last().unwrap();
    assert!(last.contains("run_ended") && last.contains("interrupted"), "{last}");
    journal
}

/// Interrupts a command while its creation number `held` is under way, which is put away; gives what it says then.
fn interrupt(folder: &Path, command: &[&str], held: usize) -> Vec<String> {
    let account = |(id, name)| {
        format!("[[account]]\nusername = \"{name}\"\npassword = \"{name}-password\"\nid = {id}\n")
    };
    let accounts: String = (1..).zip(["alice", "bob", "carol"]).map(account).collect();
    std::fs::write(folder.join("accounts.toml"), accounts).unwrap();
    let slow = Slow::start(held);
    let mut process = hearback()
        .current_dir(folder)
        .args(command)
        .args(["--target", &slow.base, "--accounts", "accounts.toml", "--timeout", "60"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Should it end before that, nobody is to wait for ever.
    let longest = Duration::from_secs(60);
    while slow.seen.recv_timeout(longest).expect("the creation comes") != "create" {}
    let pid = process.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
    let stopping = lines.find(|line| line.starts_with("stopping: "));
    assert!(stopping.is_some(), "it ended without a word");
    slow.let_go.send(()).unwrap();
    let rest: Vec<_> = lines.collect();
    assert_eq!(process.wait().unwrap().code(), Some(3), "{rest:#?}");
    let room = format!("/chat/rooms/room-{held}/archive/");
    assert!(slow.seen.try_iter().any(|line| line.contains(&room)), "{room} is not archived");
    rest
}

#[test]
fn ctrl_c_before_the_first_scenario_puts_away_the_room_of_the_preflight() {
    let folder = tempfile::tempdir().unwrap();
    let journal = interrupted(folder.path(), 1);
    assert!(!journal.contains("scenario_started"));
    let run = journal.split("\"run\":\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(journal.contains(&format!("hearback {run} preflight")), "{journal}");
}

#[test]
fn ctrl_c_while_a_scenario_makes_its_room_puts_that_away() {
    // The first three rooms say who is who.
    let folder = tempfile::tempdir().unwrap();
    let journal = interrupted(folder.path(), 4);
    assert!(journal.contains("scenario_started"));
}

#[test]
fn ctrl_c_before_a_load_puts_away_the_room_of_its_preflight() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("two.toml"), TWO).unwrap();
    let rest = interrupt(folder.path(), &["load", "--profile", "two.toml"], 1);
    assert!(rest.iter().any(|line| line.contains("stopped before anything was sent")), "{rest:#?}");
}
