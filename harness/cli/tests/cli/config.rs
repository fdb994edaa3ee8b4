//! `hearback.toml`, environment variables, and `hearback config`.

use serde_json::Value;

use crate::support::{Server, TWO, hearback, run, stderr, stdout};

/// A configuration for a server with its own accounts.
fn configuration(base: &str) -> String {
    let accounts: String = ["alice", "bob", "carol", "dave"]
        .iter()
        .map(|name| format!("[[account]]\nusername = \"{name}\"\npassword = \"${{SECRET_PREFIX}}{name}-password\"\n"))
        .collect();
    format!(
        "[target]\nurl = \"http://127.0.0.1:9/api\"\n[generation]\ncases = 0\n[execution]\nquiet = true\n\
         [check]\nonly = \"room/stats\"\nreport = [\"json=out.json\"]\n{accounts}[env.staging.target]\nurl = \"{base}\"\n"
    )
}

#[test]
fn a_run_is_configured_by_the_file_above_and_an_environment() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("below");
    std::fs::create_dir(&below).unwrap();
    let server = Server::start(&[]);
    std::fs::write(folder.path().join("hearback.toml"), configuration(&server.base)).unwrap();
    let output = hearback()
        .current_dir(&below)
        .args(["check", "--env", "staging"])
        .env("SECRET_PREFIX", "")
        .output()
        .unwrap();
    // An empty variable is not a secret.
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let text = std::fs::read_to_string(folder.path().join("hearback.toml")).unwrap();
    std::fs::write(folder.path().join("hearback.toml"), text.replace("${SECRET_PREFIX}", ""))
        .unwrap();
    let output =
        hearback().current_dir(&below).args(["check", "--env", "staging"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // Paths of the file are relative to it.
    let report = std::fs::read_to_string(folder.path().join("out.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert!(report.to_string().contains(server.base.trim_start_matches("http://")), "{report}");
    // The embedded server takes the place of the configured target.
    let output = run(&below, &["check", "--fault", "room/stats-one-more", "--env", "staging"]);
    let text = stderr(&output);
    assert!(output.status.code() == Some(2) && text.contains("unknown fault"), "{text}");
}

#[test]
fn values_are_shown_with_their_sources_and_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let text = configuration("https://alice:hunter2@staging.example.com/api")
        .replace("{SECRET_PREFIX}", "{HUNTER2}");
    std::fs::write(folder.path().join("hearback.toml"), text).unwrap();
    let show = |arguments: &[&str]| {
        let output = hearback()
            .current_dir(folder.path())
            .args(["config", "show", "--format", "json"])
            .args(arguments)
            .env("HEARBACK_EXECUTION_TIMEOUT", "7")
            .env("HUNTER2", "hunter2")
            .output()
            .unwrap();
        let text = stdout(&output);
        assert!(output.status.success() && !text.contains("hunter2"), "{text}{}", stderr(&output));
        text
    };
    let has = |text: &str, key: &str, value: &str, source: &str| {
        let rows: Value = serde_json::from_str(text).unwrap();
        let row = rows.as_array().unwrap().iter().find(|row| row["key"] == key);
        let row = row.unwrap_or_else(|| panic!("{key} is not in {text}"));
        assert_eq!((&row["value"], &row["source"]), (&value.into(), &source.into()), "{key}");
    };
    let all = show(&[]);
    has(&all, "target.url", "http://127.0.0.1:9/api", "hearback.toml:2");
    has(&all, "target.accounts", "hearback.toml", "hearback.toml:10");
    has(&all, "execution.timeout", "7", "HEARBACK_EXECUTION_TIMEOUT");
    has(&all, "load.profile", "smoke", "default");
    has(&all, "execution.seed", "random", "default");
    let check = show(&["check", "--depth", "deep", "--env", "staging"]);
    has(&check, "generation.depth", "deep", "command line");
    has(&check, "generation.cases", "-", "default");
    let url = "https://(hidden)@staging.example.com/api";
    has(&check, "target.url", url, "hearback.toml:23 [env.staging]");
}

#[test]
fn mistakes_in_the_file_are_usage_errors() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hearback.toml");
    let rejected = |text: &str, arguments: &[&str], expected: &[&str]| {
        std::fs::write(&file, text).unwrap();
        let output = run(folder.path(), arguments);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        for part in expected {
            assert!(text.contains(part), "`{part}` is not in\n{text}");
        }
    };
    rejected(
        "[execution]\ntimeot = 1\n",
        &["check"],
        &["`timeot`", "`timeout`", "hearback.toml:2"],
    );
    rejected("[gate]\nfail_on = \"mist\"\n", &["check"], &["unknown value `mist`", "`must`"]);
    rejected(
        "[gate]\nwaivers = \"w.toml\"\n",
        &["check", "-q"],
        &["cannot read the waivers file w.toml"],
    );
    rejected(
        "[[waiver]]\nrequirement = \"x\"\nreason = \"y\"\n",
        &["check", "-q"],
        &["unknown requirement `x`", "hearback.toml:2"],
    );
    // What has no options does not need the file.
    assert_eq!(run(folder.path(), &["config", "schema"]).status.code(), Some(0));
}

#[test]
fn the_embedded_server_of_a_load_run_ignores_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("two.toml"), TWO).unwrap();
    let text = "[serve]\naccounts = \"none.toml\"\n[load]\nprofile = \"two.toml\"\nquiet = true\n";
    std::fs::write(folder.path().join("hearback.toml"), text).unwrap();
    let output = hearback()
        .current_dir(folder.path())
        .arg("load")
        .env("HEARBACK_SERVE_FAULT", "nothing")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
}
