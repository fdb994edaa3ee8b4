//! `hearback doctor`.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{run, stderr, stdout};

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
