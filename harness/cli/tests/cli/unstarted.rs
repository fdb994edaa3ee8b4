//! Runs that do not start: every requested report says why, and no report of an earlier run stays.

use std::path::Path;

use serde_json::Value;

use crate::support::{TWO, run, stderr, write_accounts};

/// The reports of a command whose target is down, in files that exist already.
fn reports(folder: &Path, command: &[&str], formats: &[&str]) -> Vec<(String, String)> {
    write_accounts(&folder.join("accounts.toml"));
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let target = format!("http://127.0.0.1:{port}/api");
    let mut all = command.to_vec();
    all.extend(["--target", &target, "--accounts", "accounts.toml", "--quiet"]);
    let options: Vec<_> =
        formats.iter().map(|format| format!("--report={format}=out.{format}")).collect();
    all.extend(options.iter().map(String::as_str));
    for format in formats {
        std::fs::write(folder.join(format!("out.{format}")), "an earlier report").unwrap();
    }
    let output = run(folder, &all);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let read = |format: &&str| {
        let text = std::fs::read_to_string(folder.join(format!("out.{format}"))).unwrap();
        // Text is wrapped.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!text.contains("an earlier report"), "{text}");
        (format.to_string(), text)
    };
    formats.iter().map(read).collect()
}

#[test]
fn every_report_of_a_check_says_that_nothing_listens() {
    let folder = tempfile::tempdir().unwrap();
    let formats = ["text", "json", "junit", "markdown", "html"];
    for (format, text) in reports(folder.path(), &["check"], &formats) {
        assert!(text.contains("the connection was refused"), "{format}: {text}");
        match &*format {
            "junit" => assert!(text.contains("errors=\"1\"") && text.contains("<error"), "{text}"),
            "json" => {
                let report: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(report["outcome"], "unfinished");
                assert_eq!(report["end"]["status"], "aborted");
            }
            _ => {}
        }
    }
}

#[test]
fn every_report_of_a_load_run_says_that_nothing_listens() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("two.toml"), TWO).unwrap();
    let formats = ["text", "json", "junit", "markdown", "html"];
    for (format, text) in reports(folder.path(), &["load", "--profile", "two.toml"], &formats) {
        assert!(text.contains("the connection was refused"), "{format}: {text}");
        if format == "junit" {
            assert!(text.contains("<error"), "{text}");
        }
    }
}

#[test]
fn reports_that_cannot_be_written_are_usage_errors_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    write_accounts(&folder.path().join("accounts.toml"));
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    for (path, reason) in [
        ("missing/out.xml", "the directory missing does not exist"),
        ("folder", "it is a directory"),
    ] {
        let report = format!("--report=junit={path}");
        let target = ["--target", "http://127.0.0.1:9/api", "--accounts", "accounts.toml"];
        let command = [&["check", &*report][..], &target].concat();
        let output = run(folder.path(), &command);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(reason), "{}", stderr(&output));
    }
    assert!(!folder.path().join("hearback-runs").exists(), "the run did not start");
}
