//! Targets that are unreachable, or another service.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hearback_testkit::servers::{read_request, respond, serve_api};

use crate::support::{Server, TWO, run, run_name, stderr, stdout, write_accounts};

fn unreachable(base: &str, more: &[&str], expected: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    write_accounts(&folder.path().join("accounts.toml"));
    let mut arguments =
        vec!["check", "-q", "--target", base, "--accounts", "accounts.toml", "--timeout", "1"];
    arguments.extend(more);
    let output = run(folder.path(), &arguments);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    for part in expected {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
    assert!(!text.contains("alice-password"), "{text}");
}

/// A server that sends `response` to every request, or nothing.
fn stand_in(response: Option<&'static str>) -> String {
    serve_api(move |mut stream| {
        // Not `read_request`, since the request may be a TLS handshake.
        let _request = stream.read(&mut [0; 4096]);
        match response {
            Some(response) => drop(stream.write_all(response.as_bytes())),
            None => drop(stream.read(&mut [0])),
        }
    })
}

#[test]
fn a_target_that_refuses_connections() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/api", listener.local_addr().unwrap());
    drop(listener);
    unreachable(&base, &[], &["nothing listens"]);
}

#[test]
fn a_target_that_never_responds() {
    unreachable(&stand_in(None), &[], &["did not answer", "--timeout"]);
}

#[test]
fn a_target_that_demands_a_long_delay_is_left_alone() {
    let answer = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    unreachable(&stand_in(Some(answer)), &[], &["demands a delay of 1h", "try again at"]);
}

#[test]
fn load_runs_report_throttling() {
    let answer = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let base = stand_in(Some(answer));
    let folder = tempfile::tempdir().unwrap();
    write_accounts(&folder.path().join("accounts.toml"));
    std::fs::write(folder.path().join("two.toml"), TWO).unwrap();
    let load = ["load", "--profile", "two.toml", "--target", &base, "--accounts", "accounts.toml"];
    let output = run(folder.path(), &load);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    // Each of the attempts had to wait anew.
    let lines = text.lines().filter(|line| line.starts_with("The target throttles requests: "));
    assert_eq!(lines.count(), 5, "{text}");
    let quiet = run(folder.path(), &[&load[..], &["--quiet"]].concat());
    assert!(!stderr(&quiet).contains("throttles requests"), "{}", stderr(&quiet));
}

#[test]
fn a_broken_token_endpoint_is_not_blamed_on_the_password() {
    let folder = tempfile::tempdir().unwrap();
    write_accounts(&folder.path().join("accounts.toml"));
    let answer = "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n\
                  Content-Length: 2\r\nConnection: close\r\n\r\n{}";
    let base = stand_in(Some(answer));
    let arguments = ["check", "-q", "--target", &base, "--accounts", "accounts.toml"];
    let output = run(folder.path(), &arguments);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("500: {}") && !text.contains("the password"), "{text}");
}

#[test]
fn a_target_that_is_another_service() {
    let answer = "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 21\r\nConnection: close\r\n\r\n\
                  <h1>\x1b[31mWelcome</h1>";
    unreachable(
        &stand_in(Some(answer)),
        &[],
        &["answers, but is not the AriStay", "nginx", "\\u{1b}[31mWelcome"],
    );
}

#[test]
fn a_target_without_tls() {
    let base = stand_in(Some("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
    unreachable(&base.replace("http:", "https:"), &[], &["TLS"]);
}

#[test]
fn a_wrong_socket_url() {
    let server = Server::start(&[]);
    let socket = server.base.replace("http://", "ws://").replace("/api", "/nowhere");
    unreachable(&server.base, &["--socket-url", &socket], &["REST works", "--socket-url"]);
}

/// A server that accepts logins, lists no rooms, and never responds to other requests; also returns the number
/// of requests to create a room.
fn hanging() -> (String, Arc<AtomicUsize>) {
    const PAGE: &str = r#"{"count":0,"next":null,"previous":null,"results":[]}"#;
    let creations = Arc::new(AtomicUsize::new(0));
    let counter = creations.clone();
    let base = serve_api(move |mut stream| {
        let Ok(request) = read_request(&mut stream) else { return };
        match request.line.trim_end_matches(" HTTP/1.1") {
            "POST /api/token/" => {
                respond(&mut stream, 200, r#"{"access":"a.b.c","refresh":"d.e.f"}"#);
            }
            "GET /api/chat/rooms/" if request.is_authorized() => respond(&mut stream, 200, PAGE),
            "GET /api/chat/rooms/" => respond(&mut stream, 401, r#"{"error":"e","detail":"d"}"#),
            line => {
                counter.fetch_add(usize::from(line == "POST /api/chat/rooms/"), Ordering::Relaxed);
                // Until the client closes the connection.
                let _closed = stream.read(&mut [0]);
            }
        }
    });
    (base, creations)
}

#[test]
fn operations_that_hang_are_one_finding_and_are_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let account = |id: usize| {
        format!("[[account]]\nusername = \"user{id}\"\npassword = \"secret{id}\"\nid = {id}\n")
    };
    let accounts: String = (1..=6).map(account).collect();
    std::fs::write(folder.path().join("accounts.toml"), accounts).unwrap();
    let (base, rooms) = hanging();
    let output = run(
        folder.path(),
        &[
            "check",
            "-qv",
            "--target",
            &base,
            "--accounts",
            "accounts.toml",
            "--timeout",
            "0.5",
            "--cases",
            "0",
        ],
    );
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for part in [
        "BROKEN must status/answers",
        "rooms.create\n",
        "expected  an answer within 0.5 s (--timeout)",
        "rooms.create did not respond",
    ] {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
    let script =
        stdout(&run(folder.path(), &["replay", run_name(&text), "status/answers", "--script"]));
    assert!(script.contains("_TOKEN\" POST /chat/rooms/ --header"), "{script}");
    // Three failures open the circuit; others are in flight meanwhile, and one is tried from time to time.
    assert!(rooms.load(Ordering::Relaxed) <= 16, "{rooms:?}");
}
