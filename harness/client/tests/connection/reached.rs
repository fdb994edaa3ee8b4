//! Ways to a target.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr, TcpListener};

use hearback_client::{ConnectionSettings, FailureKind};
use hearback_history::CredentialKind;
use hearback_testkit::servers::{Authority, ConnectProxy, Gateway, RecordedApi};

use crate::support::{Alice, Files};

/// Settings for a test authority.
fn trusting(authority: &Authority, files: &Files) -> ConnectionSettings {
    ConnectionSettings {
        cacert: Some(files.write("ca.pem", &authority.pem())),
        ..ConnectionSettings::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn private_certificates_are_trusted_on_request_only() {
    let (authority, files, api) = (Authority::new(), Files::new(), RecordedApi::start());
    let gateway =
        Gateway::start("127.0.0.1", api.address(), Some(authority.server(None)), |_| None);
    let base = format!("https://localhost:{}/api", gateway.port());
    let none = ConnectionSettings::default();
    let stranger = Alice::at(&base, None, &none);
    let failure = stranger.list(CredentialKind::Access).await.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::Certificate, "{failure}");
    let Err(refused) = stranger.open().await else { panic!("the socket was opened") };
    assert_eq!(refused.failure.unwrap().kind, FailureKind::Certificate);
    Alice::at(&base, None, &trusting(&authority, &files)).reaches().await;
    Alice::at(&base, None, &ConnectionSettings { insecure: true, ..none }).reaches().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn self_signed_certificates_are_trusted_if_they_name_the_host() {
    let (files, api) = (Files::new(), RecordedApi::start());
    let (certificate, server) = Authority::self_signed("localhost");
    let gateway = Gateway::start("127.0.0.1", api.address(), Some(server), |_| None);
    let trusting = ConnectionSettings {
        cacert: Some(files.write("self-signed.pem", &certificate)),
        ..ConnectionSettings::default()
    };
    let base = format!("https://localhost:{}/api", gateway.port());
    Alice::at(&base, None, &trusting).reaches().await;

    let other_name = format!("https://127.0.0.1:{}/api", gateway.port());
    let (other, _) = Authority::self_signed("localhost");
    let other = ConnectionSettings {
        cacert: Some(files.write("other.pem", &other)),
        ..ConnectionSettings::default()
    };
    for (base, settings) in [(&other_name, &trusting), (&base, &other)] {
        let alice = Alice::at(base, None, settings);
        let failure = alice.list(CredentialKind::Access).await.failure.unwrap();
        assert_eq!(failure.kind, FailureKind::Certificate, "{failure}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn client_certificates_are_presented() {
    let (authority, files, api) = (Authority::new(), Files::new(), RecordedApi::start());
    let tls = authority.server(Some(&authority));
    let gateway = Gateway::start("127.0.0.1", api.address(), Some(tls), |_| None);
    let base = format!("https://127.0.0.1:{}/api", gateway.port());
    let anonymous = Alice::at(&base, None, &trusting(&authority, &files));
    // A server refuses after the handshake of TLS 1.3, and its alert can be lost with the connection.
    let mut kinds = Vec::new();
    while !kinds.contains(&FailureKind::ClientCertificate) && kinds.len() < 20 {
        kinds.push(anonymous.list(CredentialKind::Access).await.failure.unwrap().kind);
    }
    assert_eq!(kinds.pop(), Some(FailureKind::ClientCertificate));
    while !kinds.contains(&FailureKind::ClientCertificate) && kinds.len() < 40 {
        let Err(refused) = anonymous.open().await else { panic!("the socket was opened") };
        kinds.push(refused.failure.unwrap().kind);
    }
    assert_eq!(kinds.pop(), Some(FailureKind::ClientCertificate));
    assert!(kinds.iter().all(|kind| *kind == FailureKind::Broken), "{kinds:?}");
    let (cert, key) = authority.client();
    let both = files.write("both.pem", &format!("{cert}{key}"));
    let (cert, key) = (files.write("cert.pem", &cert), files.write("key.pem", &key));
    let named = ConnectionSettings {
        cert: Some(cert.clone()),
        key: Some(key),
        ..trusting(&authority, &files)
    };
    Alice::at(&base, None, &named).reaches().await;
    let one = ConnectionSettings { cert: Some(both), key: None, ..named };
    Alice::at(&base, None, &one).reaches().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn given_addresses_replace_the_resolver() {
    let (authority, files, api) = (Authority::new(), Files::new(), RecordedApi::start());
    let gateway =
        Gateway::start("127.0.0.1", api.address(), Some(authority.server(None)), |_| None);
    let port = gateway.port();
    let settings = ConnectionSettings {
        // Nothing listens at the first address, as on a host whose IPv6 is dead.
        resolve: vec![format!("chat.test:{port}:[::1],127.0.0.1")],
        ..trusting(&authority, &files)
    };
    Alice::at(&format!("https://chat.test:{port}/api"), None, &settings).reaches().await;
    assert_eq!(gateway.heads()[0].header("host"), Some(format!("chat.test:{port}").as_str()));
    assert_eq!(gateway.heads()[1].header("host"), Some(format!("chat.test:{port}").as_str()));
}

#[tokio::test]
async fn ipv6_addresses_are_reached() {
    let api = RecordedApi::start();
    let gateway = Gateway::start("::1", api.address(), None, |_| None);
    let base = format!("http://[::1]:{}/api", gateway.port());
    Alice::at(&base, None, &ConnectionSettings::default()).reaches().await;
    let origin = format!("http://[::1]:{}", gateway.port());
    assert_eq!(gateway.heads()[1].header("origin"), Some(origin.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn proxies_tunnel_requests_and_sockets() {
    let (authority, files, api) = (Authority::new(), Files::new(), RecordedApi::start());
    let gateway =
        Gateway::start("127.0.0.1", api.address(), Some(authority.server(None)), |_| None);
    let port = gateway.port();
    let proxy = ConnectProxy::start(Some("Basic bWU6cEBzcw=="));
    let through = |credentials: &str| ConnectionSettings {
        proxy: Some(format!("http://{credentials}{}", proxy.address()).into()),
        ..trusting(&authority, &files)
    };
    let base = format!("https://chat.test:{port}/api");
    Alice::at(&base, None, &through("me:p%40ss@")).reaches().await;
    let connect = format!("CONNECT chat.test:{port} HTTP/1.1");
    assert_eq!(proxy.lines(), [connect.clone(), connect]);
    let refused = Alice::at(&base, None, &through(""));
    let failure = refused.list(CredentialKind::Access).await.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::ProxyAuthentication, "{failure}");
    let Err(refused) = refused.open().await else { panic!("the socket was opened") };
    assert_eq!(refused.failure.unwrap().kind, FailureKind::ProxyAuthentication);
}

#[tokio::test]
async fn plain_targets_are_reached_through_proxies() {
    let (api, proxy) = (RecordedApi::start(), ConnectProxy::start(None));
    let port = api.address().port();
    let settings = ConnectionSettings {
        proxy: Some(proxy.address().to_string().into()),
        ..ConnectionSettings::default()
    };
    Alice::at(&format!("http://chat.test:{port}/api"), None, &settings).reaches().await;
    let lines = proxy.lines();
    assert_eq!(lines[0], format!("GET http://chat.test:{port}/api/chat/rooms/ HTTP/1.1"));
    assert_eq!(lines[1], format!("CONNECT chat.test:{port} HTTP/1.1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn proxies_with_tls_are_used() {
    let (authority, files, api) = (Authority::new(), Files::new(), RecordedApi::start());
    let plain = ConnectProxy::start(None);
    let proxy =
        Gateway::start("127.0.0.1", plain.address(), Some(authority.server(None)), |_| None);
    let settings = ConnectionSettings {
        proxy: Some(format!("https://localhost:{}", proxy.port()).into()),
        ..trusting(&authority, &files)
    };
    let port = api.address().port();
    let alice = Alice::at(&format!("http://chat.test:{port}/api"), None, &settings);
    let socket = alice.open().await.unwrap_or_else(|error| panic!("{error}"));
    socket.close().await;
    assert_eq!(plain.lines(), [format!("CONNECT chat.test:{port} HTTP/1.1")]);
}

#[tokio::test]
async fn a_proxy_that_is_gone_is_reported_as_such() {
    let gone: SocketAddr = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = ConnectionSettings {
        proxy: Some(format!("http://{gone}").into()),
        ..ConnectionSettings::default()
    };
    let alice = Alice::at("https://chat.test/api", None, &settings);
    let text = crate::support::shown(&alice.preflight().await);
    let expected =
        format!("https://chat.test/api cannot be reached through the proxy http://{gone}");
    assert!(text.starts_with(&expected) && text.contains("--proxy"), "{text}");
    let text = crate::support::shown(&alice.socket_preflight().await);
    assert!(text.contains("check --proxy"), "{text}");
}

// Only Linux has every address of 127.0.0.0/8 without configuration.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn connections_come_from_the_given_addresses() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/api", listener.local_addr().unwrap());
    let addresses = ["127.0.0.2", "127.0.0.3"].map(|text| text.parse::<IpAddr>().unwrap());
    let (sender, peers) = std::sync::mpsc::channel();
    // Every connection is closed at once: only where it comes from matters.
    std::thread::spawn(move || {
        while let Ok((_closed, peer)) = listener.accept() {
            sender.send(peer.ip()).ok();
        }
    });
    let settings =
        ConnectionSettings { interface: addresses.into(), ..ConnectionSettings::default() };
    let alice = Alice::at(&base, None, &settings);
    assert!(alice.list(CredentialKind::Access).await.failure.is_some());
    assert!(peers.iter().take(1).all(|peer| peer == addresses[0]));
    for _ in 0..2 {
        assert!(alice.open().await.is_err());
    }
    let of_sockets: BTreeSet<IpAddr> = peers.try_iter().collect();
    assert_eq!(of_sockets, addresses.into());

    let other = ConnectionSettings { interface: vec!["::1".parse().unwrap()], ..settings };
    let Err(refused) = Alice::at(&base, None, &other).open().await else { panic!("it was opened") };
    assert!(refused.error.contains("no IPv4 address is among those of --interface"), "{refused:?}");
}
