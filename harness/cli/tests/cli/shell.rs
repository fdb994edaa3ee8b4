//! Printed reproductions run nothing of the target when they are pasted into a shell.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use hearback_testkit::servers::Echo;

use crate::support::{Server, run, stderr, stdout};

/// Part of the id of each room: whatever a shell may interpret, without slashes and quotation marks.
const HOSTILE: &str = "-$(touch PWNED)`touch PWNED`;touch PWNED;' touch PWNED;'&touch PWNED|touch PWNED\n$HOME*!!>PWNED";

/// Commands of reproductions.
const COMMANDS: [&str; 2] = ["curl ", "websocat "];

/// The commands in a report; markup is removed.
fn commands(text: &str) -> Vec<String> {
    let mut plain = text.to_owned();
    for (entity, character) in [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#x2f;", "/"),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(entity, character);
    }
    let mut commands = Vec::new();
    for line in plain.lines() {
        let starts = COMMANDS.iter().filter_map(|command| line.find(command));
        let Some(start) = starts.min() else { continue };
        let end = line[start..].find("</").map_or(line.len(), |it| start + it);
        commands.push(line[start..end].to_owned());
    }
    commands
}

/// The strings of a JSON document that are commands.
fn json_commands(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) if COMMANDS.iter().any(|it| text.starts_with(it)) => {
            found.push(text.clone());
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| json_commands(item, found)),
        serde_json::Value::Object(fields) => {
            fields.values().for_each(|value| json_commands(value, found));
        }
        _ => {}
    }
}

/// Executes commands with stubs in place of their programs; the number of stubs that ran.
fn execute(folder: &Path, commands: &[String]) -> usize {
    let stubs = folder.join("stubs");
    std::fs::create_dir_all(&stubs).unwrap();
    let ran = folder.join("ran");
    std::fs::write(&ran, "").unwrap();
    for command in COMMANDS {
        let stub = stubs.join(command.trim());
        std::fs::write(&stub, format!("#!/bin/sh\necho ran >> '{}'\n", ran.display())).unwrap();
        std::fs::set_permissions(&stub, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let pasted = folder.join("pasted");
    std::fs::create_dir_all(&pasted).unwrap();
    let output = Command::new("sh")
        .current_dir(&pasted)
        .env("PATH", format!("{}:/usr/bin:/bin", stubs.display()))
        .args(["-c", &commands.join("\n")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}\n{}", commands.join("\n"), stderr(&output));
    let files = std::fs::read_dir(&pasted).unwrap().count();
    assert_eq!(files, 0, "something ran:\n{}", commands.join("\n"));
    std::fs::read_to_string(ran).unwrap().lines().count()
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
    let formats = ["text", "json", "junit", "markdown", "html"];
    let reports = formats.map(|it| format!("{it}=report.{it}"));
    let mut arguments =
        vec!["check", "-q", "-v", "--cases", "0", "--only", "schema,socket", "--timeout", "4"];
    arguments.extend(["--fail-on", "should"]);
    let base = echo.base();
    arguments.extend(["--target", &base, "--accounts", "accounts.toml"]);
    arguments.extend(reports.iter().flat_map(|it| ["--report", it.as_str()]));
    let output = run(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(1), "{}{}", stdout(&output), stderr(&output));
    for format in formats {
        let text = std::fs::read_to_string(folder.path().join(format!("report.{format}"))).unwrap();
        let found = match format {
            "json" => {
                let mut found = Vec::new();
                json_commands(&serde_json::from_str(&text).unwrap(), &mut found);
                found
            }
            _ => commands(&text),
        };
        for command in COMMANDS {
            let count = found.iter().filter(|it| it.starts_with(command)).count();
            assert!(count > 0, "no {command}in {format}");
        }
        assert!(found.iter().any(|command| command.contains("touch")), "{format}");
        assert_eq!(execute(folder.path(), &found), found.len(), "{format}: {found:#?}");
    }
}
