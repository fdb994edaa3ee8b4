//! HTTP/2 for requests.

use std::sync::Arc;

use hearback_client::{ConnectionSettings, FailureKind};
use hearback_history::{CredentialKind, Excuse};
use hearback_testkit::servers::Authority;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::support::{Alice, Files};

/// Length of what a client sends before its first frame. RFC 9113, section 3.4.
const PREFACE: usize = 24;
/// The type of frames that begin a request.
const HEADERS: u8 = 1;
/// The frames of a server that has no settings, and ends the connection before it has processed any request.
const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
const GOAWAY: [u8; 17] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// A server for HTTP/2 that processes no request on its first connections. Returns its port, and its certificate.
async fn server(unprocessed: usize, files: &Files) -> (u16, ConnectionSettings) {
    let authority = Authority::new();
    let mut tls = authority.server(None);
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        for connection in 0.. {
            let Ok((stream, _)) = listener.accept().await else { break };
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            if connection < unprocessed {
                tokio::spawn(end_at_first_request(stream));
                continue;
            }
            let answer = |request: axum::extract::Request| async move {
                let version = format!("{:?}", request.version());
                axum::Json(serde_json::json!({"id": "r1", "results": [version]}))
            };
            let rooms = axum::routing::get(answer).post(answer);
            let service =
                TowerToHyperService::new(axum::Router::new().route("/api/chat/rooms/", rooms));
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            tokio::spawn(async move {
                let _ended = builder.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    let settings = ConnectionSettings {
        cacert: Some(files.write("ca.pem", &authority.pem())),
        ..ConnectionSettings::default()
    };
    (port, settings)
}

/// Does what gateways do after a number of requests on a connection: says at the next one that it is not processed.
async fn end_at_first_request(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> Option<()> {
    let mut preface = [0; PREFACE];
    stream.read_exact(&mut preface).await.ok()?;
    stream.write_all(&SETTINGS).await.ok()?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).await.ok()?;
        if head[3] == HEADERS {
            stream.write_all(&GOAWAY).await.ok()?;
            // Until the client closes the connection.
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).await.ok()?;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_use_http_2_where_the_server_offers_it() {
    let files = Files::new();
    let (port, settings) = server(0, &files).await;
    let alice = Alice::at(&format!("https://localhost:{port}/api"), None, &settings);
    let response = alice.list(CredentialKind::Access).await;
    assert_eq!(response.text_at("/results/0"), Some("HTTP/2.0"), "{:?}", response.error);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_were_not_processed_are_sent_again_even_if_they_write() {
    let files = Files::new();
    let (port, settings) = server(2, &files).await;
    let alice = Alice::at(&format!("https://localhost:{port}/api"), None, &settings);
    let created = alice.create_room().await;
    assert_eq!(created.status, Some(200), "{:?}", created.error);
    assert_eq!(alice.excuses(), [Excuse::Unprocessed; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_processes_nothing_is_not_asked_forever() {
    let files = Files::new();
    let (port, settings) = server(usize::MAX, &files).await;
    let alice = Alice::at(&format!("https://localhost:{port}/api"), None, &settings);
    let failure = alice.create_room().await.failure.unwrap();
    assert_eq!((failure.kind, failure.maybe_done), (FailureKind::Unprocessed, false));
    assert_eq!(alice.excuses(), [Excuse::Unprocessed; 8]);
}
