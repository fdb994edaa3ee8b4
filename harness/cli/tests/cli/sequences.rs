//! Faults that only sequences of commands reach: found, minimized and replayed.

use std::path::Path;

use hearback_mutants::FAULTS;
use serde_json::Value;

use crate::support::{Server, run, stderr, stdout, write_accounts};

/// The minimized scenario that `hearback fuzz` found for a fault.
fn reproduction(fault: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reproductions");
    folder.join(format!("{}.yaml", fault.replace('/', "-"))).to_string_lossy().into_owned()
}

#[test]
fn the_reproduction_of_each_fault_fails_with_it_and_holds_without() {
    let folder = tempfile::tempdir().unwrap();
    let mut steps = String::new();
    for fault in FAULTS.iter().filter(|fault| fault.in_sequences) {
        let file = reproduction(fault.id.as_str());
        let runs = |fault: &[&str]| {
            let scenario = ["scenario", "run", &file, "--quiet", "--timeout", "2"];
            let scenario = [&scenario[..], &["--fail-on", "should"]].concat();
            run(folder.path(), &[&scenario[..], fault].concat())
        };
        let clean = runs(&[]);
        assert_eq!(clean.status.code(), Some(0), "{}\n{}", fault.id, stdout(&clean));
        let broken = runs(&["--fault", fault.id.as_str()]);
        let (text, level) = (stdout(&broken), fault.breaks.requirement().level);
        assert_eq!(broken.status.code(), Some(1), "{}\n{text}", fault.id);
        assert!(text.contains(&format!("{level} {}", fault.breaks)), "{}\n{text}", fault.id);
        let yaml = std::fs::read_to_string(&file).unwrap();
        let count = yaml.lines().filter(|line| line.contains("- {")).count();
        steps.push_str(&format!("{}: {count}\n", fault.id));
    }
    insta::assert_snapshot!("steps_of_each_reproduction", steps);
}

#[test]
fn a_defect_is_found_minimized_and_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let fault = ["--fault", "participant/returning-admins-are-none"];
    let fuzz = [
        "fuzz",
        "--quiet",
        "--duration",
        "5m",
        "--seed",
        "8",
        "--only",
        "participant/add-as-admin",
    ];
    let options = ["--journal", "run.jsonl", "--report", "json=-"];
    let found = run(folder.path(), &[&fuzz[..], &options, &fault].concat());
    assert_eq!(found.status.code(), Some(1), "{}", stdout(&found));
    let report: Value = serde_json::from_str(&stdout(&found)).unwrap();
    let requirements = report["families"][0]["requirements"].as_array().unwrap();
    let finding = &requirements[0]["findings"][0];
    let reproduction = &finding["reproduction"];
    assert_eq!(reproduction["file"], "run/participant-add-as-admin.yaml");
    assert_eq!((&reproduction["steps"], &reproduction["reproduced"]), (&2.into(), &5.into()));
    let script = finding["reproduce"].as_array().unwrap();
    let begin = "# hearback scenario run run/participant-add-as-admin.yaml \
                 --fault participant/returning-admins-are-none  # ";
    assert!(script.iter().any(|line| line.as_str().unwrap().starts_with(begin)), "{script:?}");
    // A redacted password would not log in.
    assert!(script.iter().all(|line| !line.as_str().unwrap().contains("[password")), "{script:?}");

    let file = ["scenario", "run", "run/participant-add-as-admin.yaml"];
    assert_eq!(run(folder.path(), &[&file[..], &fault].concat()).status.code(), Some(1));
    assert_eq!(run(folder.path(), &file).status.code(), Some(0));

    write_accounts(&folder.path().join("accounts.toml"));
    let server = Server::start(&[]);
    for finding in ["participant/add-as-admin", "1"] {
        let replay = ["replay", "run.jsonl", finding, "--quiet", "--times", "2"];
        let broken = run(folder.path(), &replay);
        assert_eq!(broken.status.code(), Some(1), "{}", stdout(&broken));
        let text = stdout(&broken);
        assert!(text.starts_with("BROKEN in 2 of 2 attempts: participant/add-as-admin"), "{text}");
        assert!(text.contains("same variant"), "{text}");
        assert!(text.contains("with participant/returning-admins-are-none"), "{text}");
        // Another target can be named: here a server without the fault.
        let named = ["--target", &server.base, "--accounts", "accounts.toml"];
        let mended = run(folder.path(), &[&replay[..], &named].concat());
        assert_eq!(mended.status.code(), Some(0), "{}", stdout(&mended));
        assert!(stdout(&mended).contains(&server.base), "{}", stdout(&mended));
    }
    let unknown = run(folder.path(), &["replay", "run.jsonl", "room/leave"]);
    assert_eq!(unknown.status.code(), Some(2));

    // Attempts of the minimization are not checked again.
    let rechecked =
        run(folder.path(), &["recheck", "run.jsonl", "-v", "--only", "participant/add-as-admin"]);
    assert_eq!(rechecked.status.code(), Some(1));
    assert!(stdout(&rechecked).contains("2 steps"), "{}", stdout(&rechecked));
}

#[test]
fn findings_of_a_remote_target_are_replayed_only_if_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    write_accounts(&folder.path().join("accounts.toml"));
    let server = Server::start(&["--fault", "room/stats-count-one-more-message"]);
    let named = ["--target", server.base.as_str(), "--accounts", "accounts.toml"];
    let check = ["check", "-q", "--cases", "0", "--only", "room/stats", "--journal", "run.jsonl"];
    let found = run(folder.path(), &[&check[..], &named].concat());
    assert_eq!(found.status.code(), Some(1), "{}", stdout(&found));

    let replay = ["replay", "run.jsonl", "1", "-q", "--times", "1"];
    let refused = run(folder.path(), &replay);
    assert_eq!(refused.status.code(), Some(2), "{}", stdout(&refused));
    let how = format!("add --target {} --accounts accounts.toml", server.base);
    assert!(stderr(&refused).contains(&how), "{}", stderr(&refused));
    let again = run(folder.path(), &[&replay[..], &named].concat());
    assert_eq!(again.status.code(), Some(1), "{}", stdout(&again));
    assert!(stdout(&again).contains(&format!("at {}", server.base)), "{}", stdout(&again));
}

#[test]
fn fuzzing_ends_at_its_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let fuzz = ["fuzz", "--quiet", "--cases", "20", "--seed", "3", "--journal", "run.jsonl"];
    let output = run(folder.path(), &fuzz);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let journal = std::fs::read_to_string(folder.path().join("run.jsonl")).unwrap();
    let started = journal.lines().filter(|line| line.contains("scenario_started")).count();
    assert_eq!(started, 20);
    // What runs when the time is over still ends.
    let timed = run(folder.path(), &["fuzz", "--quiet", "--duration", "3s", "--seed", "3"]);
    assert_eq!(timed.status.code(), Some(0), "{}", stdout(&timed));
    let alone = run(folder.path(), &["fuzz", "--quiet", "--case", "sequence/32a5d554"]);
    assert_eq!(alone.status.code(), Some(0), "{}", stdout(&alone));
    let unknown = run(folder.path(), &["fuzz", "--case", "sequence/nothing"]);
    assert_eq!(unknown.status.code(), Some(2));
}
