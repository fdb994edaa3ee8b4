//! The folder of runs.

use crate::support::{check, hearback, in_state, run, stderr, stdout};

#[test]
fn old_runs_are_removed_and_the_folder_is_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("hearback-runs");
    std::fs::write(folder.path().join("hearback.toml"), "[runs]\nkeep = 2\n").unwrap();
    let scenario = include_str!("../../../../scenarios/files/auth/tokens.yaml");
    std::fs::write(folder.path().join("tokens.yaml"), scenario).unwrap();
    let mut seen = Vec::new();
    for number in 0..4 {
        let output = run(folder.path(), &["scenario", "run", "tokens.yaml", "--quiet"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let mut names: Vec<String> = std::fs::read_dir(&runs)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".jsonl"))
            .collect();
        names.sort();
        if number == 0 {
            // Of the user, and kept.
            std::fs::write(runs.join("abcdef.jsonl"), "notes").unwrap();
            std::fs::write(runs.join("README"), "notes").unwrap();
        }
        seen.push(names);
    }
    let ours = |names: &[String]| names.iter().filter(|name| *name != "abcdef.jsonl").count();
    assert_eq!(seen.iter().map(|names| ours(names)).collect::<Vec<_>>(), [1, 2, 2, 2], "{seen:?}");
    assert!(!seen[3].contains(&seen[0][0]), "the oldest run is kept: {seen:?}");
    assert_eq!(std::fs::read_to_string(runs.join("abcdef.jsonl")).unwrap(), "notes");
    assert!(runs.join("README").exists());
    assert_eq!(std::fs::read_to_string(runs.join(".gitignore")).unwrap(), "*\n");
}

#[test]
fn stored_runs_are_listed_shown_opened_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let output = run(folder, &["runs", "show"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("no runs are stored"), "{}", stderr(&output));
    let only = ["--only", "room/archive", "--cases", "0", "--fail-on", "should"];
    let faulty = [&only[..], &["--fault", "room/archive-says-active"]].concat();
    let (first, _) = check(folder, &faulty);
    let (second, _) = check(folder, &only);
    let [first, second] =
        [&first, &second].map(|report| report["run"].as_str().unwrap().to_owned());
    let output = run(folder, &["runs", "list", "--format", "json"]);
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<_> = listed.as_array().unwrap().iter().map(|run| run["run"].clone()).collect();
    assert_eq!(names, [second.as_str(), first.as_str()]);
    assert_eq!((&listed[0]["kind"], &listed[0]["end"]), (&"check".into(), &"completed".into()));
    let decided =
        |index: usize| ["verdict", "held", "broken"].map(|key| listed[index][key].clone());
    assert_eq!(decided(0), ["holds", "1", "0"]);
    assert_eq!(decided(1), ["broken", "0", "1"]);
    assert!(stdout(&run(folder, &["runs"])).contains(&first));
    let shown = stdout(&run(folder, &["runs", "show", &first]));
    assert!(shown.contains("room/archive") && shown.contains(&format!("run {first}")), "{shown}");
    // Without programs, no browser opens.
    let opened = hearback().current_dir(folder).args(["runs", "open"]).env("PATH", "").output();
    let text = stdout(&opened.unwrap());
    assert!(text.contains(&format!("{second}.html: open it in a browser")), "{text}");
    assert!(folder.join(format!("hearback-runs/{second}.html")).exists());
    let har = |options: &[&str]| run(folder, &[&["runs", "har", first.as_str()], options].concat());
    let of = |options: &[&str]| -> serde_json::Value {
        serde_json::from_str(&stdout(&har(options))).unwrap()
    };
    let log = &of(&["--finding", "room/archive"])["log"];
    assert_eq!((&log["version"], log["pages"].as_array().unwrap().len()), (&"1.2".into(), 1));
    let entries = log["entries"].as_array().unwrap();
    let is_archive = |entry: &&serde_json::Value| {
        entry["request"]["url"].as_str().is_some_and(|url| url.ends_with("/archive/"))
    };
    assert_eq!(entries.iter().find(is_archive).unwrap()["response"]["status"], 200, "{log:#}");
    assert!(of(&[])["log"]["entries"].as_array().unwrap().len() > entries.len());
    for (option, value) in [("--finding", "room/leave"), ("--scenario", "nothing")] {
        assert_eq!(har(&[option, value]).status.code(), Some(2));
    }
    let pruned = stdout(&run(folder, &["runs", "prune", "--keep", "1"]));
    assert!(pruned.contains("1 of 2 runs removed"), "{pruned}");
    let left = stdout(&run(folder, &["runs"]));
    assert!(left.contains(&second) && !left.contains(&first), "{left}");
    assert!(stdout(&run(folder, &["runs", "prune", "--keep", "1"])).contains("0 of 1"));
}

#[test]
fn the_last_failures_are_checked_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let faulty = ["--fault", "room/archive-says-active", "--cases", "0"];
    let first =
        [&faulty[..], &["--only", "room/archive,room/stats", "--fail-on", "should"]].concat();
    let (report, _) = check(folder, &first);
    assert_eq!(in_state(&report, "broken"), ["room/archive"]);
    let again = [&faulty[..], &["--last-failed"]].concat();
    let (report, _) = check(folder, &again);
    assert_eq!(report["coverage"]["selected"], 1);
    assert_eq!(in_state(&report, "broken"), ["room/archive"]);
    // Nothing of the next run is broken, so that the one after it checks everything.
    check(folder, &["--last-failed", "--cases", "0"]);
    // A journal that cannot be written ends it before it begins.
    let output = run(folder, &["check", "-q", "--last-failed", "--journal", "none/run.jsonl"]);
    let note = "found nothing broken; checking every requirement";
    assert!(stderr(&output).contains(note), "{}", stderr(&output));
}

#[test]
fn a_run_starts_no_more_scenarios_after_enough_failures() {
    let folder = tempfile::tempdir().unwrap();
    let faulty = ["--fault", "room/archive-says-active", "--fail-on", "should", "--cases", "0"];
    let (report, code) =
        check(folder.path(), &[&faulty[..], &["--fail-fast", "--concurrency", "1"]].concat());
    assert_eq!((code, &report["outcome"]), (1, &"broken".into()));
    assert_eq!(report["coverage"]["untested"], serde_json::json!([]));
    let reasons: Vec<_> = crate::support::requirements(&report)
        .into_iter()
        .filter(|it| it["reason"]["id"] == "failure_limit")
        .collect();
    assert!(reasons.len() > 20, "{}", reasons.len());
}
