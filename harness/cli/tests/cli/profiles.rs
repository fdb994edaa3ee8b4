//! `hearback profile`, and the options of `hearback load` that change a profile.

use crate::support::{run, stderr, stdout};

#[test]
fn a_new_profile_is_valid_and_can_be_planned() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["profile", "new", "night"]);
    let said = "Created night.toml; run it with: hearback load --profile night.toml";
    assert_eq!(stdout(&output).trim(), said);
    let again = run(folder.path(), &["profile", "new", "night"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("cannot write night.toml"), "{}", stderr(&again));
    let lint = run(folder.path(), &["profile", "lint", "night.toml", "smoke"]);
    assert_eq!((stdout(&lint).trim(), lint.status.code()), ("2 profiles, no errors", Some(0)));
    let plan = run(folder.path(), &["load", "--profile", "night.toml", "--dry-run"]);
    let text = stdout(&plan);
    assert!(text.contains("lost = 0; a miss after 10 s ends the run"), "{text}");
}

#[test]
fn errors_in_profiles_are_reported_with_their_position() {
    let folder = tempfile::tempdir().unwrap();
    let export = run(folder.path(), &["profile", "export", "profiles"]);
    assert!(stdout(&export).ends_with("profiles to profiles\n"), "{}", stdout(&export));
    let smoke = folder.path().join("profiles/smoke.toml");
    let text = std::fs::read_to_string(&smoke).unwrap();
    std::fs::write(&smoke, text.replace("drain", "drains")).unwrap();
    let lint = run(folder.path(), &["profile", "lint", "profiles/smoke.toml", "smoke"]);
    assert_eq!((stdout(&lint).trim(), lint.status.code()), ("Errors in 1 of 2 profiles", Some(2)));
    assert!(stderr(&lint).contains("drains"), "{}", stderr(&lint));
    let again = run(folder.path(), &["profile", "export", "profiles"]);
    assert_eq!(again.status.code(), Some(2));
}

#[test]
fn options_change_the_schedule_and_the_rooms() {
    let folder = tempfile::tempdir().unwrap();
    let planned = |options: &[&str]| {
        let output = run(folder.path(), &[&["load", "--dry-run"], options].concat());
        stdout(&output) + &stderr(&output)
    };
    let cases: [(&[&str], &str); 6] = [
        (&["--stage", "10s:20,30s:20,10s:0"], "about 800 in total, 20 per second at the peak"),
        (&["--rate", "5", "--duration", "1m"], "about 315 in total, 5 per second at the peak"),
        (&["--members", "30"], "5 of 30 to 30 members"),
        (&["--stage", "10s:0"], "the schedule sends no message"),
        (&["--stage", "10s"], "expected a duration and a rate, for example 30s:50"),
        (&["--stage", "10s:5", "--rate", "5"], "cannot be used with"),
    ];
    for (options, expected) in cases {
        let text = planned(options);
        assert!(text.contains(expected), "{options:?}: {expected} is not in {text}");
    }
}
