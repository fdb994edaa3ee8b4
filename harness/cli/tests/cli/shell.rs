//! Printed reproductions run nothing of the target when they are pasted into a shell.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use hearback_testkit::servers::Echo;

use crate::support::{Server, check, requirements, stderr};

/// Part of the id of each room: whatever a shell may interpret, without slashes and quotation marks.
const HOSTILE: &str = "-$(touch PWNED)`touch PWNED`;touch PWNED;' touch PWNED;'&touch PWNED|touch PWNED\n$HOME*!!>PWNED";

/// Maximum number of scripts that are executed.
const MOST: usize = 8;

/// Programs that scripts call, with what they print here.
const PROGRAMS: [(&str, &str); 3] =
    [("curl", "echo 200 application/json"), ("jq", "echo 1"), ("websocat", "cat")];

/// Executes a script with stubs in place of its programs; the number of requests.
fn execute(folder: &Path, script: &str) -> usize {
    let stubs = folder.join("stubs");
    std::fs::create_dir_all(&stubs).unwrap();
    let ran = folder.join("ran");
    std::fs::write(&ran, "").unwrap();
    for (program, prints) in PROGRAMS {
        let stub = stubs.join(program);
        let text = format!("#!/bin/sh\necho {program} >> '{}'\n{prints}\n", ran.display());
        std::fs::write(&stub, text).unwrap();
        std::fs::set_permissions(&stub, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let pasted = folder.join("pasted");
    std::fs::create_dir_all(&pasted).unwrap();
    let output = Command::new("bash")
        .current_dir(&pasted)
        .env("PATH", format!("{}:/usr/bin:/bin", stubs.display()))
        .envs(["ALICE", "BOB", "CAROL"].map(|name| (format!("{name}_TOKEN"), "a.b.c")))
        .args(["-c", script])
        .output()
        .unwrap();
    let files = std::fs::read_dir(&pasted).unwrap().count();
    assert_eq!(files, 0, "something ran:\n{script}\n{}", stderr(&output));
    std::fs::read_to_string(ran).unwrap().lines().filter(|line| *line == "curl").count()
}

#[test]
fn nothing_of_the_target_is_executed_when_a_reproduction_is_pasted() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[]);
    let upstream = server.base.trim_start_matches("http://").trim_end_matches("/api");
    let echo = Echo::start(upstream.parse().unwrap(), HOSTILE);
    let accounts: String = ["alice", "bob", "carol"]
        .iter()
        .map(|name| {
            let password = toml::Value::from(Echo::password(name));
            format!("[[account]]\nusername = \"{name}\"\npassword = {password}\n")
        })
        .collect();
    std::fs::write(folder.path().join("accounts.toml"), accounts).unwrap();
    let base = echo.base();
    let options = ["--cases", "0", "--only", "schema,socket", "--timeout", "4"];
    let target = ["--fail-on", "should", "--target", &base, "--accounts", "accounts.toml"];
    let (report, code) = check(folder.path(), &[&options[..], &target].concat());
    assert_eq!(code, 1);
    let findings = requirements(&report).into_iter().flat_map(|it| it["findings"].as_array());
    let scripts = findings.flatten().map(|finding| {
        let lines = finding["reproduce"].as_array().unwrap().iter();
        lines.map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("\n")
    });
    let is_hostile = |script: &String| script.contains("touch") && script.contains("\nreproduce");
    let scripts: Vec<_> = scripts.filter(is_hostile).take(MOST).collect();
    assert!(scripts.len() > 1, "{report:#}");
    for script in scripts {
        assert!(execute(folder.path(), &script) > 0, "{script}");
    }
}
