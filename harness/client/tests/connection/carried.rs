//! Headers that requests and handshakes carry.

use hearback_client::ConnectionSettings;
use hearback_history::CredentialKind;
use hearback_testkit::servers::RecordedApi;

use crate::support::Alice;

#[tokio::test]
async fn requests_and_handshakes_carry_headers_and_credentials() {
    let api = RecordedApi::start();
    let headers = ["X-Env: staging", "X-Api-Key: k3y-of-gate", "X-Env: two"];
    let settings = ConnectionSettings {
        headers: headers.map(Into::into).into(),
        user: Some("gate:hunter2hunter2".into()),
        ..ConnectionSettings::default()
    };
    let alice = Alice::at(&format!("http://{}/a/b/api", api.address()), None, &settings);
    alice.list(CredentialKind::Anonymous).await;
    alice.reaches().await;
    let heads = api.heads();
    let lines: Vec<_> = heads.iter().map(|head| head.line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "GET /a/b/api/chat/rooms/ HTTP/1.1",
            "GET /a/b/api/chat/rooms/ HTTP/1.1",
            "GET /a/b/ws/chat/room/?token=token-of-alice HTTP/1.1"
        ]
    );
    for head in &heads {
        assert_eq!(head.all("x-env"), ["staging", "two"], "{head:?}");
        assert_eq!(head.header("x-api-key"), Some("k3y-of-gate"), "{head:?}");
        assert!(head.header("user-agent").unwrap().starts_with("hearback/"), "{head:?}");
    }
    let basic = Some("Basic Z2F0ZTpodW50ZXIyaHVudGVyMg==");
    let credentials: Vec<_> = heads.iter().map(|head| head.header("authorization")).collect();
    assert_eq!(credentials, [basic, Some("Bearer token-of-alice"), basic]);
    let own = format!("http://{}", api.address());
    let origins: Vec<_> = heads.iter().map(|head| head.header("origin")).collect();
    assert_eq!(origins, [None, None, Some(own.as_str())]);
}

#[tokio::test]
async fn headers_of_the_settings_replace_those_of_hearback() {
    let api = RecordedApi::start();
    let headers = ["Authorization: Custom x", "User-Agent: me", "Host: chat.example"];
    let settings = ConnectionSettings {
        headers: headers.map(Into::into).into(),
        origin: Some("none".to_owned()),
        ..ConnectionSettings::default()
    };
    let socket = format!("ws://{}/rt?room={{room}}", api.address());
    Alice::at(&format!("http://{}", api.address()), Some(&socket), &settings).reaches().await;
    let heads = api.heads();
    assert_eq!(heads[1].line, "GET /rt?room=room&token=token-of-alice HTTP/1.1");
    for head in heads {
        assert_eq!(head.all("authorization"), ["Custom x"]);
        assert_eq!(head.all("user-agent"), ["me"]);
        assert_eq!(head.all("host"), ["chat.example"]);
        assert_eq!(head.header("origin"), None);
    }
}

#[tokio::test]
async fn secrets_of_the_settings_are_not_recorded() {
    let headers = vec!["X-Api-Key: k3y-of-gate".into()];
    let user = Some("gate:hunter2hunter2".into());
    let settings = ConnectionSettings { headers, user, ..ConnectionSettings::default() };
    let echo = r#"{"error": "k3y-of-gate hunter2hunter2 Z2F0ZTpodW50ZXIyaHVudGVyMg=="}"#;
    let base = hearback_testkit::servers::serve_api(move |mut stream| {
        let _head = hearback_testkit::servers::read_request(&mut stream);
        hearback_testkit::servers::respond(&mut stream, 500, echo);
    });
    let alice = Alice::at(&base, None, &settings);
    assert_eq!(alice.list(CredentialKind::Access).await.status, Some(500));
    let recorded = alice.recorded();
    assert!(recorded.contains("[value of X-Api-Key] [password of --user]"), "{recorded}");
    for secret in ["k3y-of-gate", "hunter2", "Z2F0ZTpodW50"] {
        assert!(!recorded.contains(secret), "{secret} is in {recorded}");
    }
    let shown = format!("{:?}{settings:?}", alice.actor.client().target());
    assert!(!shown.contains("k3y") && !shown.contains("hunter2"), "{shown}");
}
