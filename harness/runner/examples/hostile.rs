//! Measures whole runs of `hearback check` against every hostile target: seconds, memory, journal, exit status; and
//! searches their outputs for panics and secrets.
//!
//! `cargo run --release -p hearback-runner --example hostile -- target/release/hearback [PART OF A NAME]`

#![allow(clippy::print_stdout, reason = "prints a table")]

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hearback_reference::{Options, Server};
use hearback_testkit::servers::hostile::{Behavior, HostileTarget, behaviors};

/// Time after which a run is ended.
const BOUND: Duration = Duration::from_secs(120);

/// Interval of reading the peak memory.
const INTERVAL: Duration = Duration::from_millis(20);

/// Maximum number of characters of an error.
const LONGEST_ERROR: usize = 150;

/// Duration and memory of one run.
struct Measured {
    time: Duration,
    /// Peak resident memory, in MiB.
    memory: u64,
    /// Size of the journal, in MiB.
    journal: u64,
    /// Exit status; `None` if the run did not end.
    status: Option<i32>,
    strays: usize,
    /// Requirements that the target was blamed for, or the error that ended the run.
    broken: Vec<String>,
    /// Panics and secrets in the outputs.
    defects: Vec<String>,
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let binary = arguments.next().expect("the path of the binary is the first argument");
    let part = arguments.next().unwrap_or_default();
    println!(
        "{:>8} {:>7} {:>7} {:>4} {:>6}  {:40} broken",
        "seconds", "MiB", "journal", "exit", "strays", "behavior"
    );
    let mut all = Vec::new();
    for behavior in behaviors().into_iter().filter(|it| it.name.contains(&part)) {
        let run = measure(&binary, behavior).await;
        let status = run.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
        println!(
            "{:>8.1} {:>7} {:>7} {:>4} {:>6}  {:40} {}",
            run.time.as_secs_f64(),
            run.memory,
            run.journal,
            status,
            run.strays,
            behavior.name,
            run.broken.join(" "),
        );
        for defect in &run.defects {
            println!("{:>35}  {}: {defect}", "DEFECT", behavior.name);
        }
        all.push(run);
    }
    let slowest = all.iter().map(|run| run.time).max().unwrap_or_default();
    println!(
        "{} runs: at most {:.1} s, {} MiB of memory, {} MiB of journal; {} without end, {} left the target, \
         {} with panics or secrets in their outputs",
        all.len(),
        slowest.as_secs_f64(),
        all.iter().map(|run| run.memory).max().unwrap_or(0),
        all.iter().map(|run| run.journal).max().unwrap_or(0),
        all.iter().filter(|run| run.status.is_none()).count(),
        all.iter().filter(|run| run.strays > 0).count(),
        all.iter().filter(|run| !run.defects.is_empty()).count(),
    );
}

async fn measure(binary: &str, behavior: Behavior) -> Measured {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server = Server::start(Options::default(), address).await.expect("the server starts");
    let hostile = HostileTarget::start(behavior, server.address());
    let folder = tempfile::tempdir().expect("a folder");
    let accounts: String = hearback_reference::seeded(8)
        .iter()
        .map(|account| {
            let (name, password) = (&account.username, &account.password);
            format!("[[account]]\nusername = \"{name}\"\npassword = \"{password}\"\n")
        })
        .collect();
    std::fs::write(folder.path().join("accounts.toml"), accounts).expect("a writable folder");
    let start = Instant::now();
    let child = Command::new(std::path::absolute(binary).expect("a path"))
        .args(["check", "--target", hostile.url(), "--accounts", "accounts.toml"])
        .args(["--journal", "run.jsonl", "--report", "json=report.json"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(File::create(folder.path().join("stdout")).expect("a writable folder"))
        .stderr(File::create(folder.path().join("stderr")).expect("a writable folder"))
        .spawn()
        .expect("the binary starts");
    let (status, memory) = watch(child, start).await;
    let time = start.elapsed();
    server.stop().await;
    let journal = std::fs::metadata(folder.path().join("run.jsonl")).map_or(0, |it| it.len());
    let broken = match status {
        Some(0 | 1) => broken(&folder.path().join("report.json")),
        _ => vec![error(&folder.path().join("stderr"))],
    };
    let strays = hostile.strays();
    let defects = defects(folder.path());
    Measured { time, memory, journal: journal >> 20, status, strays, broken, defects }
}

/// Panics, passwords and signed tokens in the outputs of a run.
fn defects(folder: &Path) -> Vec<String> {
    let passwords = hearback_reference::seeded(8).into_iter().map(|account| account.password);
    let texts: Vec<String> =
        passwords.chain(["panicked at", "eyJhbGciOi"].map(str::to_owned)).collect();
    let mut defects = Vec::new();
    for name in ["stdout", "stderr", "report.json", "run.jsonl"] {
        let Ok(output) = std::fs::read(folder.join(name)) else { continue };
        let output = String::from_utf8_lossy(&output);
        let found = texts.iter().filter(|text| output.contains(text.as_str()));
        defects.extend(found.map(|text| format!("`{text}` in {name}")));
    }
    defects
}

/// The first error that a run printed.
fn error(stderr: &Path) -> String {
    let text = std::fs::read_to_string(stderr).unwrap_or_default();
    let error = text.lines().find(|line| line.starts_with("error"));
    error.unwrap_or_default().chars().take(LONGEST_ERROR).collect()
}

/// Ids of the requirements that a JSON report says are broken.
fn broken(report: &Path) -> Vec<String> {
    let report = std::fs::read(report).ok();
    let report: serde_json::Value =
        report.and_then(|it| serde_json::from_slice(&it).ok()).unwrap_or_default();
    let families = report["families"].as_array().into_iter().flatten();
    families
        .flat_map(|family| family["requirements"].as_array().into_iter().flatten())
        .filter(|requirement| requirement["state"] == "broken")
        .filter_map(|requirement| requirement["id"].as_str().map(str::to_owned))
        .collect()
}

/// Waits for the end, and returns the exit status and the peak memory in MiB.
async fn watch(mut child: Child, start: Instant) -> (Option<i32>, u64) {
    let status_file = format!("/proc/{}/status", child.id());
    let mut memory = 0;
    loop {
        memory = memory.max(peak(Path::new(&status_file)).unwrap_or(0));
        if let Some(status) = child.try_wait().expect("a child of this process") {
            return (Some(status.code().unwrap_or(-1)), memory);
        }
        if start.elapsed() > BOUND {
            child.kill().expect("a child of this process");
            child.wait().expect("a child of this process");
            return (None, memory);
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Peak resident memory of a process, in MiB.
fn peak(status: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes >> 10)
}
