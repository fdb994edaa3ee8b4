//! Errors in the command line and in files are reported before anything is sent.

use crate::support::{Server, TWO, hearback, run, stderr};

fn rejected(arguments: &[&str], expected: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), arguments);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
    for part in expected {
        assert!(text.contains(part), "{arguments:?}: `{part}` is not in\n{text}");
    }
}

#[test]
fn unknown_requirements_suggest_neighbors() {
    rejected(&["check", "--only", "room/archiv"], &["room/archiv", "room/archive"]);
    rejected(&["check", "--may-be-untested", "room/archiv"], &["room/archiv", "room/archive"]);
    rejected(&["explain", "auth/refrsh"], &["auth/refresh"]);
}

#[test]
fn unknown_faults_suggest_neighbors() {
    rejected(&["check", "--fault", "auth/accepts-tampered-tokn"], &["auth/accepts-tampered-token"]);
}

#[test]
fn unknown_faults_without_neighbors_are_named() {
    rejected(&["check", "--fault", "nothing"], &["unknown fault `nothing`"]);
}

#[test]
fn causes_are_printed_once() {
    let folder = tempfile::tempdir().unwrap();
    let text = stderr(&run(folder.path(), &["recheck", "nothere.jsonl"]));
    assert_eq!(text.matches("No such file").count(), 1, "{text}");
    std::fs::write(folder.path().join("hearback-runs"), "in the way").unwrap();
    let text = stderr(&run(folder.path(), &["check", "-q"]));
    assert!(text.contains("--journal FILE") && text.contains("caused by: "), "{text}");
    assert_eq!(text.matches("caused by: ").count(), 1, "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_printed_is_an_error() {
    let to = |path: &str| {
        let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        let listed = hearback().args(["list", "requirements"]).stdout(file).output().unwrap();
        (listed.status.code(), stderr(&listed))
    };
    assert_eq!(to("/dev/null").0, Some(0));
    let (code, text) = to("/dev/full");
    assert!(code == Some(3) && text.contains("standard output"), "{code:?} {text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_a_run_with_its_result() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let check = ["check", "--only", "auth", "--cases", "0", "--journal", "/dev/full"];
    let checked = hearback().args(check).current_dir(&folder).stderr(full()).output().unwrap();
    let text = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.code() == Some(0) && text.contains("HOLDS"), "{checked:?}");

    let cases = ["fuzz", "--cases", "2000", "--journal", "/dev/full"];
    let fuzzed = hearback().args(cases).current_dir(&folder).output().unwrap();
    let text = String::from_utf8_lossy(&fuzzed.stdout);
    // Lines are broken anywhere.
    let text = text.replace('\n', " ");
    let is_reported = text.contains("the journal cannot be written");
    assert!(fuzzed.status.code() == Some(3) && is_reported, "{fuzzed:?}");
}

#[test]
fn unknown_formats_suggest_known_ones() {
    rejected(&["check", "--report", "junt=x.xml"], &["junt", "junit"]);
    rejected(&["check", "--report", "junit"], &["FORMAT=PATH"]);
}

#[test]
fn unsupported_reports_of_goose_are_rejected() {
    for file in ["x.foo", "x.pdf", "x"] {
        rejected(
            &["load", "--goose-report", file],
            &[file, "expected a file with the extension .html, .md or .json"],
        );
    }
}

#[test]
fn plots_need_a_known_format_and_a_writable_folder() {
    rejected(
        &["load", "--plots", "gif=plots"],
        &["unknown plot format `gif`; expected `png` or `svg`"],
    );
    rejected(&["load", "--plots", "plots"], &["FORMAT=FOLDER"]);
    let file = tempfile::NamedTempFile::new().unwrap();
    let within = format!("png={}/plots", file.path().display());
    rejected(&["load", "--plots", &within], &["cannot write plots to", "caused by: "]);
    rejected(&["compare", "a", "--plots", &within, "--", "b"], &["cannot write plots to"]);
}

#[test]
fn targets_need_accounts_and_a_scheme() {
    rejected(&["check", "--target", "http://localhost/api"], &["--accounts"]);
    let folder = tempfile::tempdir().unwrap();
    let accounts = folder.path().join("a.toml");
    std::fs::write(&accounts, "[[account]]\nusername = \"a\"\npassword = \"b\"\n").unwrap();
    let accounts = accounts.to_str().unwrap();
    rejected(&["check", "--target", "localhost:8000/api", "--accounts", accounts], &["http"]);
}

#[test]
fn errors_in_accounts_files_have_a_location() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("accounts.toml");
    std::fs::write(&path, "[[account]]\nusername = \"alice\"\npasword = \"x\"\n").unwrap();
    let path = path.to_str().unwrap();
    let arguments = ["check", "--target", "http://127.0.0.1:9/api", "--accounts", path];
    rejected(&arguments, &["pasword", "password", "accounts.toml:3"]);
}

#[test]
fn errors_in_waivers_files_have_a_location() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waivers.toml");
    std::fs::write(&path, "[[waiver]]\nrequirement = \"room/archiv\"\nreason = \"x\"\n").unwrap();
    let path = path.to_str().unwrap();
    let expected = ["room/archiv", "did you mean `room/archive`", "waivers.toml:2"];
    rejected(&["check", "--waivers", path], &expected);
    rejected(&["check", "--waivers", "/no/such/file"], &["/no/such/file"]);
}

#[test]
fn invalid_journals_are_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("not.jsonl");
    std::fs::write(&path, "hello\nworld\n").unwrap();
    rejected(&["recheck", path.to_str().unwrap()], &["not.jsonl", "line 1"]);
    rejected(&["recheck", "/no/such/file"], &["/no/such/file"]);
}

#[test]
fn ids_that_contradict_the_target_have_a_location() {
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
    rejected(&[&["check"][..], &target].concat(), &expected);
    let load = ["load", "--profile", profile.to_str().unwrap()];
    rejected(&[&load[..], &target].concat(), &expected);
    rejected(&[&load[..], &["--find-capacity"], &target].concat(), &expected);
}

#[test]
fn journals_without_beginning_or_middle_are_not_checked() {
    let folder = tempfile::tempdir().unwrap();
    let check = ["check", "-q", "--cases", "0", "--only", "room/stats", "--journal", "run.jsonl"];
    assert_eq!(run(folder.path(), &check).status.code(), Some(0));
    let whole = std::fs::read_to_string(folder.path().join("run.jsonl")).unwrap();
    let lines: Vec<_> = whole.lines().collect();
    let checked = |lines: &[&str]| {
        std::fs::write(folder.path().join("cut.jsonl"), lines.join("\n")).unwrap();
        let output = run(folder.path(), &["recheck", "cut.jsonl"]);
        (output.status.code(), stderr(&output))
    };
    let (code, text) = checked(&lines[20..]);
    assert!(code == Some(3) && text.contains("the first 20 events are missing"), "{text}");
    let (code, text) = checked(&[&lines[..20], &lines[30..]].concat());
    assert!(code == Some(3) && text.contains("events 20 to 29 are missing"), "{text}");
    // The end may be missing: the target is not blamed for what did not happen.
    let (code, text) = checked(&lines[..lines.len() - 5]);
    assert_eq!(code, Some(3), "{text}");
    assert!(!text.contains("missing"), "{text}");
}
