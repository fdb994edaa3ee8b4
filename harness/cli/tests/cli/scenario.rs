//! Scenario files: created, linted and run.

use std::path::Path;

use crate::support::{run, stderr, stdout};

const HEAD: &str = "title: t\nactors: [alice, bob]\nroom: group\nmembers: [bob]\nsteps:\n";

fn write(folder: &Path, name: &str, steps: &str) {
    std::fs::write(folder.join(name), format!("{HEAD}{steps}")).unwrap();
}

#[test]
fn new_scenarios_are_valid_pass_and_are_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = |arguments: &[&str]| run(folder.path(), &[&["scenario"], arguments].concat());
    assert_eq!(scenario(&["new", "mine/first"]).status.code(), Some(0));
    let lint = scenario(&["lint", "mine"]);
    assert_eq!((lint.status.code(), stderr(&lint).as_str()), (Some(0), ""));
    let ran = scenario(&["run", "mine/first.yaml", "-q"]);
    assert_eq!(ran.status.code(), Some(0), "{}", stdout(&ran));
    assert!(stdout(&ran).contains("passed    mine/first (9 of 9 expectations hold)"));
    let again = scenario(&["new", "mine/first.yaml"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("cannot write mine/first.yaml"), "{}", stderr(&again));
}

#[test]
fn failed_expectations_have_a_location() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "wrong.yaml",
        "  - { alice: rooms.get, at: '{room.id}', expect: { status: 200, body.participant_count: 3 } }
  - { alice: connect }
  - { bob: connect }
  - { bob: typing }
  - { bob: fence }
  - { alice: expect-nothing, event: typing }
  - { alice: expect, event: typing, where: { is_typing: true } }
  - { alice: expect, event: typing, within: 50ms }
",
    );
    let ran = run(folder.path(), &["scenario", "run", "wrong.yaml", "-q"]);
    let text = stdout(&ran);
    assert_eq!(ran.status.code(), Some(1), "{text}");
    for part in [
        "failed    wrong (2 of 5 expectations hold)",
        "wrong.yaml:6, step 1: alice rooms.get body.participant_count\n            expected  3\n            actual    2",
        "wrong.yaml:11, step 6: alice typing\n            expected  none\n            actual    {\"type\":\"typing\"",
        // The one that came was taken by the step before.
        "wrong.yaml:13, step 8: alice typing\n            expected  one within 50ms",
        "0 broken",
    ] {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
}

#[test]
fn expectations_of_a_requirement_count_as_its_observations() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "spoken.yaml",
        "  - { alice: rooms.stats, at: '{room.id}', expect: { body.message_count: 7 }, requirement: room/stats-message-count }\n",
    );
    let ran = run(folder.path(), &["scenario", "run", "spoken.yaml", "-q", "-v"]);
    let text = stdout(&ran);
    assert_eq!(ran.status.code(), Some(1), "{text}");
    assert!(text.contains("room/stats-message-count"), "{text}");
    assert!(text.contains("spoken.yaml:6: alice rooms.stats body.message_count"), "{text}");
}

#[test]
fn a_failed_expectation_is_in_every_report_and_in_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "mine.yaml",
        "  - { alice: rooms.get, at: '{room.id}', expect: { body.name: other } }\n",
    );
    let reports = ["json", "junit", "markdown", "html", "text"]
        .map(|format| format!("--report={format}=out.{format}"));
    let mut arguments = vec!["scenario", "run", "mine.yaml", "-q", "--journal", "j.jsonl"];
    arguments.extend(reports.iter().map(String::as_str));
    let ran = run(folder.path(), &arguments);
    assert_eq!(ran.status.code(), Some(1), "{}", stdout(&ran));
    let rechecked = run(folder.path(), &["recheck", "j.jsonl"]);
    assert_eq!(rechecked.status.code(), Some(1), "{}", stdout(&rechecked));
    for (format, part) in [
        ("json", "\"outcome\": \"broken\""),
        ("junit", "failures=\"1\""),
        ("markdown", "### hearback: broken"),
        ("html", "<title>hearback: broken</title>"),
        ("text", "BROKEN: "),
    ] {
        let text = std::fs::read_to_string(folder.path().join(format!("out.{format}"))).unwrap();
        assert!(text.contains(part), "{format}: {text}");
        assert!(text.contains("mine.yaml:"), "{format}: {text}");
    }
}

#[test]
fn faults_fail_expectations_and_break_requirements() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "typing.yaml",
        "  - { alice: connect }
  - { bob: connect }
  - { bob: typing }
  - { bob: fence }
  - { bob: expect-nothing, event: typing }
",
    );
    let arguments = ["scenario", "run", "typing.yaml", "-q"];
    assert_eq!(run(folder.path(), &arguments).status.code(), Some(0));
    let fault = ["--fault", "socket/typing-reaches-typist"];
    let ran = run(folder.path(), &[&arguments[..], &fault].concat());
    let text = stdout(&ran);
    assert_eq!(ran.status.code(), Some(1), "{text}");
    assert!(text.contains("typing.yaml:10, step 5: bob typing"), "{text}");
    assert!(text.contains("socket/typing-not-to-typist"), "{text}");
}

#[test]
fn expectations_of_tokens_are_redacted() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "tokens.yaml",
        "  - { alice: token.obtain, as: access, save: tokens, expect: { body: { absent: true } } }
  - { alice: rooms.list, expect: { body.count: '{tokens.access}' } }
