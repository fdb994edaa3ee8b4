//! Errors name the option that helps.

use std::path::PathBuf;

use hearback_client::{Connection, ConnectionSettings};
use hearback_testkit::servers::{Authority, Gateway, RecordedApi, read_request, serve_api};

use crate::support::{Alice, Files, shown};

/// The error of the preflight at a server that answers everything with `response`.
async fn preflight_of(response: &'static str, settings: &ConnectionSettings) -> String {
    let base = serve_api(move |mut stream| {
        let _head = read_request(&mut stream);
        let _sent = std::io::Write::write_all(&mut stream, response.as_bytes());
    });
    shown(&Alice::at(&base, None, settings).preflight().await)
}

/// The error of a handshake that is answered with `response`.
async fn handshake_of(response: &'static str, settings: &ConnectionSettings) -> String {
    let api = RecordedApi::start();
    let gateway =
        Gateway::start("127.0.0.1", api.address(), None, move |_| Some(response.to_owned()));
    let base = format!("http://127.0.0.1:{}/api", gateway.port());
    shown(&Alice::at(&base, None, settings).socket_preflight().await)
}

const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
const MOVED: &str =
    "HTTP/1.1 301 Moved\r\nLocation: https://new.example/api/\r\nContent-Length: 0\r\n\r\n";
const BASIC: &str = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"gate\"\r\n\
                     Content-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>";
const NO_CERTIFICATE: &str = "HTTP/1.1 400 Bad Request\r\nContent-Length: 40\r\n\r\n\
                              No required SSL certificate was sent....";

#[tokio::test]
async fn gateways_are_recognized_by_their_responses() {
    let none = ConnectionSettings::default();
    let text = preflight_of(MOVED, &none).await;
    assert!(text.contains("301 with the location https://new.example/api/"), "{text}");
    assert!(text.contains("--target"), "{text}");
    let text = preflight_of(BASIC, &none).await;
    assert!(text.contains("add --user NAME:PASSWORD"), "{text}");
    let user = ConnectionSettings { user: Some("a:b".into()), ..none.clone() };
    let text = preflight_of(BASIC, &user).await;
    assert!(text.contains("check the name and the password of --user"), "{text}");
    let text = preflight_of(NO_CERTIFICATE, &none).await;
    assert!(text.contains("--cert FILE"), "{text}");
}

#[tokio::test]
async fn refused_handshakes_name_the_option() {
    let none = ConnectionSettings::default();
    let text = handshake_of(FORBIDDEN, &none).await;
    assert!(text.contains("another Origin than http://127.0.0.1:"), "{text}");
    assert!(text.contains("set --origin"), "{text}");
    let without = ConnectionSettings { origin: Some("none".to_owned()), ..none.clone() };
    let text = handshake_of(FORBIDDEN, &without).await;
    assert!(text.contains("no Origin was sent"), "{text}");
    let text = handshake_of(MOVED, &none).await;
    assert!(text.contains("https://new.example/api/; set --socket-url"), "{text}");
    let text = handshake_of(BASIC, &none).await;
    assert!(text.contains("add --user"), "{text}");
}

#[tokio::test]
async fn bearer_tokens_that_the_gateway_refuses_are_explained() {
    let base = serve_api(move |mut stream| {
        let Ok(head) = read_request(&mut stream) else { return };
        let bearer = head.is_authorized();
        let anonymous = "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
        let _sent = std::io::Write::write_all(
            &mut stream,
            if bearer { BASIC } else { anonymous }.as_bytes(),
        );
    });
    let user = ConnectionSettings { user: Some("a:b".into()), ..ConnectionSettings::default() };
    let text = shown(&Alice::at(&base, None, &user).preflight().await);
    assert!(text.contains("only one Authorization header"), "{text}");
}

#[tokio::test]
async fn a_name_without_address_names_resolve() {
    let alice = Alice::at("http://chat.invalid/api", None, &ConnectionSettings::default());
    let text = shown(&alice.preflight().await);
    assert!(text.contains("--resolve chat.invalid:PORT:ADDRESS"), "{text}");
}

#[test]
fn invalid_settings_name_their_option() {
    let (authority, files) = (Authority::new(), Files::new());
    let none = ConnectionSettings::default;
    let error = |settings: &ConnectionSettings| Connection::new(settings).unwrap_err().to_string();
    let empty = files.write("empty.pem", "");
    let (cert, _) = authority.client();
    let (_, other) = authority.client();
    let (cert, other) = (files.write("cert.pem", &cert), files.write("other.pem", &other));
    let missing = || Some(PathBuf::from("/missing/ca.pem").into());
    let text = error(&ConnectionSettings { cacert: missing(), ..none() });
    assert!(text.starts_with("cannot use the file of --cacert, /missing/ca.pem: "), "{text}");
    let text = error(&ConnectionSettings { cacert: Some(empty.clone()), ..none() });
    assert!(text.contains("contains no certificate"), "{text}");
    let text = error(&ConnectionSettings { cert: Some(cert.clone()), ..none() });
    assert!(text.contains("name its file with --key"), "{text}");
    let text = error(&ConnectionSettings { cert: Some(cert), key: Some(other), ..none() });
    assert!(text.contains("does not belong to the certificate"), "{text}");
    let text = error(&ConnectionSettings { user: Some("hunter2".into()), ..none() });
    assert!(text.contains("NAME:PASSWORD") && !text.contains("hunter2"), "{text}");
    let text = error(&ConnectionSettings { origin: Some("app".to_owned()), ..none() });
    assert!(text.contains("--origin `app`"), "{text}");
}
