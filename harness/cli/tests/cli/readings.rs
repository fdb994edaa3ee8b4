//! The readings that a target takes, and those that `hearback.toml` pins.

use crate::support::{check, run, stderr};

#[test]
fn a_pinned_reading_fails_the_run_once_the_target_takes_another() {
    let folder = tempfile::tempdir().unwrap();
    let pin = "[readings]\ndelete-status = \"200\"\n";
    std::fs::write(folder.path().join("hearback.toml"), pin).unwrap();
    let only = ["--only", "deletion/delete-own", "--cases", "0"];
    for (reading, code, outcome) in [("200", 0, "holds"), ("204", 1, "broken")] {
        let reading = format!("delete-status={reading}");
        let switch = ["--reading", &reading];
        let arguments: Vec<_> = only.iter().chain(&switch).copied().collect();
        let (report, status) = check(folder.path(), &arguments);
        assert_eq!((status, report["outcome"].as_str()), (code, Some(outcome)), "{report:#}");
        let answers = report["answers"].as_array().unwrap();
        let answer = answers.iter().find(|it| it["question"] == "delete-status").unwrap();
        assert_eq!(answer["pinned"], "delete-status=200");
        assert_eq!(answer["observed"][0]["reading"], reading.as_str());
    }
}

#[test]
fn a_pin_that_names_no_reading_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    let pin = "[readings]\ndelete-status = \"202\"\n";
    std::fs::write(folder.path().join("hearback.toml"), pin).unwrap();
    let output = run(folder.path(), &["check", "--quiet"]);
    assert_eq!(output.status.code(), Some(2));
    let error = stderr(&output);
    assert!(error.contains("`202`") && error.contains("hearback.toml:2"), "{error}");
    assert!(error.contains("delete-status = \"202\""), "{error}");
}