",
    );
    let ran = run(folder.path(), &["scenario", "run", "tokens.yaml", "-q", "--journal", "j.jsonl"]);
    assert_eq!(ran.status.code(), Some(1), "{}", stdout(&ran));
    let journal = std::fs::read_to_string(folder.path().join("j.jsonl")).unwrap();
    assert_eq!(journal.matches("\"expectation_checked\"").count(), 2);
    for text in [stdout(&ran), journal] {
        assert!(text.contains("token of alice]"), "{text}");
        assert!(!text.contains("eyJ"), "{text}");
    }
}

#[test]
fn stopped_scenarios_have_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "stops.yaml",
        "  - { alice: rooms.get, at: '{unknown.uuid}', save: gone }\n  - { alice: rooms.get, at: '{gone.id}' }\n",
    );
    let ran = run(folder.path(), &["scenario", "run", "stops.yaml", "-q"]);
    assert_eq!(ran.status.code(), Some(4));
    let reason = "stopped   stops: step 2: undefined variable `{gone.id}`";
    assert!(stdout(&ran).contains(reason), "{}", stdout(&ran));
}

#[test]
fn errors_have_line_column_and_caret_and_prevent_the_run() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "typo.yaml", "  - { alice: rooms.lst }\n  - { carol: rooms.list }\n");
    for command in ["lint", "run"] {
        let output = run(folder.path(), &["scenario", command, "typo.yaml"]);
        assert_eq!(output.status.code(), Some(2));
        let text = stderr(&output);
        for part in ["typo.yaml:6:14", "────┬────", "did you mean `rooms.list`", "typo.yaml:7:7"]
        {
            assert!(text.contains(part), "`{part}` is not in\n{text}");
        }
        assert!(!folder.path().join("hearback-runs").exists());
    }
    let nothing = run(folder.path(), &["scenario", "lint", "nowhere.yaml"]);
    assert_eq!(nothing.status.code(), Some(2));
}

#[test]
fn the_trace_has_a_lane_per_actor() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "lanes.yaml",
        "  - { alice: connect }\n  - { bob: connect }\n  - { bob: say, text: hi }\n  - { alice: rooms.get, at: '{room.id}', as: garbage, expect: { status: 200 } }\n",
    );
    let ran = run(folder.path(), &["scenario", "run", "lanes.yaml", "--trace", "-q"]);
    let text = stdout(&ran);
    let head = text.lines().find(|line| line.starts_with("ms")).unwrap();
    let (alice, bob) = (head.find("alice").unwrap(), head.find("bob").unwrap());
    let stands = |cell: &str, lane: usize| {
        text.lines().any(|line| {
            line.chars().skip(lane).collect::<String>().starts_with(cell)
                && line.chars().skip(11).take(lane - 11).all(|letter| letter == ' ')
        })
    };
    for (cell, lane) in [
        ("» connect", alice),
        ("» connect", bob),
        ("» chat_message \"hi\"", bob),
        ("« chat_message \"hi\"", alice),
        ("« chat_message \"hi\"", bob),
        ("→ rooms.get as garbage", alice),
        ("← 401", alice),
        ("✗ step 4: 200, not 401", alice),
    ] {
        assert!(stands(cell, lane), "`{cell}` is not in lane {lane} of\n{text}");
    }
    assert!(!text.contains('\x1b'));
}

#[test]
fn exported_scenarios_are_valid() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &["scenario", "export", "copies"]).status.code(), Some(0));
    let lint = run(folder.path(), &["scenario", "lint", "copies"]);
    assert_eq!((lint.status.code(), stderr(&lint).as_str()), (Some(0), ""));
}

#[test]
fn best_effort_scenarios_skip_impossible_steps() {
    let folder = tempfile::tempdir().unwrap();
    let steps = "  - { alice: rooms.get, at: '{missing.id}' }\n  - { bob: typing }\n  \
                 - { alice: connect }\n  - { alice: connect }\n  \
                 - { alice: rooms.get, at: '{room.id}', expect: { status: 200 } }\n";
    let head = "title: t\nactors: [alice, bob]\nroom: group\nmembers: [bob]\n";
    let text = format!("{head}best_effort: true\nsteps:\n{steps}");
    std::fs::write(folder.path().join("best_effort.yaml"), &text).unwrap();
    let journal = ["--journal", "run.jsonl", "-q"];
    let ran =
        run(folder.path(), &[&["scenario", "run", "best_effort.yaml"][..], &journal].concat());
    assert_eq!(ran.status.code(), Some(0), "{}", stderr(&ran));
    assert!(stdout(&ran).contains("(1 of 1 expectations hold)"), "{}", stdout(&ran));
    assert!(stderr(&ran).contains("unknown variable `missing`"), "{}", stderr(&ran));
    let recorded = std::fs::read_to_string(folder.path().join("run.jsonl")).unwrap();
    let of_scenario = recorded.lines().filter(|line| line.contains(r#""scenario":"best_effort""#));
    // One socket of the scenario, and one of the audit after its last step.
    assert_eq!(of_scenario.filter(|line| line.contains(r#""event":"connecting""#)).count(), 2);

    std::fs::write(folder.path().join("strict.yaml"), text.replace("true", "false")).unwrap();
    let strict = run(folder.path(), &["scenario", "run", "strict.yaml", "-q"]);
    assert_eq!(strict.status.code(), Some(2), "{}", stderr(&strict));
}
