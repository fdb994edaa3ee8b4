//! The memory of a run, whatever the target sends.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use hearback_testkit::servers::hostile::{HostileTarget, behaviors};

use crate::connection::address;
use crate::support::{Server, hearback, write_accounts};

/// Maximum resident memory of a run, in MiB.
const BOUND: u64 = 512;

/// Maximum duration of a run on a busy machine.
const LONGEST: Duration = Duration::from_secs(120);

/// Interval of reading the peak memory.
const INTERVAL: Duration = Duration::from_millis(50);

/// Targets that send much to be kept: large bodies, bodies whose values are larger than their text, and frames.
const BEHAVIORS: [&str; 3] =
    ["body: 512 KiB of padding", "body: 300,000 values", "frame: foreign messages without end"];

#[test]
fn memory_is_bounded_whatever_the_target_sends() {
    let server = Server::start(&[]);
    for name in BEHAVIORS {
        let behavior = behaviors().into_iter().find(|it| it.name == name).unwrap();
        let hostile = HostileTarget::start(behavior, address(&server));
        let folder = tempfile::tempdir().unwrap();
        write_accounts(&folder.path().join("accounts.toml"));
        let process = hearback()
            .current_dir(folder.path())
            .args(["check", "--quiet", "--cases", "0", "--target", hostile.url()])
            .args(["--accounts", "accounts.toml"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let peak = peak_until_end(process, name);
        assert!(peak < BOUND, "{name}: {peak} MiB");
    }
}

/// Waits for the end of a process, and returns its peak resident memory in MiB.
fn peak_until_end(mut process: Child, name: &str) -> u64 {
    let (status, start) = (format!("/proc/{}/status", process.id()), Instant::now());
    let mut peak = 0;
    while process.try_wait().unwrap().is_none() {
        peak = peak.max(resident(Path::new(&status)).unwrap_or(0));
        if start.elapsed() > LONGEST {
            process.kill().unwrap();
            process.wait().unwrap();
            panic!("{name}: no end within {LONGEST:?}");
        }
        std::thread::sleep(INTERVAL);
    }
    assert!(peak > 0, "{name}: nothing was measured");
    peak
}

fn resident(status: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes >> 10)
}
