//! Execution of printed commands in tests.

use std::process::Command;

use hearback_history::Payload;

/// Text that runs commands wherever a shell interprets it.
pub(super) const HOSTILE: &str =
    "$(touch PWNED)`touch PWNED`\"; touch PWNED; '; touch PWNED; \\$HOME\n* !!";

pub(super) fn payload(text: &str) -> Payload {
    Payload::from_bytes(text.as_bytes().to_vec())
}

/// The arguments that a shell passes to the command of a line, which must not run anything else.
pub(super) fn arguments(line: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let print = r#"{ printf '%s\0' "$@"; }"#;
    let script = format!(
        "ALICE_TOKEN=secret\nGATEWAY_PASSWORD=secret\nX_KEY=secret\ncurl() {print}\nwebsocat() {print}\n{line}\n"
    );
    let output =
        Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{line}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_terminator('\0').map(str::to_owned).collect()
}
