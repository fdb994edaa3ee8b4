//! Distributed load runs: several processes and NATS. Without nats-server, the tests say so and pass.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hearback_testkit::servers::Gateway;
use serde_json::Value;

use crate::connection::{address, authority_of_clients};
use crate::support::{Server, hearback, run, stderr, stdout, write_accounts};

/// Ten seconds, 16 rooms.
pub(crate) const STEADY: &str = r#"
description = "Steady."
warm_up = "1s"
drain = "3s"
connect_rate = 100
shared_accounts = true
accounts = 24
slos = ["lost = 0", "duplicate = 0", "out_of_order = 0", "leaked = 0"]
[[rooms]]
count = 16
members = { from = 3, to = 12 }
[personas]
talker = { weight = 1 }
reader = { weight = 1 }
[[phase]]
kind = "constant"
rate = 30
duration = "10s"
"#;

/// Returns whether nats-server is installed, and says so if not.
#[expect(clippy::print_stderr, reason = "a skipped test states why")]
pub(crate) fn has_server() -> bool {
    let version = Command::new("nats-server").arg("--version").stdout(Stdio::null()).status();
    let is_installed = version.is_ok_and(|status| status.success());
    if !is_installed {
        eprintln!("skipped: nats-server is not installed");
    }
    is_installed
}

/// Processes that end with this.
pub(crate) struct Processes(pub(crate) Vec<Child>);

impl Drop for Processes {
    fn drop(&mut self) {
        for process in &mut self.0 {
            process.kill().ok();
            process.wait().ok();
        }
    }
}

/// A NATS server with its files in a folder.
pub(crate) struct Nats {
    process: Child,
    folder: PathBuf,
    port: u16,
}

impl Nats {
    pub(crate) fn start(folder: &Path) -> Self {
        // Another process could take the port meanwhile; a server that does not start fails the test.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self::at(folder, port)
    }

    fn at(folder: &Path, port: u16) -> Self {
        let mut command = Command::new("nats-server");
        command.args(["--addr", "127.0.0.1", "--port", &port.to_string(), "-js", "--store_dir"]);
        command.arg(folder.join("store")).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().unwrap();
        let until = Instant::now() + Duration::from_secs(30);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "nats-server does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        Self { process, folder: folder.to_owned(), port }
    }

    /// Kills the server, and starts it again with the same files after a while.
    fn restart(&mut self, outage: Duration) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        // The stimulus itself: there is nothing to wait for.
        std::thread::sleep(outage);
        let (folder, port) = (self.folder.clone(), self.port);
        *self = Self::at(&folder, port);
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A run with three workers that has sent for seconds.
struct Underway {
    nats: Nats,
    workers: Processes,
    load: Processes,
    folder: tempfile::TempDir,
}

impl Underway {
    /// Against the embedded server.
    fn start() -> Self {
        Self::start_at(None)
    }

