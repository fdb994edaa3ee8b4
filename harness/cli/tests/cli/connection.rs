//! Targets behind gateways.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Output;

use hearback_testkit::servers::{Authority, ConnectProxy, Gateway, RequestHead};

use crate::support::{Server, hearback, run, run_name, stderr, stdout, write_accounts};

const UNAUTHORIZED: &str =
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n";
/// The credentials `gate:hunter2-2`.
const BASIC: &str = "Basic Z2F0ZTpodW50ZXIyLTI=";
const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";

/// A gateway that requires a header, credentials, and the origin of its web page.
pub(crate) fn strict(head: &RequestHead) -> Option<String> {
    let is_authorized = head.is_authorized() || head.header("authorization") == Some(BASIC);
    let is_known =
        head.header("upgrade").is_none() || head.header("origin") == Some("https://app.test");
    match (is_authorized, head.header("x-api-key") == Some("k3y-of-gate") && is_known) {
        (false, _) => Some(UNAUTHORIZED.to_owned()),
        (true, false) => Some(FORBIDDEN.to_owned()),
        (true, true) => None,
    }
}

pub(crate) fn address(server: &Server) -> SocketAddr {
    let (address, _) = server.base.trim_start_matches("http://").split_once('/').unwrap();
    address.parse().unwrap()
}

/// An authority, and its files in a folder: `ca.pem`, and `cert.pem` and `key.pem` of a client.
pub(crate) fn authority_of_clients(folder: &Path) -> Authority {
    let authority = Authority::new();
    let (cert, key) = authority.client();
    for (name, text) in [("ca.pem", authority.pem()), ("cert.pem", cert), ("key.pem", key)] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    authority
}

/// Runs a command against a gateway at `chat.test`, with its certificates.
fn command(folder: &Path, command: &str, port: u16, more: &[&str]) -> Output {
    write_accounts(&folder.join("accounts.toml"));
    let target = format!("https://chat.test:{port}/api");
    let mut hearback = hearback();
    hearback.current_dir(folder).args([command, "--quiet", "--target", &target]);
    hearback.args(["--accounts", "accounts.toml", "--cacert", "ca.pem"]).args(more);
    hearback.output().unwrap()
}

#[test]
fn a_strict_gateway_is_passed_and_findings_are_printed_with_the_same_options() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start(&["--fault", "room/stats-count-one-more-message"]);
    let authority = authority_of_clients(folder);
    let tls = authority.server(Some(&authority));
    let gateway = Gateway::start("127.0.0.1", address(&server), Some(tls), strict);
    let resolve = format!("chat.test:{}:127.0.0.1", gateway.port());
    let options = [
        "--cert",
        "cert.pem",
        "--key",
        "key.pem",
        "--resolve",
        &resolve,
        "--user",
        "gate:hunter2-2",
        "--header",
        "X-Api-Key: k3y-of-gate",
        "--origin",
        "https://app.test",
    ];
    let some = [
        "--cases",
        "0",
        "-v",
        "--only",
        "room/stats,socket/opens",
        "--log",
        "hearback_client=trace",
    ];
    let output = command(folder, "check", gateway.port(), &[&options[..], &some].concat());
    let (text, log) = (stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(1), "{text}{log}");
    let name = run_name(&text);
    let script = crate::support::run(folder, &["replay", name, "1", "--script"]);
    assert_eq!(script.status.code(), Some(0), "{}", stderr(&script));
    let script = stdout(&script);
    let options = format!(
        "options=(--header 'X-Api-Key: '\"$X_API_KEY\" --cacert ca.pem --cert cert.pem --key key.pem --resolve {resolve})"
    );
    for part in [
        options.as_str(),
        "without_token=(--user gate:\"$GATEWAY_PASSWORD\")",
        ": \"${X_API_KEY:?value of the header X Api Key}\"",
        "site=https://app.test",
        "_PASSWORD:?the password of ",
    ] {
        assert!(script.contains(part), "`{part}` is not in\n{script}");
    }
    for part in ["socket opened", "frame received connection=", "socket closed"] {
        assert!(log.contains(part), "`{part}` is not in\n{log}");
    }
    let journals = std::fs::read_dir(folder.join("hearback-runs")).unwrap();
    let journals = journals.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let journals: String = journals.collect();
    assert!(
        journals.contains("\"origin\":\"https://app.test\""),
        "{}",
        journals.lines().next().unwrap()
    );
    for secret in ["k3y-of-gate", "hunter2", &BASIC[6..], "alice-password"] {
        let places =
            [("journal", &journals), ("report", &text), ("log", &log), ("script", &script)];
        for (place, output) in places {
            assert!(!output.contains(secret), "{secret} is in the {place}");
        }
    }
}

#[test]
fn the_proxy_variables_apply_to_requests_and_sockets_under_load() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start(&[]);
    let authority = Authority::new();
    std::fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    std::fs::write(folder.join("two.toml"), crate::support::TWO).unwrap();
    write_accounts(&folder.join("accounts.toml"));
    let gateway =
        Gateway::start("127.0.0.1", address(&server), Some(authority.server(None)), |_| None);
    let proxy = ConnectProxy::start(None);
    let target = format!("https://chat.test:{}/api", gateway.port());
    let output = hearback()
        .current_dir(folder)
        .args(["load", "--quiet", "--profile", "two.toml", "--target", &target])
        .args(["--accounts", "accounts.toml", "--cacert", "ca.pem", "--allow-load", "chat.test"])
        .args(["--record", "record.json"])
        .env("HTTPS_PROXY", format!("http://{}", proxy.address()))
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    // On a busy machine, the run is invalid, but complete.
    let record = std::fs::read(folder.join("record.json")).unwrap();
    let record: serde_json::Value = serde_json::from_slice(&record).unwrap();
    assert_eq!(record["connections"]["opened"], 2, "{}{}", stdout(&output), stderr(&output));
    assert_eq!(record["deliveries"]["lost"], 0);
    let sockets = gateway.heads().iter().filter(|head| head.header("upgrade").is_some()).count();
    assert!(sockets >= 2, "{sockets}");
    assert!(proxy.lines().iter().all(|line| line.starts_with("CONNECT chat.test:")));
    assert_eq!(proxy.lines().len(), gateway.heads().len());
}

#[test]
fn every_remote_host_must_be_allowed_under_load() {
    let folder = tempfile::tempdir().unwrap();
    write_accounts(&folder.path().join("accounts.toml"));
    std::fs::write(folder.path().join("two.toml"), crate::support::TWO).unwrap();
    let load = |more: &[&str]| {
        let target = ["load", "--accounts", "accounts.toml", "--profile", "two.toml"];
        run(folder.path(), &[&target[..], more].concat())
    };
    let plan = |more: &[&str]| load(&[more, &["--dry-run"]].concat());
    let elsewhere = ["--target", "http://127.0.0.1:9/api", "--socket-url", "ws://other.test/ws"];
    let output = load(&elsewhere);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("add --allow-load other.test"), "{}", stderr(&output));
    // A plan sends nothing, and lists what the run will need.
    let output = plan(&elsewhere);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.contains("ws://other.test/ws"), "{text}");
    assert!(text.contains("warning: other.test is not this machine"), "{text}");
    let text = stdout(&plan(&[&elsewhere[..], &["--allow-load", "other.test"]].concat()));
    assert!(text.contains("ws://other.test/ws") && !text.contains("warning"), "{text}");
    let moved = ["--target", "http://localhost:9/api", "--resolve", "localhost:9:192.0.2.1"];
    assert!(stderr(&load(&moved)).contains("add --allow-load localhost"));
}
