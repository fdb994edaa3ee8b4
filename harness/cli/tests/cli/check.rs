//! The main job.

use crate::support::{
    Server, check, in_state, requirements, run, run_name, stdout, write_accounts,
};

/// Requirements whose scenarios wait longer than the standard depth permits, or that the embedded server has no use for:
/// it keeps refresh tokens (ambiguity `refresh-rotation`).
const LEFT_OUT: [&str; 4] = [
    "auth/socket-ends-with-token",
    "auth/superseded-refresh-refused",
    "protocol/idle-can-rejoin",
    "socket/typing-times-out",
];

#[test]
fn the_embedded_server_holds_every_requirement() {
    let folder = tempfile::tempdir().unwrap();
    let (report, code) = check(folder.path(), &["--fail-on", "should"]);
    for state in ["broken", "undecided"] {
        assert_eq!(in_state(&report, state), Vec::<&str>::new(), "{state}");
    }
    let mut left_out = in_state(&report, "not_exercised");
    left_out.sort_unstable();
    assert_eq!(left_out, LEFT_OUT);
    assert_eq!(code, 0);
    assert_eq!(report["outcome"], "holds");
    assert_eq!(report["stopped_scenarios"], serde_json::json!([]));
    for requirement in requirements(&report) {
        let is_seen = requirement["observations"].as_u64().unwrap() > 0;
        let is_left_out = LEFT_OUT.contains(&requirement["id"].as_str().unwrap());
        assert_ne!(is_seen, is_left_out, "{requirement}");
    }
}

#[test]
fn a_named_target_is_checked_with_the_accounts_given() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[]);
    write_accounts(&folder.path().join("accounts.toml"));
    let target = ["--target", &server.base, "--accounts", "accounts.toml"];
    let (report, code) = check(folder.path(), &target);
    assert_eq!(in_state(&report, "broken"), Vec::<&str>::new());
    assert_eq!(code, 0);
    // Without the key no expired token, without fixtures no task and no property.
    let mut left_out = in_state(&report, "not_exercised");
    left_out.sort_unstable();
    assert_eq!(
        left_out,
        [
            "auth/expired-token-refused",
            "auth/socket-ends-with-token",
            "auth/socket-expired-token-refused",
            "auth/superseded-refresh-refused",
            "protocol/idle-can-rejoin",
            "room/create-property",
            "room/create-task",
            "socket/typing-times-out",
        ]
    );
}

#[test]
fn the_journal_gives_the_same_verdicts_again_and_holds_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let checked = run(folder.path(), &["check", "--quiet", "--journal", "run.jsonl"]);
    let rechecked = run(folder.path(), &["recheck", "run.jsonl"]);
    assert_eq!(stdout(&checked), stdout(&rechecked));
    assert_eq!(rechecked.status.code(), Some(0));
    let journal = std::fs::read_to_string(folder.path().join("run.jsonl")).unwrap();
    assert!(journal.contains("[password of alice]"), "the login is recorded");
    assert!(!journal.contains("alice-password"));
    // `{"alg"` and `{"typ"` in base64. JSON in binary frames is in base64, too, but begins with `{"type"`.
    for header in ["eyJhbGci", "eyJ0eXAi"] {
        assert!(!journal.contains(header));
    }
}

#[test]
fn reports_are_written_where_asked() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(
        folder.path(),
        &[
            "check",
            "-q",
            "--only",
            "status",
            "--report",
            "junit=out.xml",
            "--report",
            "json=out.json",
        ],
    );
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("HOLDS"), "{}", stdout(&output));
    let junit = std::fs::read_to_string(folder.path().join("out.xml")).unwrap();
    assert!(junit.contains("status/no-server-error"));
    let json = std::fs::read_to_string(folder.path().join("out.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(
        requirements(&report).iter().all(|row| row["id"].as_str().unwrap().starts_with("status/"))
    );
}

#[test]
fn a_broken_requirement_is_found_explained_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&["--fault", "auth/accepts-tampered-token"]);
    write_accounts(&folder.path().join("accounts.toml"));
    let output = run(
        folder.path(),
        &[
            "check",
            "-qv",
            "--target",
            &server.base,
            "--accounts",
            "accounts.toml",
            "--only",
            "auth",
        ],
    );
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("auth/tampered-token-refused"), "{text}");
    let replay = ["replay", run_name(&text), "auth/tampered-token-refused", "--script"];
    assert!(text.contains(&format!("script    hearback {}", replay.join(" "))), "{text}");
    let script = stdout(&run(folder.path(), &replay));
    assert!(script.contains("_TOKEN%.*}.x${"), "{script}");
}

#[test]
fn waived_requirements_do_not_fail_the_run_until_they_hold() {
    let folder = tempfile::tempdir().unwrap();
    let waivers = "[[waiver]]\nrequirement = \"room/archive\"\noperation = \"rooms.archive\"\n\
                   reason = \"the flag comes late\"\n";
    std::fs::write(folder.path().join("waivers.toml"), waivers).unwrap();
    let of_archive = ["--only", "room/archive", "--fail-on", "should", "--waivers", "waivers.toml"];
    let faulty = [&of_archive[..], &["--fault", "room/archive-says-active"]].concat();
    let (report, code) = check(folder.path(), &faulty);
    assert_eq!(in_state(&report, "broken"), ["room/archive"]);
    assert_eq!((&report["waivers"][0]["state"], code), (&"applied".into(), 0));
    let output = run(folder.path(), &[&["check", "--quiet"], &of_archive[..]].concat());
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("excuses nothing"), "{text}");
    assert!(text.contains("delete the waiver at") && text.contains("waivers.toml:1"), "{text}");
}
