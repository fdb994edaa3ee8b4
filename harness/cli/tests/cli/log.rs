//! Diagnostic logs.

use crate::support::{Server, hearback, run, stderr, write_accounts};

#[test]
fn logs_have_requests_and_phases_and_no_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[]);
    write_accounts(&folder.path().join("accounts.toml"));
    let target = ["--target", &server.base, "--accounts", "accounts.toml"];
    let check = ["check", "-q", "--cases", "0", "--only", "room/stats"];
    let silent = run(folder.path(), &[&check[..], &target].concat());
    assert_eq!((silent.status.code(), stderr(&silent).as_str()), (Some(0), ""));
    let output = hearback()
        .current_dir(folder.path())
        .args(check)
        .args(target)
        .env("HEARBACK_LOG", "trace")
        .output()
        .unwrap();
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    for part in ["run started", "logged in", "path=\"/chat/rooms/\" status=201", "run ended"] {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
    for secret in ["alice-password", "eyJ"] {
        assert!(!text.contains(secret), "{secret} is logged");
    }
}

#[test]
fn filters_select_what_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    let check = ["check", "-q", "--cases", "0", "--only", "room/stats", "--log"];
    let output = run(folder.path(), &[&check[..], &["hearback_runner=info"]].concat());
    let text = stderr(&output);
    assert!(text.contains("run started") && !text.contains("status=201"), "{text}");
    let output = run(folder.path(), &[&check[..], &["hearback=nothing"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--log <FILTER>"), "{}", stderr(&output));
}