    fn start_at(base: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let nats = Nats::start(folder.path());
        std::fs::write(folder.path().join("steady.toml"), STEADY).unwrap();
        let workers = (1..=3).map(|number| {
            let home = folder.path().join(format!("worker-{number}"));
            std::fs::create_dir(&home).unwrap();
            let mut command = hearback();
            command.current_dir(home).args(["worker", "--quiet", "--nats", &nats.url()]);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        });
        let workers = Processes(workers.collect());
        let stream = folder.path().join("stream.jsonl");
        let mut command = hearback();
        command
            .current_dir(folder.path())
            .args(["load", "--quiet", "--profile", "steady.toml", "--seed", "5", "--workers", "3"])
            .args(["--nats", &nats.url(), "--record", "out.json", "--stream", "stream.jsonl"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(base) = base {
            write_accounts(&folder.path().join("accounts.toml"));
            // Longer than workers wait for a silent coordinator.
            command.args(["--target", base, "--accounts", "accounts.toml", "--duration", "60s"]);
        }
        let load = Processes(vec![command.spawn().unwrap()]);
        let until = Instant::now() + Duration::from_secs(90);
        while std::fs::read_to_string(&stream).unwrap_or_default().lines().count() < 2 {
            assert!(Instant::now() < until, "nothing was measured");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { nats, workers, load, folder }
    }

    /// The record and the exit code of the run.
    fn finish(mut self) -> (Value, Option<i32>) {
        let process = self.load.0.remove(0);
        let output = process.wait_with_output().unwrap();
        let record = std::fs::read_to_string(self.folder.path().join("out.json"));
        let record = record.unwrap_or_else(|error| panic!("{error}: {}", stderr(&output)));
        (serde_json::from_str(&record).unwrap(), output.status.code())
    }
}

/// Runs a profile against the embedded server, and returns the record.
pub(crate) fn load(profile: &str, options: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("profile.toml"), profile).unwrap();
    let common = ["load", "--quiet", "--profile", "profile.toml", "--seed", "5"];
    let output = run(folder.path(), &[&common[..], &["--record", "out.json"], options].concat());
    let record = std::fs::read_to_string(folder.path().join("out.json"));
    let record = record.unwrap_or_else(|error| panic!("{error}: {}", stderr(&output)));
    serde_json::from_str(&record).unwrap()
}

pub(crate) fn signal(process: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &process.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn eight_workers_measure_the_same_as_one_process() {
    if !has_server() {
        return;
    }
    let weather = ["--weather", "latency=100ms"];
    let one = load(STEADY, &weather);
    let eight = load(STEADY, &[&weather[..], &["--workers", "8"]].concat());
    assert_eq!(eight["workers"].as_array().map(Vec::len), Some(8));
    for counts in ["sends", "deliveries", "connections"] {
        assert_eq!(one[counts], eight[counts], "{counts}");
    }
    let messages = |record: &Value| -> Vec<Value> {
        let sizes = record["sizes"].as_array().unwrap().iter();
        sizes.flat_map(|size| [size["rooms"].clone(), size["deliveries"].clone()]).collect()
    };
    assert_eq!(messages(&one), messages(&eight));
    for latency in ["delivery", "last"] {
        let of = |record: &Value| record["latencies"][latency].clone();
        assert_eq!(of(&one)["samples"], of(&eight)["samples"], "{latency}");
        // No delivery is faster than the network; how much slower it is depends on the machine.
        for record in [&one, &eight] {
            assert!(of(record)["p50_ms"].as_f64().unwrap() >= 100.0, "{latency}");
        }
    }
    let late =
        eight["workers"].as_array().unwrap().iter().map(|it| it["late_ms"].as_f64().unwrap());
    assert!(late.fold(0.0, f64::max) < 1_000.0);
}

#[test]
fn an_outage_of_nats_loses_nothing() {
    if !has_server() {
        return;
    }
    let mut run = Underway::start();
    run.nats.restart(Duration::from_secs(5));
    let (record, _) = run.finish();
    assert_eq!(record["end"]["status"], "completed", "{record:#}");
    assert_eq!(record["sends"]["offered"], 330);
    assert_eq!(record["deliveries"]["lost"], 0);
    let seconds = record["series"].as_array().unwrap().iter();
    let sent: u64 = seconds.map(|second| second["sent"].as_u64().unwrap()).sum();
    assert_eq!(record["sends"]["sent"], sent);
}

#[test]
fn a_killed_worker_is_named_and_ends_the_run() {
    if !has_server() {
        return;
    }
    let run = Underway::start();
    signal(&run.workers.0[1], "-KILL");
    let (record, code) = run.finish();
    assert_eq!(code, Some(3));
    let reason = record["end"]["aborted"]["reason"].as_str().or(record["end"]["reason"].as_str());
    let reason = reason.unwrap_or_else(|| panic!("{}", record["end"]));
    assert!(reason.contains("it was silent for 15 s"), "{reason}");
    assert!(reason.contains("of the rooms are not measured ("), "{reason}");
    let workers = record["workers"].as_array().unwrap().iter();
    let lost: Vec<_> = workers.filter(|it| it["end"]["status"] == "aborted").collect();
    let [lost] = lost[..] else { panic!("{} workers were lost", lost.len()) };
    assert!(reason.starts_with(&format!("worker {}", lost["number"])), "{reason}");
}

#[test]
fn interrupting_anything_ends_everything() {
    if !has_server() {
        return;
    }
    let of_worker = Underway::start();
    signal(&of_worker.workers.0[0], "-INT");
    let of_load = Underway::start();
    signal(&of_load.load.0[0], "-INT");
    for run in [of_worker, of_load] {
        let (record, code) = run.finish();
        assert_eq!((record["end"]["status"].as_str(), code), (Some("interrupted"), Some(3)));
        assert!(record["sends"]["offered"].as_u64().unwrap() < 330);
        assert_eq!(record["workers"].as_array().map(Vec::len), Some(3));
    }
}

#[test]
fn workers_whose_coordinator_was_killed_keep_records_that_can_be_merged() {
    if !has_server() {
        return;
    }
    let server = Server::start(&[]);
    let mut run = Underway::start_at(Some(&server.base));
    signal(&run.load.0[0], "-KILL");
    let records = || -> Vec<PathBuf> {
        let files = (1..=3).flat_map(|number| {
            let runs = run.folder.path().join(format!("worker-{number}/hearback-runs"));
            std::fs::read_dir(runs).into_iter().flatten().filter_map(Result::ok)
        });
        let paths = files.map(|file| file.path());
        paths.filter(|path| path.extension().is_some_and(|it| it == "json")).collect()
    };
    let until = Instant::now() + Duration::from_secs(90);
    while records().len() < 3 {
        assert!(Instant::now() < until, "only {:?} were kept", records());
        std::thread::sleep(Duration::from_millis(50));
    }
    let records: Vec<_> = records().iter().map(|path| path.display().to_string()).collect();
    let arguments: Vec<_> =
        ["merge"].into_iter().chain(records.iter().map(String::as_str)).collect();
    let merged = crate::support::run(run.folder.path(), &arguments);
    assert_eq!(merged.status.code(), Some(3), "{}", stderr(&merged));
    let text = stdout(&merged).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("the coordinator was silent for 15 s"), "{text}");
    run.load.0.clear();
}

#[test]
fn what_cannot_be_divided_is_refused_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |options: &[&str]| {
        let output = run(folder.path(), &[&["load", "--dry-run"], options].concat());
        (stdout(&output) + &stderr(&output), output.status.code())
    };
    let (text, code) = refused(&["--workers", "11"]);
    assert!(text.contains("11 workers need 2 accounts each, but only 20 are available"), "{text}");
    assert_eq!(code, Some(2));
    let (text, code) = refused(&["--workers", "2"]);
    assert!(text.contains("workers      1: "), "{text}");
    assert_eq!(code, Some(0));
    let (text, _) = refused(&["--workers", "2", "--find-capacity"]);
    assert!(text.contains("cannot be used with"), "{text}");
}

#[test]
fn manifests_contain_the_run_and_start_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write_accounts(&folder.path().join("accounts.toml"));
    // No server listens there.
    let target = ["--target", "http://127.0.0.1:9/api", "--accounts", "accounts.toml"];
    let emitted = |platform: &str, more: &[&str]| {
        let options = ["load", "--workers", "2", "--emit", platform];
        let output = run(folder.path(), &[&options[..], &target, more].concat());
        (stdout(&output), stderr(&output), output.status.code())
    };
    for platform in ["kubernetes", "compose"] {
        let (text, errors, code) = emitted(platform, &["--image", "registry.example/hearback:1"]);
        assert_eq!(code, Some(0), "{errors}");
        for part in ["alice-password", "http://127.0.0.1:9/api", "registry.example/hearback:1"] {
            assert!(text.contains(part), "{platform}: {part} is not in {text}");
        }
    }
    let (_, errors, code) = emitted("kubernetes", &["--rate", "5"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("cannot be used with"), "{errors}");
    assert!(!folder.path().join("hearback-runs").exists());
}

#[test]
fn a_worker_says_why_it_cannot_wait_for_work() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["worker", "--once", "--nats-timeout", "0.05", "--nats"];
    let tried = |url: &str| run(folder.path(), &[&options[..], &[url]].concat());
    // Nothing listens there.
    let output = tried("nats://127.0.0.1:9");
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("cannot connect to NATS"), "{}", stderr(&output));
    let output = tried("nats://nats.example:4222");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("neither this machine nor encrypted"), "{}", stderr(&output));
}

