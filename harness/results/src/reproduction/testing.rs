//! Execution of printed commands in tests.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use hearback_checker::{Finding, Scope, Subject};
use hearback_history::shell::variable_name;
use hearback_history::{History, Payload};

/// Text that runs commands wherever a shell interprets it.
pub(super) const HOSTILE: &str =
    "$(touch PWNED)`touch PWNED`\"; touch PWNED; '; touch PWNED; \\$HOME\n* !!";

const REPEAT: &str = "repeat() { head -c \"$1\" /dev/zero | tr '\\0' \"$2\"; }";

pub(super) fn payload(text: &str) -> Payload {
    Payload::from_bytes(text.as_bytes().to_vec())
}

/// The arguments that a shell passes to the command of a line, which must not run anything else.
pub(super) fn arguments(line: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let print = r#"{ printf '%s\0' "$@"; }"#;
    let script = format!(
        "ALICE_TOKEN=secret\nGATEWAY_PASSWORD=secret\nX_KEY=secret\ncurl() {print}\nwebsocat() {print}\n{REPEAT}\n{line}\n"
    );
    let output =
        Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{line}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_terminator('\0').map(str::to_owned).collect()
}

/// A finding with this evidence.
pub(super) fn finding(history: &History, evidence: &[u64]) -> Finding {
    let scenario = history.calls.first().map(|it| it.invocation.scenario.clone());
    Finding {
        variant: "rooms.leave".to_owned(),
        expected: "a".to_owned(),
        actual: "b".to_owned(),
        count: 1,
        scenario: scenario.unwrap_or_else(|| history.connections[0].scenario.clone()),
        evidence: evidence.to_vec(),
        magnitude: 0,
        subject: Subject::default(),
        scope: Scope::default(),
    }
}

/// The output of a script whose requests are all answered with 200. It must not run anything else.
pub(super) fn run(script: &str) -> String {
    let [folder, tools] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    for (name, text) in
        [("curl", "echo 200 application/json"), ("jq", "echo 1"), ("websocat", "cat")]
    {
        let path = tools.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{}", tools.path().display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-c", script])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("ALICE_PASSWORD", "secret")
        .env(format!("{}_PASSWORD", variable_name(HOSTILE)), "secret")
        .output()
        .unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{script}");
    let texts = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
    texts.concat()
}
