//! Full disks, folders that cannot be written, and closed streams: each run ends at once, with what it can still report.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::{TWO, hearback, run, stderr, stdout};

/// A command that runs, and its exit code.
type Case = (&'static [&'static str], i32);

const FAULT: &str = "auth/accepts-tampered-token";

/// The commands; `replay` reproduces a finding of a run that [`prepare`] made.
const CASES: [Case; 4] = [
    (&["scenario", "run", "tokens.yaml"], 0),
    (&["fuzz", "--cases", "1", "--only", "status/unknown-id", "--seed", "1"], 0),
    (&["load", "--profile", "two.toml"], 0),
    (&["replay", "found.jsonl", "1", "--fault", FAULT], 1),
];

/// A folder with the files of the commands, without a folder of runs.
fn prepare() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let scenario = include_str!("../../../../scenarios/files/auth/tokens.yaml");
    std::fs::write(folder.path().join("tokens.yaml"), scenario).unwrap();
    std::fs::write(folder.path().join("two.toml"), TWO).unwrap();
    let check = ["check", "-q", "--only", "auth", "--cases", "0", "--fault", FAULT];
    let found = run(folder.path(), &[&check[..], &["--journal", "found.jsonl"]].concat());
    assert_eq!(found.status.code(), Some(1), "{}", stderr(&found));
    folder
}

/// Runs a command of a shell, in which `"$@"` is the binary with its arguments.
fn shell(folder: &Path, command: &str, arguments: &[&str]) -> Output {
    let program = hearback().get_program().to_owned();
    let mut shell = Command::new("sh");
    shell.current_dir(folder).args(["-c", command, "sh"]).arg(program).args(arguments);
    shell.output().unwrap()
}

/// The option for the file that a command writes as it runs.
fn record(command: &str) -> &'static str {
    if command == "load" { "--record" } else { "--journal" }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_each_command_with_its_exit_code() {
    let folder = prepare();
    for (arguments, code) in CASES {
        let full = [arguments, &[record(arguments[0]), "/dev/full"]].concat();
        let output = shell(folder.path(), r#"exec "$@" >&2"#, &full);
        let text = stderr(&output);
        // Fuzzing ends, since what it finds could not be reproduced.
        let code = if arguments[0] == "fuzz" { 3 } else { code };
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(text.contains("/dev/full"), "{arguments:?}: {text}");
        assert!(text.contains("No space left on device"), "{arguments:?}: {text}");

        // A report that is lost is an error, whatever the run found.
        let output = shell(folder.path(), r#"exec "$@" >/dev/full"#, arguments);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {text}");
        assert!(text.contains("cannot write to standard output"), "{arguments:?}: {text}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn closed_and_full_streams_do_not_change_the_exit_code() {
    let folder = prepare();
    for (arguments, code) in CASES {
        let output = shell(folder.path(), r#"exec "$@" >&- 2>&- <&-"#, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        let output = shell(folder.path(), r#"exec "$@" 2>/dev/full"#, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(!stdout(&output).is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_noticed_before_anything_is_sent() {
    let folder = prepare();
    // Tests may run as root, who may write everywhere but below a file.
    std::fs::write(folder.path().join("hearback-runs"), "in the way").unwrap();
    for (arguments, _) in CASES {
        // No server listens there.
        let nowhere = ["--target", "http://127.0.0.1:9/api", "--accounts", "accounts.toml"];
        std::fs::write(
            folder.path().join("accounts.toml"),
            "[[account]]\nusername = \"alice\"\npassword = \"x\"\n",
        )
        .unwrap();
        let arguments = match arguments[0] {
            "replay" => &arguments[..3],
            _ => arguments,
        };
        let output = run(folder.path(), &[arguments, &nowhere].concat());
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(text.contains("hearback-runs"), "{arguments:?}: {text}");
        assert!(text.contains("caused by: "), "{arguments:?}: {text}");
    }
}
