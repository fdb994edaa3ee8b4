//! HTTP/2 for requests.

use std::sync::Arc;

use hearback_client::ConnectionSettings;
use hearback_history::CredentialKind;
use hearback_testkit::servers::Authority;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::support::{Alice, Files};

#[tokio::test(flavor = "multi_thread")]
async fn requests_use_http_2_where_the_server_offers_it() {
    let (authority, files) = (Authority::new(), Files::new());
    let mut tls = authority.server(None);
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            let list = axum::routing::get(|request: axum::extract::Request| async move {
                axum::Json(serde_json::json!({"results": [format!("{:?}", request.version())]}))
            });
            let service =
                TowerToHyperService::new(axum::Router::new().route("/api/chat/rooms/", list));
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
    let alice = Alice::at(&format!("https://localhost:{port}/api"), None, &settings);
    let response = alice.list(CredentialKind::Access).await;
    assert_eq!(response.text_at("/results/0"), Some("HTTP/2.0"), "{:?}", response.error);
}
