//! The first day of a gate, and the days after.

use std::path::Path;
use std::process::Output;

use crate::support::{Server, hearback, stderr, stdout, write_accounts};

/// Options of a short run, without generated input.
const SHORT: [&str; 5] = ["--quiet", "--only", "room/archive,room/stats", "--cases", "0"];

/// Runs the binary with the passwords of the accounts in its environment.
fn run(folder: &Path, arguments: &[&str]) -> (String, i32) {
    let mut command = hearback();
    command.current_dir(folder).args(arguments).arg("--quiet");
    for name in ["alice", "bob", "carol", "dave", "erin", "frank"] {
        command.env(format!("{}_PASSWORD", name.to_uppercase()), format!("{name}-password"));
    }
    let output: Output = command.output().expect("the binary starts");
    let code = output.status.code().expect("an exit code");
    (format!("{}{}", stdout(&output), stderr(&output)), code)
}

#[test]
fn the_gate_passes_at_once_and_fails_on_anything_new() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let path = folder.join("hearback.toml");
    let read = || std::fs::read_to_string(&path).unwrap();
    write_accounts(&folder.join("accounts.toml"));
    let faulty = Server::start(&["--fault", "room/archive-says-active"]);
    let first = ["adopt", "--accounts", "accounts.toml", "--fail-on", "should", "--target"];
    let (text, code) = run(folder, &[&first[..], &[&faulty.base], &SHORT[1..]].concat());
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("Wrote hearback.toml") && text.contains("ALICE_PASSWORD"), "{text}");
    let file = read();
    for expected in [
        "requirement = \"room/archive\"",
        "operation = \"rooms.archive\"",
        "variant = \"rooms.archive: is_active\"",
        "reason = \"\"\nlink = \"\"\nexpires = 20",
        "# expected ",
        "password_env = \"ALICE_PASSWORD\"",
        "fail_on = \"should\"",
        "seed = ",
    ] {
        assert!(file.contains(expected), "{expected}: {file}");
    }
    assert!(!file.contains("alice-password"), "{file}");
    std::fs::remove_file(folder.join("accounts.toml")).unwrap();

    let (text, code) = run(folder, &["check"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("applied (no reason given; expires"), "{text}");
    let (text, code) = run(folder, &["adopt"]);
    assert!(code == 2 && text.contains("use --update"), "{text}");

    // The violation is fixed, and there is another.
    let commented = file.replace("[target]", "# Staging.\n[target]");
    std::fs::write(&path, &commented).unwrap();
    let other = Server::start(&["--fault", "room/stats-count-one-more-message"]);
    let at_other = ["--target", &other.base];
    let (text, code) = run(folder, &[&["check"], &at_other[..]].concat());
    assert_eq!(code, 1, "{text}");
    let line = |number: usize| commented.lines().nth(number - 1).unwrap_or_default().to_owned();
    let stale = text.split("hearback.toml:").nth(1).expect("the place of the waiver");
    let number = stale.split(|it: char| !it.is_ascii_digit()).next().unwrap().parse().unwrap();
    assert_eq!(line(number), "[[waiver]]", "{text}");
    let (text, code) = run(folder, &[&["adopt", "--update"], &at_other[..]].concat());
    assert_eq!(code, 0, "{text}");
    let updated = read();
    assert!(updated.contains("# Staging.\n[target]"), "{updated}");
    assert!(!updated.contains("requirement = \"room/archive\""), "{updated}");
    assert!(updated.contains("operation = \"rooms.stats\""), "{updated}");
    assert!(updated.contains(&faulty.base), "a flag of one run does not change the target");
}

#[test]
fn a_stored_run_is_adopted_without_sending_anything() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let fault = ["check", "--fault", "room/archive-says-active", "--journal", "run.jsonl"];
    let (text, code) = run(folder, &[&fault[..], &["--fail-on", "should"], &SHORT[1..]].concat());
    assert_eq!(code, 1, "{text}");
    let only = ["--only", "room/archive,room/stats"];
    std::fs::write(folder.join("waivers.toml"), "# Ours.\n").unwrap();
    let adopt = ["adopt", "run.jsonl", "--fail-on", "should", "--waivers", "waivers.toml"];
    let (text, code) = run(folder, &[&adopt[..], &only[..]].concat());
    assert_eq!(code, 0, "{text}");
    let file = std::fs::read_to_string(folder.join("hearback.toml")).unwrap();
    assert!(file.contains("fault = [\n    \"room/archive-says-active\",\n]"), "{file}");
    assert!(!file.contains("[[waiver]]") && file.contains("waivers = \"waivers.toml\""), "{file}");
    let waivers = std::fs::read_to_string(folder.join("waivers.toml")).unwrap();
    assert!(waivers.contains("# Ours.") && waivers.contains("room/archive"), "{waivers}");
    let (text, code) = run(folder, &["adopt", "nothing", "--update"]);
    assert!(code == 2 && text.contains("cannot read the journal"), "{text}");
}
