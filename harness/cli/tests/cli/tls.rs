//! Targets behind TLS, as most real ones are.

use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use rcgen::CertifiedKey;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::support::{Server, hearback, in_state, stderr, write_accounts};

/// Terminates TLS in front of a server until it is dropped.
struct Proxy {
    base: String,
    _runtime: Runtime,
}

impl Proxy {
    /// Its certificate, for `localhost`, is the file `certificate.pem` of `folder`.
    fn before(server: &Server, folder: &Path) -> Self {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(folder.join("certificate.pem"), cert.pem()).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let upstream = server.base.strip_prefix("http://").unwrap();
        let (upstream, path) = upstream.split_once('/').unwrap();
        let upstream = upstream.to_owned();
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, upstream) = (acceptor.clone(), upstream.clone());
                tokio::spawn(async move {
                    // A client that does not trust the certificate goes away.
                    let Ok(mut outer) = acceptor.accept(stream).await else { return };
                    let mut inner = TcpStream::connect(upstream).await.unwrap();
                    let _ended = tokio::io::copy_bidirectional(&mut outer, &mut inner).await;
                });
            }
        });
        Self { base: format!("https://localhost:{port}/{path}"), _runtime: runtime }
    }

    fn run(&self, folder: &Path, command: &str, trusts: bool, more: &[&str]) -> Output {
        write_accounts(&folder.join("accounts.toml"));
        let mut hearback = hearback();
        hearback.current_dir(folder).args([command, "--quiet", "--target", &self.base]);
        hearback.args(["--accounts", "accounts.toml"]).args(more);
        if trusts {
            hearback.env("SSL_CERT_FILE", "certificate.pem");
        }
        hearback.output().unwrap()
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn what_is_checked_over_tls_holds_as_without() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start(&[]);
    let proxy = Proxy::before(&server, folder);
    let only = ["--only", "socket", "--only", "message", "--report", "json=report.json"];
    let output = proxy.run(folder, "check", true, &only);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = json(&folder.join("report.json"));
    assert!(in_state(&report, "held").len() > 20, "{report:#}");
}

#[test]
fn a_swarm_loses_nothing_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start(&[]);
    let proxy = Proxy::before(&server, folder);
    let profile = "description = \"over TLS\"\nwarm_up = \"0s\"\nconnect_rate = 50\nslos = [\"lost = 0\"]\n\
                   [[rooms]]\ncount = 2\nmembers = 3\n[personas]\ntalker = { weight = 1 }\n\
                   [[phase]]\nkind = \"constant\"\nrate = 50\nduration = \"1s\"\n";
    std::fs::write(folder.join("tls.toml"), profile).unwrap();
    let arguments = ["--profile", "tls.toml", "--record", "record.json"];
    let output = proxy.run(folder, "load", true, &arguments);
    let record = json(&folder.join("record.json"));
    assert_eq!(record["connections"]["opened"], 6, "{}", stderr(&output));
    assert_eq!(record["deliveries"]["received"], 150);
    assert_eq!(record["deliveries"]["lost"], 0);
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_not_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[]);
    let proxy = Proxy::before(&server, folder.path());
    let output = proxy.run(folder.path(), "check", false, &[]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("the certificate of") && text.contains("is not trusted"), "{text}");
}
