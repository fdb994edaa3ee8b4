//! Mistakes on the command line and in files get a clear error, before anything is sent.

use crate::support::{Server, TWO, hearback, run, stderr};

fn refused(arguments: &[&str], expected: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), arguments);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
    for part in expected {
        assert!(text.contains(part), "{arguments:?}: `{part}` is not in\n{text}");
    }
}

#[test]
fn an_unknown_requirement_names_its_neighbours() {
    refused(&["check", "--only", "room/archiv"], &["room/archiv", "room/archive"]);
    refused(&["explain", "auth/refrsh"], &["auth/refresh"]);
}

#[test]
fn an_unknown_fault_names_its_neighbours() {
    refused(&["check", "--fault", "auth/accepts-tampered-tokn"], &["auth/accepts-tampered-token"]);
}

#[test]
fn a_fault_without_neighbours_says_where_they_are_listed() {
    refused(&["check", "--fault", "nothing"], &["`nothing`; `hearback list faults` names"]);
}

#[test]
fn a_cause_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let text = stderr(&run(folder.path(), &["recheck", "nothere.jsonl"]));
    assert_eq!(text.matches("No such file").count(), 1, "{text}");
    std::fs::write(folder.path().join("hearback-runs"), "in the way").unwrap();
    let text = stderr(&run(folder.path(), &["check", "-q"]));
    assert!(text.contains("--journal FILE") && text.contains("because: "), "{text}");
    assert_eq!(text.matches("because: ").count(), 1, "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_is_lost_is_an_error() {
    let to = |path: &str| {
        let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        let listed = hearback().args(["list", "requirements"]).stdout(file).output().unwrap();
        (listed.status.code(), stderr(&listed))
    };
    assert_eq!(to("/dev/null").0, Some(0));
    let (code, text) = to("/dev/full");
    assert!(code == Some(3) && text.contains("standard output"), "{code:?} {text}");
}

#[test]
fn an_unknown_format_names_those_there_are() {
    refused(&["check", "--report", "junt=x.xml"], &["junt", "junit"]);
    refused(&["check", "--report", "junit"], &["FORMAT=PATH"]);
}

#[test]
fn a_report_that_goose_cannot_write_is_refused_before_the_run() {
    for file in ["x.foo", "x.pdf", "x"] {
        refused(&["load", "--goose-report", file], &[file, "goose writes .html, .md or .json"]);
    }
}

#[test]
fn plots_need_a_format_and_a_folder_that_can_be_made() {
    refused(&["load", "--plots", "gif=plots"], &["`gif`; there is png, svg"]);
    refused(&["load", "--plots", "plots"], &["FORMAT=FOLDER"]);
    let file = tempfile::NamedTempFile::new().unwrap();
    let within = format!("png={}/plots", file.path().display());
    refused(&["load", "--plots", &within], &["plots cannot be written to", "because: "]);
    refused(&["compare", "a", "--plots", &within, "--", "b"], &["plots cannot be written to"]);
}

#[test]
fn a_target_needs_accounts_and_a_scheme() {
    refused(&["check", "--target", "http://localhost/api"], &["--accounts"]);
    let folder = tempfile::tempdir().unwrap();
    let accounts = folder.path().join("a.toml");
    std::fs::write(&accounts, "[[account]]\nusername = \"a\"\npassword = \"b\"\n").unwrap();
    let accounts = accounts.to_str().unwrap();
    refused(&["check", "--target", "localhost:8000/api", "--accounts", accounts], &["http"]);
}

#[test]
fn a_bad_accounts_file_is_shown_with_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("accounts.toml");
    std::fs::write(&path, "[[account]]\nusername = \"alice\"\npasword = \"x\"\n").unwrap();
    let path = path.to_str().unwrap();
    let arguments = ["check", "--target", "http://127.0.0.1:9/api", "--accounts", path];
    refused(&arguments, &["pasword", "password", "accounts.toml:3"]);
}

#[test]
fn a_bad_file_of_waivers_is_shown_with_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waivers.toml");
    std::fs::write(&path, "[[waiver]]\nrequirement = \"room/archiv\"\nreason = \"x\"\n").unwrap();
    let path = path.to_str().unwrap();
    let expected = ["room/archiv", "did you mean `room/archive`", "waivers.toml:2"];
    refused(&["check", "--waivers", path], &expected);
    refused(&["check", "--waivers", "/no/such/file"], &["/no/such/file"]);
}

#[test]
fn what_is_no_journal_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("not.jsonl");
    std::fs::write(&path, "hello\nworld\n").unwrap();
    refused(&["recheck", path.to_str().unwrap()], &["not.jsonl", "line 1"]);
    refused(&["recheck", "/no/such/file"], &["/no/such/file"]);
}

#[test]
fn an_id_that_is_not_the_target_s_is_shown_with_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("accounts.toml");
    let account = |name: &str, id: i64| {
        format!("[[account]]\nusername = \"{name}\"\npassword = \"{name}-password\"\nid = {id}\n")
    };
    std::fs::write(&path, [account("alice", 1), account("bob", 7)].concat()).unwrap();
    let profile = folder.path().join("two.toml");
    std::fs::write(&profile, TWO).unwrap();
    let server = Server::start(&[]);
    let target = ["--target", &server.base, "--accounts", path.to_str().unwrap()];
    let expected = [
        "`bob` has the id 7 in the accounts file, but 2 at the target",
        "accounts.toml:8",
        "the target is wrong",
    ];
    refused(&[&["check"][..], &target].concat(), &expected);
    let load = ["load", "--profile", profile.to_str().unwrap()];
    refused(&[&load[..], &target].concat(), &expected);
    refused(&[&load[..], &["--find-capacity"], &target].concat(), &expected);
}

#[test]
fn a_journal_without_its_beginning_or_its_middle_is_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let check = ["check", "-q", "--cases", "0", "--only", "room/stats", "--journal", "run.jsonl"];
    assert_eq!(run(folder.path(), &check).status.code(), Some(0));
    let whole = std::fs::read_to_string(folder.path().join("run.jsonl")).unwrap();
    let lines: Vec<_> = whole.lines().collect();
    let judged = |lines: &[&str]| {
        std::fs::write(folder.path().join("cut.jsonl"), lines.join("\n")).unwrap();
        let output = run(folder.path(), &["recheck", "cut.jsonl"]);
        (output.status.code(), stderr(&output))
    };
    let (code, text) = judged(&lines[20..]);
    assert!(code == Some(3) && text.contains("its first 20 events are missing"), "{text}");
    let (code, text) = judged(&[&lines[..20], &lines[30..]].concat());
    assert!(code == Some(3) && text.contains("events 20 to 29 are missing"), "{text}");
    // The end may be missing: what did not happen is not held against the target.
    let (code, text) = judged(&lines[..lines.len() - 5]);
    assert_eq!(code, Some(3), "{text}");
    assert!(!text.contains("missing"), "{text}");
}
