//! The examples in `examples/`.

use std::path::Path;

use crate::support::{Server, hearback, run, stderr, stdout};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
/// The faults with which the reference server imitates the example of a backend.
const BACKEND: [&str; 4] =
    ["--fault", "status/create-answers-ok", "--fault", "room/archive-says-active"];

/// Checks the example of a backend against a server with these faults; the exit code and the report.
fn check_backend(faults: &[&str]) -> (Option<i32>, String) {
    let server = Server::start(faults);
    let folder = tempfile::tempdir().unwrap();
    let mut command = hearback();
    command.current_dir(folder.path()).args(["check", "--quiet", "--depth", "quick"]);
    command.args(["--only", "status/created", "--only", "room/archive"]);
    command.args(["--config", &format!("{EXAMPLES}/backend/hearback.toml")]);
    command.args(["--target", &server.base]);
    for name in ["alice", "bob", "carol", "dave", "erin", "frank"] {
        command.env(format!("{}_PASSWORD", name.to_uppercase()), format!("{name}-password"));
    }
    let output = command.output().unwrap();
    (output.status.code(), stdout(&output) + &stderr(&output))
}

#[test]
fn the_backend_passes_with_its_overlay_and_its_waiver() {
    let (code, text) = check_backend(&BACKEND);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("CONTRACT Acme 1.1") && text.contains("room/archive: applied"), "{text}");
}

#[test]
fn the_waiver_of_the_backend_is_to_be_deleted_after_the_fix() {
    let (code, text) = check_backend(&BACKEND[..2]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("waivers.toml"), "{text}");
}

#[test]
fn scenarios_are_valid_and_hold() {
    let folder = tempfile::tempdir().unwrap();
    let scenarios = format!("{EXAMPLES}/scenarios");
    let lint = run(folder.path(), &["scenario", "lint", &scenarios]);
    assert_eq!((lint.status.code(), stderr(&lint).as_str()), (Some(0), ""));
    let ran = run(folder.path(), &["scenario", "run", &scenarios, "--quiet"]);
    let text = stdout(&ran);
    assert_eq!(ran.status.code(), Some(0), "{text}");
    let files = Path::new(&scenarios).read_dir().unwrap().count();
    assert!(text.lines().filter(|line| line.starts_with("passed ")).count() >= files, "{text}");
}

#[test]
fn the_profile_has_a_thousand_users() {
    let folder = tempfile::tempdir().unwrap();
    let profile = format!("{EXAMPLES}/thousand-users.toml");
    let plan = run(folder.path(), &["load", "--profile", &profile, "--dry-run"]);
    let text = stdout(&plan);
    assert_eq!(plan.status.code(), Some(0), "{text}{}", stderr(&plan));
    assert!(text.contains("accounts     1000 of 1000 used"), "{text}");
}
