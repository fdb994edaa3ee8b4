//! `hearback doctor`.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use hearback_testkit::servers::{ConnectProxy, Gateway};
use insta::assert_snapshot;
use serde_json::Value;

use crate::connection::{address, authority_of_clients, strict};
use crate::support::{Server, run, stderr, stdout, write_accounts};

/// The text without times, ports and ids of tokens.
fn redacted(text: &str) -> String {
    let mut redacted = String::new();
    let mut words = text.split_inclusive(char::is_whitespace).peekable();
    while let Some(word) = words.next() {
        let is_time =
            words.peek().is_some_and(|next| next.trim_end_matches([',', ';', '\n', ' ']) == "ms");
        let is_address = word.contains("127.0.0.1:");
        match (is_time, is_address) {
            (true, _) => redacted.push_str("N "),
            (_, true) => {
                let (head, tail) = word.split_once("127.0.0.1:").expect("an address");
                let tail = tail.trim_start_matches(|letter: char| letter.is_ascii_digit());
                redacted.push_str(&format!("{head}127.0.0.1:PORT{tail}"));
            }
            _ => redacted.push_str(word),
        }
    }
    redacted
}

#[test]
fn the_embedded_server_can_be_tested() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["doctor", "--timeout", "60"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_snapshot!(redacted(&stdout(&output)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no file is written");
}

#[test]
fn a_target_that_answers_html_is_not_tested() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut buffer = [0; 4096];
            // The probe sends nothing.
            if stream.read(&mut buffer).is_ok_and(|read| read > 0) {
                let page = "<html>Sign in</html>";
                let head = "HTTP/1.1 200 OK\r\nServer: gate\r\nContent-Type: text/html\r\nConnection: close";
                let response = format!("{head}\r\nContent-Length: {}\r\n\r\n{page}", page.len());
                let _is_read = stream.write_all(response.as_bytes());
            }
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let accounts = "[[account]]\nusername = \"alice\"\npassword = \"x\"\n";
    std::fs::write(folder.path().join("accounts.toml"), accounts).unwrap();
    let target = format!("http://127.0.0.1:{port}/api");
    let arguments = ["doctor", "--target", &target, "--accounts", "accounts.toml"];
    let output = run(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert_snapshot!(redacted(&stdout(&output)));

    let output = run(folder.path(), &[&arguments[..], &["--format", "json"]].concat());
    let diagnosis: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let gateway = diagnosis["checks"].as_array().unwrap().iter().find(|it| it["id"] == "gateway");
    let advice = gateway.unwrap()["advice"].as_str().unwrap();

    // The preflight of a run gives the same advice, and names the doctor.
    let check = ["check", "-q", "--target", &target, "--accounts", "accounts.toml"];
    let text = stderr(&run(folder.path(), &check));
    assert!(text.contains(advice) && text.contains("hearback doctor"), "{text}");
}

/// Options that are added one after the other, each with the option that the doctor advised before.
#[test]
fn the_advice_leads_through_a_proxy_and_a_strict_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start(&[]);
    let authority = authority_of_clients(folder);
    let tls = authority.server(Some(&authority));
    let gateway = Gateway::start("127.0.0.1", address(&server), Some(tls), strict);
    // Basic authentication as me:p4ss-of-proxy.
    let proxy = ConnectProxy::start(Some("Basic bWU6cDRzcy1vZi1wcm94eQ=="));
    let target = format!("https://chat.test:{}/api", gateway.port());
    let closed = format!("http://{}", proxy.address());
    let open = format!("http://me:p4ss-of-proxy@{}", proxy.address());
    write_accounts(&folder.join("accounts.toml"));
    let steps: [(&str, &[&str]); 8] = [
        ("--resolve", &[]),
        ("--proxy http://NAME:PASSWORD@", &["--proxy", &closed]),
        ("--cacert", &["--proxy", &open]),
        ("--cert", &["--cacert", "ca.pem"]),
        ("--user", &["--cert", "cert.pem", "--key", "key.pem"]),
        ("--header", &["--user", "gate:hunter2-2"]),
        ("--origin", &["--header", "X-Api-Key: k3y-of-gate"]),
        ("", &["--origin", "https://app.test"]),
    ];
    let mut options = vec!["doctor", "--target", &target, "--accounts", "accounts.toml"];
    for (advice, added) in steps {
        options.extend(added.iter().filter(|_| !advice.starts_with("--proxy")));
        let mut all = options.clone();
        if advice.starts_with("--proxy") {
            all.extend(added);
        }
        let output = run(folder, &all);
        let text = stdout(&output);
        let fixes = text.split("fix: ").skip(1).collect::<String>();
        let flat = fixes.split_whitespace().collect::<Vec<_>>().join(" ");
        let code = if advice.is_empty() { 0 } else { 3 };
        assert_eq!(output.status.code(), Some(code), "{advice}: {text}{}", stderr(&output));
        assert!(flat.contains(advice), "`{advice}` is not in\n{text}");
        for secret in ["hunter2", "k3y-of-gate", "p4ss-of-proxy"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
