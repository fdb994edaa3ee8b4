//! Secrets that a target echoes, and those in files of the user, appear in no output.

use std::collections::BTreeSet;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearback_testkit::servers::Echo;

use crate::support::{Server, TWO, hearback, run, stderr};

/// Names of the accounts.
const NAMES: [&str; 3] = ["alice", "bob", "carol"];

/// Part of the id of each room, which is a secret as well.
const KEY: &str = "kV3xQp92Lm7TzR41";

fn write_files(folder: &Path) {
    let accounts: String = NAMES
        .iter()
        .map(|name| {
            let password = toml::Value::from(Echo::password(name));
            format!("[[account]]\nusername = \"{name}\"\npassword = {password}\n")
        })
        .collect();
    std::fs::write(folder.join("accounts.toml"), accounts).unwrap();
    std::fs::write(folder.join("two.toml"), TWO).unwrap();
}

/// Every output of a run: its files, and what it printed.
fn outputs(folder: &Path, printed: &mut Vec<(String, String)>) -> Vec<(String, String)> {
    let mut outputs = std::mem::take(printed);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name != "accounts.toml" && name != "tokens.json" {
                let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                outputs.push((name, text));
            }
        }
    }
    outputs
}

/// The texts that must not appear for a secret: its forms, and its halves.
fn forbidden(secret: &str) -> BTreeSet<String> {
    let middle = (0..=secret.len() / 2).rev().find(|at| secret.is_char_boundary(*at)).unwrap();
    let (first, second) = secret.split_at(middle);
    let is_token = secret.len() > 60;
    let mut forbidden: BTreeSet<String> = Echo::forms(secret).into_iter().collect();
    // All tokens begin alike, and those of tests do as well.
    let halves = if is_token { vec![second] } else { vec![first, second] };
    forbidden.extend(halves.into_iter().map(str::to_owned));
    let inner = STANDARD.encode(format!("ab{secret}"));
    forbidden.insert(inner[4..inner.len() - 4].to_owned());
    forbidden
}

#[test]
fn secrets_that_the_target_echoes_appear_in_no_output() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[]);
    let upstream = server.base.trim_start_matches("http://").trim_end_matches("/api");
    write_files(folder.path());
    let header = format!("X-Key: {KEY}");
    let reports =
        ["text", "json", "junit", "markdown", "html"].map(|it| format!("{it}=report.{it}"));
    let reports: Vec<&str> = reports.iter().flat_map(|it| ["--report", it.as_str()]).collect();
    let runs: [&[&str]; 4] = [
        &["check", "-v", "--cases", "0", "--only", "auth"],
        &["fuzz", "--cases", "4", "--only", "status"],
        &["scenario", "run", "export/deletion/"],
        &["load", "--profile", "two.toml"],
    ];
    let export = run(folder.path(), &["scenario", "export", "export"]);
    assert!(export.status.success(), "{}", stderr(&export));
    let mut printed = Vec::new();
    let mut secrets = BTreeSet::from([KEY.to_owned()]);
    for arguments in runs {
        // A run does not know the tokens of another one.
        let echo = Echo::start(upstream.parse().unwrap(), &format!("-{KEY}"));
        let base = echo.base();
        let output = hearback()
            .current_dir(folder.path())
            .args(arguments)
            .args(["--target", &base, "--accounts", "accounts.toml", "--header", &header])
            .args(["--timeout", "1", "--log", "trace"])
            .args(if arguments[0] == "scenario" { &[][..] } else { &reports })
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_ne!(output.status.code(), Some(2), "{}", text(&output.stderr));
        let sent = echo.secrets();
        assert!(sent.len() > 3, "{} sent only {}", arguments[0], sent.len());
        secrets.extend(sent);
        printed.push((format!("{} stdout", arguments[0]), text(&output.stdout)));
        printed.push((format!("{} stderr", arguments[0]), text(&output.stderr)));
    }
    let outputs = outputs(folder.path(), &mut printed);
    let journal = outputs.iter().find(|(name, _)| name.ends_with(".jsonl")).unwrap();
    assert!(journal.1.contains("[password of alice]"), "the target echoed nothing");
    for secret in &secrets {
        for form in forbidden(secret) {
            for (name, text) in &outputs {
                if let Some(at) = text.find(&form) {
                    let before =
                        String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(200)..at]);
                    panic!("{name} has {form:?} of {secret:?} after {before:?}");
                }
            }
        }
    }
}

#[test]
fn secrets_in_files_of_the_user_are_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| std::fs::write(folder.path().join("hearback.toml"), text).unwrap();
    let target = "[target]\nurl = \"http://127.0.0.1:9/api\"\n";
    for account in [
        "username = \"alice\"\npassword_env = \"hunter2-Secret\"\n",
        "username = \"alice\"\npassword = \"hunter2-Secret\n",
        "username = \"alice\"\npassword \"hunter2-Secret\"\n",
        "username = \"alice\"\npassword = hunter2-Secret\n",
        "username = \"alice\" password = \"hunter2-Secret\"\n",
        "username = \"alice\"\npasword = \"hunter2-Secret\"\n",
        "username = \"alice\"\npassword = [\"hunter2-Secret\"]\n",
    ] {
        write(&format!("{target}[[account]]\n{account}"));
        let output = run(folder.path(), &["check", "-q"]);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(!text.contains("hunter2"), "{account}: {text}");
    }
}
