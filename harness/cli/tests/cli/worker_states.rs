//! The states of workers, as the live page and the workers themselves show them. Without nats-server, the test says so and
//! passes.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Duration;

use reqwest::Response;

use crate::support::hearback;
use crate::workers::{Nats, Processes, STEADY, has_server, signal};

/// Reads updates of the page until one contains a text.
async fn read_until(updates: &mut Response, text: &str) {
    let mut received = String::new();
    let found = async {
        while !received.contains(text) {
            let chunk = updates.chunk().await.unwrap();
            let chunk = chunk.unwrap_or_else(|| panic!("no page contained `{text}`"));
            received.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(90), found).await;
    assert!(in_time.is_ok(), "no page contained `{text}` in time");
}

#[test]
fn states_of_workers_are_shown_while_the_run_goes_on() {
    if !has_server() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let nats = Nats::start(folder.path());
    std::fs::write(folder.path().join("steady.toml"), STEADY).unwrap();
    let spawn = |arguments: &[&str]| {
        let mut command = hearback();
        command.current_dir(folder.path()).args(arguments).args(["--nats", &nats.url()]);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut workers = Processes(vec![spawn(&["worker"]), spawn(&["worker"])]);
    let lines = workers.0[0].stderr.take().unwrap();
    let lines = std::thread::spawn(move || {
        BufReader::new(lines).lines().map_while(Result::ok).collect::<Vec<_>>()
    });
    let options = ["load", "--quiet", "--profile", "steady.toml", "--duration", "60s"];
    let dashboard = ["--workers", "2", "--dashboard", "127.0.0.1:0"];
    let mut load = Processes(vec![spawn(&[&options[..], &dashboard].concat())]);
    let mut notices = BufReader::new(load.0[0].stderr.take().unwrap()).lines();
    let url =
        notices.find_map(|line| line.unwrap().strip_prefix("Dashboard at ").map(str::to_owned));
    let updates = format!("{}updates", url.unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut updates = reqwest::get(updates).await.unwrap();
        read_until(&mut updates, ">waiting<").await;
        read_until(&mut updates, ">running<").await;
        signal(&workers.0[0], "-KILL");
        read_until(&mut updates, ">silent<").await;
        read_until(&mut updates, ">lost: it was silent for 15 s<").await;
    });
    let lines = lines.join().unwrap();
    let line = |start: &str| {
        let line = lines.iter().find(|line| line.starts_with(start));
        line.unwrap_or_else(|| panic!("no line begins with `{start}`: {lines:#?}"))
    };
    let waiting = line(&format!("Waiting for work at {} as ", nats.url()));
    assert!(waiting.ends_with(&format!("/{}", workers.0[0].id())), "{waiting}");
    let assigned = line("Assigned part ");
    assert!(assigned.contains(" of 2 of run ") && assigned.contains(" rooms with "), "{assigned}");
    assert!(line("The schedule starts at ").ends_with('Z'), "{lines:#?}");
}
