//! Gates on new violations only, and comparisons of checks.

use serde_json::Value;

use crate::support::{check, run, stderr, stdout};

#[test]
fn only_violations_that_the_baseline_does_not_have_fail() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let only = ["--only", "room/archive,room/stats", "--cases", "0", "--fail-on", "should"];
    let one = ["--fault", "room/archive-says-active"];
    let two = [&one[..], &["--fault", "room/stats-count-one-more-message"]].concat();
    let journal = |name| ["--journal", name];
    let (report, code) = check(folder, &[&only[..], &one, &journal("old.jsonl")].concat());
    assert_eq!(code, 1);
    std::fs::write(folder.join("main.json"), report.to_string()).unwrap();

    let with_baseline = [&only[..], &["--baseline", "main.json"]].concat();
    let (report, code) = check(folder, &[&with_baseline[..], &one].concat());
    assert_eq!(
        (code, &report["outcome"], &report["counts"]["known"]),
        (0, &"holds".into(), &1.into())
    );
    let (report, code) = check(folder, &[&with_baseline[..], &two, &journal("new.jsonl")].concat());
    assert_eq!(code, 1);
    let new: Vec<_> = report["changes"]["new"].as_array().unwrap().iter().collect();
    assert!(!new.is_empty());
    assert!(new.iter().all(|it| it["requirement"] == "room/stats-message-count"), "{new:?}");
    assert_eq!(report["changes"]["known"][0]["requirement"], "room/archive");

    // The same from two journals, and in the other direction.
    let compare = |arguments: &[&str]| run(folder, &[&["compare"], arguments].concat());
    let output = compare(&["old.jsonl", "new.jsonl", "--report", "json=changes.json"]);
    // The journals are checked with the default level, must.
    assert_eq!(output.status.code(), Some(1), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("WORSE: "), "{}", stdout(&output));
    let text = std::fs::read_to_string(folder.join("changes.json")).unwrap();
    let changes: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(changes["new"][0]["requirement"], "room/stats-message-count");
    let output = compare(&["new.jsonl", "main.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).contains("FIXED VIOLATIONS"), "{}", stdout(&output));
    let output = compare(&["main.json", "main.json", "main.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("compared one with one"), "{}", stderr(&output));
    let output = run(folder, &["check", "--baseline", "none.json"]);
    assert!(stderr(&output).contains("cannot read none.json"), "{}", stderr(&output));
}