#[test]
fn workers_have_the_certificates_and_addresses_of_the_run() {
    if !has_server() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start(&[]);
    let authority = authority_of_clients(folder);
    let steady = STEADY.replace("duration = \"10s\"", "duration = \"1s\"");
    std::fs::write(folder.join("steady.toml"), steady).unwrap();
    write_accounts(&folder.join("accounts.toml"));
    let tls = authority.server(Some(&authority));
    let gateway = Gateway::start("127.0.0.1", address(&server), Some(tls), |_| None);
    let target = format!("https://chat.test:{}/api", gateway.port());
    let resolve = format!("chat.test:{}:127.0.0.1", gateway.port());
    let output = hearback()
        .current_dir(folder)
        .args(["load", "--quiet", "--workers", "2", "--profile", "steady.toml"])
        .args(["--target", &target, "--accounts", "accounts.toml", "--allow-load", "chat.test"])
        .args(["--cacert", "ca.pem", "--cert", "cert.pem", "--key", "key.pem"])
        .args(["--resolve", &resolve, "--interface", "127.0.0.1", "--record", "record.json"])
        .output()
        .unwrap();
    let record = std::fs::read(folder.join("record.json"));
    let record = record.unwrap_or_else(|_| panic!("{}{}", stdout(&output), stderr(&output)));
    let record: Value = serde_json::from_slice(&record).unwrap();
    assert_eq!(record["end"]["status"], "completed", "{}{}", stdout(&output), stderr(&output));
    let members = record["profile"]["members"].as_u64().unwrap();
    assert_eq!(record["connections"]["opened"], members);
    assert_eq!(record["deliveries"]["lost"], 0);
    let sockets = gateway.heads().iter().filter(|head| head.header("upgrade").is_some()).count();
    assert_eq!(sockets as u64, members);
}
