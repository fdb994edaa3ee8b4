//! Targets that are not there, or not what they should be.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::support::{Server, run, stderr, write_accounts};

fn unreachable(base: &str, more: &[&str], expected: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    write_accounts(&folder.path().join("accounts.toml"));
    let mut arguments =
        vec!["check", "-q", "--target", base, "--accounts", "accounts.toml", "--patience", "1"];
    arguments.extend(more);
    let output = run(folder.path(), &arguments);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    for part in expected {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
    assert!(!text.contains("alice-password"), "{text}");
}

/// A server that answers every connection with `answer`, or with nothing.
fn stand_in(answer: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            if let Some(answer) = answer {
                let mut request = [0; 4096];
                let _read = stream.read(&mut request);
                let _written = stream.write_all(answer.as_bytes());
            } else {
                kept.push(stream);
            }
        }
    });
    format!("http://{address}/api")
}

#[test]
fn a_target_that_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/api", listener.local_addr().unwrap());
    drop(listener);
    unreachable(&base, &[], &["nothing listens"]);
}

#[test]
fn a_target_that_never_answers() {
    unreachable(&stand_in(None), &[], &["did not answer", "--patience"]);
}

#[test]
fn a_target_that_is_something_else() {
    let answer = "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 21\r\nConnection: close\r\n\r\n\
                  <h1>\x1b[31mWelcome</h1>";
    unreachable(
        &stand_in(Some(answer)),
        &[],
        &["answers, but is not the AriStay", "nginx", "\\u{1b}[31mWelcome"],
    );
}

#[test]
fn a_target_that_speaks_no_tls() {
    let base = stand_in(Some("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
    unreachable(&base.replace("http:", "https:"), &[], &["TLS"]);
}

#[test]
fn a_socket_url_that_is_wrong_while_rest_works() {
    let server = Server::start(&[]);
    let socket = server.base.replace("http://", "ws://").replace("/api", "/nowhere");
    unreachable(&server.base, &["--socket-url", &socket], &["REST works", "--socket-url"]);
}
