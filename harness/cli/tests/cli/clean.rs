//! `clean` finishes the cleanup of a run that was killed.

use std::process::Stdio;

use crate::support::{Server, TWO, hearback, run, stderr, stdout, write_accounts};

#[test]
fn rooms_of_a_killed_load_run_are_archived_later() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start(&[]);
    write_accounts(&folder.join("accounts.toml"));
    std::fs::write(folder.join("two.toml"), TWO.replace("\"1s\"\n", "\"60s\"\n")).unwrap();
    let target = ["--target", &server.base, "--accounts", "accounts.toml"];
    let mut process = hearback()
        .current_dir(folder)
        .args(["load", "--quiet", "--profile", "two.toml"])
        .args(target)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let journal = || {
        let entries = std::fs::read_dir(folder.join("hearback-runs")).ok()?;
        let paths = entries.flatten().map(|entry| entry.path());
        paths.filter(|path| path.extension().is_some_and(|it| it == "jsonl")).find(|path| {
            std::fs::read_to_string(path).is_ok_and(|text| {
                let mut lines = text.lines();
                lines.any(|line| line.contains("\"room_created\"") && line.contains(" load 0\""))
            })
        })
    };
    while journal().is_none() {
        assert_eq!(process.try_wait().unwrap(), None, "the run ended");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    process.kill().unwrap();
    process.wait().unwrap();

    let plan = run(folder, &["clean", "--dry-run"]);
    assert!(stdout(&plan).contains("may have left 1 room behind"), "{}", stdout(&plan));
    let unnamed = run(folder, &["clean"]);
    assert_eq!(unnamed.status.code(), Some(2), "{}", stderr(&unnamed));
    let cleaned = run(folder, &[&["clean"][..], &target].concat());
    assert_eq!(cleaned.status.code(), Some(0), "{}{}", stdout(&cleaned), stderr(&cleaned));
    assert!(stdout(&cleaned).contains(": archived"), "{}", stdout(&cleaned));
    let again = run(folder, &["clean"]);
    assert_eq!(stdout(&again), "No run left a room behind.\n");
}
