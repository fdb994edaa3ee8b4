//! Throttles that the configuration declares, and errors of gateways that the gate counts.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use hearback_testkit::servers::Gateway;
use serde_json::Value;

use crate::connection::address;
use crate::support::{Server, check, in_state, run, stderr, stdout, write_accounts};

/// A refusal that says nothing of a limit.
const SLOW_DOWN: &str = "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\n\
                         Content-Length: 39\r\nConnection: close\r\n\r\n\
                         {\"error\": \"Forbidden\", \"detail\": \"E42\"}";

/// A gateway that refuses one of `every` requests whose line begins with `line`, beginning with the first one.
fn refusing(server: &Server, line: &'static str, every: usize) -> Gateway {
    let count = AtomicUsize::new(0);
    Gateway::start("127.0.0.1", address(server), None, move |head| {
        let is_due = head.line.starts_with(line)
            && count.fetch_add(1, Ordering::Relaxed).is_multiple_of(every);
        is_due.then(|| SLOW_DOWN.to_owned())
    })
}

/// Writes the configuration of a target behind a gateway.
fn configure(folder: &Path, gateway: &Gateway, more: &str) {
    let target = format!(
        "[target]\nurl = \"http://127.0.0.1:{}/api\"\naccounts = \"accounts.toml\"\n{more}",
        gateway.port()
    );
    std::fs::write(folder.join("hearback.toml"), target).unwrap();
}

#[test]
fn declared_throttles_are_waited_for_and_not_blamed() {
    const RULE: &str = "[[throttle]]\nstatus = 403\nbody = \"E42\"\n";
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_accounts(&folder.join("accounts.toml"));
    let server = Server::start(&[]);

    // A refused login is the end, unless it is declared to be a throttle.
    let logins = refusing(&server, "POST /api/token/ ", 2);
    configure(folder, &logins, "");
    let output = run(folder, &["doctor"]);
    assert_eq!(output.status.code(), Some(3), "{}{}", stdout(&output), stderr(&output));
    let logins = refusing(&server, "POST /api/token/ ", 40);
    configure(folder, &logins, RULE);
    let output = run(folder, &["doctor"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));

    let lists = refusing(&server, "GET /api/chat/rooms/ ", 5);
    configure(folder, &lists, RULE);
    let (report, code) = check(folder, &["--cases", "0", "--only", "room"]);
    assert_eq!(in_state(&report, "broken"), [""; 0]);
    assert_ne!(code, 1);
    assert!(in_state(&report, "held").len() > 20, "{report:#}");
    let refused =
        lists.heads().iter().filter(|it| it.line.starts_with("GET /api/chat/rooms/ ")).count();
    assert!(refused > 5, "only {refused} lists were requested");
}

#[test]
fn errors_of_gateways_fail_the_gate_by_policy_only() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--cases", "0", "--only", "room", "--weather", "bad-gateway=15"];
    let (report, code) = check(folder.path(), &arguments);
    assert_eq!(in_state(&report, "broken"), [""; 0]);
    assert_ne!(code, 1);
    let count = report["traffic"]["gateway_errors"].as_u64().unwrap();
    assert!(count > 3, "{}", report["traffic"]);

    let policy = "[gate]\ngateway_errors = 3\n";
    std::fs::write(folder.path().join("hearback.toml"), policy).unwrap();
    let (report, code) = check(folder.path(), &arguments);
    assert_eq!(in_state(&report, "broken"), [""; 0]);
    assert_eq!(code, 1, "{}", report["traffic"]);
}

#[test]
fn the_lag_of_searches_is_reported_and_blamed_above_a_bound() {
    let folder = tempfile::tempdir().unwrap();
    let check = ["check", "--quiet", "--cases", "0", "--only", "message/search-finds"];
    // The lag is measured in runs that open sockets.
    let report = ["--only", "socket/opens", "--report", "json=-"];
    let run_with = |options: &[&str]| {
        let output = run(folder.path(), &[&check[..], &report, options].concat());
        let results: Value = serde_json::from_str(&stdout(&output)).unwrap();
        (output.status.code(), results["lag"]["searches"].as_u64())
    };
    let (code, lag) = run_with(&["--weather", "search-lag=300ms"]);
    assert_eq!(code, Some(0));
    assert!(lag.is_some_and(|lag| lag > 0), "{lag:?}");
    let (code, lag) = run_with(&["--weather", "search-lag=10m", "--max-lag", "1"]);
    assert_eq!((code, lag), (Some(1), None), "it never shows a message");
}
