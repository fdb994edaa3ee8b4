//! Each kind of weather does what its description says.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use hearback_mutants::{Deployment, FaultSet, Switches, WEATHER, fault_id};
use hearback_reference::Options;
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::{Error, Message};

/// Maximum time for what must happen; only a failing test waits for it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A deployment and a client that keeps connections alive.
struct Place {
    deployment: Deployment,
    client: Client,
}

async fn place(weather: &str) -> Place {
    deploy(weather, FaultSet::default()).await
}

async fn deploy(weather: &str, faults: FaultSet) -> Place {
    let switches = Switches { faults, weather: weather.parse().unwrap(), ..Switches::default() };
    let address = (Ipv4Addr::LOCALHOST, 0).into();
    let deployment = Deployment::start(Options::default(), &switches, address).await;
    let client = Client::builder().retry(reqwest::retry::never()).build().unwrap();
    Place { deployment: deployment.unwrap(), client }
}

impl Place {
    async fn send(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Value,
    ) -> reqwest::Result<Response> {
        let url = format!("{}{path}", self.deployment.base_url());
        let request = self.client.request(method, url);
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        if body.is_null() { request.send().await } else { request.json(&body).send().await }
    }

    async fn get(&self, path: &str, token: &str) -> reqwest::Result<Response> {
        self.send(Method::GET, path, token, Value::Null).await
    }

    async fn try_log_in(&self, name: &str) -> reqwest::Result<Response> {
        let body = json!({ "username": name, "password": format!("{name}-password") });
        self.send(Method::POST, "/token/", "", body).await
    }

    /// The tokens of a new login.
    async fn log_in(&self, name: &str) -> Value {
        self.try_log_in(name).await.unwrap().json().await.unwrap()
    }

    async fn token(&self, name: &str) -> String {
        self.log_in(name).await["access"].as_str().unwrap().to_owned()
    }

    async fn refresh(&self, token: &Value) -> Response {
        let body = json!({ "refresh": token });
        self.send(Method::POST, "/token/refresh/", "", body).await.unwrap()
    }

    async fn create(&self, token: &str) -> reqwest::Result<Value> {
        let body = json!({ "room_type": "group", "name": "Team", "participant_ids": [] });
        self.send(Method::POST, "/chat/rooms/", token, body).await?.json().await
    }

    async fn say(&self, token: &str, room: &Value, content: &str) {
        let body = json!({ "room": room, "content": content });
        let sent = self.send(Method::POST, "/chat/messages/", token, body).await.unwrap();
        assert_eq!(sent.status(), StatusCode::CREATED);
    }

    async fn count(&self, path: &str, token: &str) -> i64 {
        let page: Value = self.get(path, token).await.unwrap().json().await.unwrap();
        page["count"].as_i64().unwrap()
    }

    fn socket_url(&self, room: &Value, token: &str) -> String {
        let room = room.as_str().unwrap();
        format!("ws://{}/ws/chat/{room}/?token={token}", self.deployment.address())
    }

    /// Opens a socket and returns its frames until it ends, and the close code.
    async fn listen(&self, room: &Value, token: &str) -> (Vec<String>, Option<u16>) {
        let (mut socket, _) = connect_async(self.socket_url(room, token)).await.unwrap();
        let mut frames = Vec::new();
        let listening = async {
            loop {
                match socket.next().await {
                    Some(Ok(Message::Text(text))) => frames.push(text.to_string()),
                    Some(Ok(Message::Close(frame))) => return frame.map(|it| it.code.into()),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return None,
                }
            }
        };
        let code = tokio::time::timeout(TIMEOUT, listening).await.expect("the socket stays open");
        (frames, code)
    }
}

/// Repeats an action until it succeeds.
async fn eventually<T>(mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(done) = attempt().await {
            return done;
        }
        assert!(started.elapsed() < TIMEOUT, "it does not happen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

const ROOMS: &str = "/chat/rooms/";

#[tokio::test]
async fn latency_and_jitter_delay_what_passes_and_keep_its_order() {
    let place = place("latency=60ms,jitter=10ms").await;
    let started = Instant::now();
    let token = place.token("alice").await;
    assert!(started.elapsed() >= Duration::from_millis(120), "connecting and one request");
    let room = place.create(&token).await.unwrap()["id"].clone();
    let (mut socket, _) = connect_async(place.socket_url(&room, &token)).await.unwrap();
    let contents: Vec<_> = (0..8).map(|number| number.to_string()).collect();
    for content in &contents {
        place.say(&token, &room, content).await;
    }
    let mut heard = Vec::new();
    while heard.len() < contents.len() {
        let frame = socket.next().await.unwrap().unwrap().into_text().unwrap();
        let event: Value = serde_json::from_str(&frame).unwrap();
        heard.extend(event["message"]["content"].as_str().map(str::to_owned));
    }
    assert_eq!(heard, contents);
}

#[tokio::test]
async fn slow_responses_arrive_in_pieces() {
    let place = place("slow-responses=40ms").await;
    let started = Instant::now();
    let mut response = place.try_log_in("alice").await.unwrap();
    let (mut pieces, mut body) = (0, Vec::new());
    while let Some(piece) = response.chunk().await.unwrap() {
        pieces += 1;
        body.extend_from_slice(&piece);
    }
    assert!(pieces > 1 && started.elapsed() >= Duration::from_millis(40), "{pieces} pieces");
    let tokens: Value = serde_json::from_slice(&body).unwrap();
    assert!(tokens["access"].is_string());
}

/// Sends a request on a connection, and returns the beginning of the response; empty at its end.
async fn exchange(stream: &mut TcpStream) -> String {
    let request = b"GET /api/chat/rooms/ HTTP/1.1\r\nHost: localhost\r\n\r\n";
    // A closed connection may refuse the request already.
    stream.write_all(request).await.ok();
    let mut buffer = vec![0; 4096];
    let read = tokio::time::timeout(TIMEOUT, stream.read(&mut buffer)).await.unwrap();
    String::from_utf8_lossy(&buffer[..read.unwrap_or(0)]).into_owned()
}

#[tokio::test]
async fn kept_connections_are_closed_when_they_are_reused() {
    let place = place("reuse-close=2").await;
    let mut stream = TcpStream::connect(place.deployment.address()).await.unwrap();
    for _ in 0..2 {
        assert!(exchange(&mut stream).await.starts_with("HTTP/1.1 401"));
    }
    assert_eq!(exchange(&mut stream).await, "", "the second reuse");
}

#[tokio::test]
async fn idle_connections_are_closed() {
    // A response that takes longer than the idle time arrives all the same.
    for weather in
        ["idle-close=10ms", "idle-close=10ms,latency=200ms", "idle-close=10ms,slow-responses=100ms"]
    {
        let place = place(weather).await;
        let mut stream = TcpStream::connect(place.deployment.address()).await.unwrap();
        let mut response = exchange(&mut stream).await;
        assert!(response.starts_with("HTTP/1.1 401"));
        let rest = stream.read_to_string(&mut response);
        tokio::time::timeout(TIMEOUT, rest).await.unwrap().unwrap();
        assert!(response.trim_end().ends_with(['}', '0']), "{weather}: {response}");
    }
}

#[tokio::test]
async fn reset_requests_do_not_reach_the_server() {
    let place = place("resets=4").await;
    let token = place.token("alice").await;
    place.create(&token).await.unwrap();
    assert_eq!(place.count(ROOMS, &token).await, 1);
    place.create(&token).await.unwrap_err();
    assert_eq!(place.count(ROOMS, &token).await, 1);
}

#[tokio::test]
async fn requests_whose_response_is_lost_are_executed() {
    let place = place("lost-responses=3").await;
    let token = place.token("alice").await;
    assert_eq!(place.count(ROOMS, &token).await, 0);
    place.create(&token).await.unwrap_err();
    assert_eq!(place.count(ROOMS, &token).await, 1);
}

#[tokio::test]
async fn a_restart_ends_sockets_refuses_connections_and_loses_nothing() {
    let place = place("restart=1s").await;
    let token = place.token("alice").await;
    let room = place.create(&token).await.unwrap()["id"].clone();
    let (mut socket, _) = connect_async(place.socket_url(&room, &token)).await.unwrap();
    while place.get(ROOMS, &token).await.is_ok() {}
    eventually(async || {
        let error = place.get(ROOMS, &token).await.err()?;
        error.is_connect().then_some(())
    })
    .await;
    while let Some(Ok(_)) = socket.next().await {}
    let found = eventually(async || place.get(ROOMS, &token).await.ok()).await;
    assert_eq!(found.json::<Value>().await.unwrap()["count"], 1);
}

#[tokio::test]
async fn gateways_answer_with_a_page() {
    for (weather, status, is_executed) in [
        ("bad-gateway=3", 502, false),
        ("lost-bad-gateway=3", 502, true),
        ("unavailable=3", 503, false),
        ("gateway-timeout=3", 504, true),
    ] {
        let place = place(weather).await;
        let token = place.token("alice").await;
        assert_eq!(place.count(ROOMS, &token).await, 0);
        let body = json!({ "room_type": "group", "name": "Team", "participant_ids": [] });
        let page = place.send(Method::POST, ROOMS, &token, body).await.unwrap();
        assert_eq!(page.status(), status, "{weather}");
        assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
        assert_eq!(place.count(ROOMS, &token).await, i64::from(is_executed), "{weather}");
    }
}

#[tokio::test]
async fn quotas_refuse_one_user_for_a_second() {
    for (weather, status) in [
        ("throttle=2", 429),
        ("throttle-date=2", 429),
        ("throttle-bare=2", 429),
        ("throttle-text=2", 429),
        ("throttle-forbidden=2", 403),
    ] {
        let place = place(weather).await;
        let (alice, bob) = (place.token("alice").await, place.token("bob").await);
        for _ in 0..2 {
            assert_eq!(place.get(ROOMS, &alice).await.unwrap().status(), 200);
        }
        let refused = place.get(ROOMS, &alice).await.unwrap();
        assert_eq!(refused.status(), status, "{weather}");
        let retry_after = refused.headers().get("retry-after").cloned();
        let retry_after = retry_after.map(|value| value.to_str().unwrap().to_owned());
        let body: Value = refused.json().await.unwrap();
        let detail = body["detail"].as_str().unwrap();
        match weather {
            "throttle=2" => assert_eq!(retry_after.as_deref(), Some("1")),
            "throttle-date=2" => assert!(retry_after.unwrap().ends_with(" GMT")),
            "throttle-text=2" => assert!(detail.ends_with("available in 1 seconds."), "{detail}"),
            "throttle-forbidden=2" => assert!(!detail.contains("throttl")),
            _ => assert_eq!(retry_after, None),
        }
        assert_eq!(place.get(ROOMS, &bob).await.unwrap().status(), 200, "{weather}");
        eventually(async || {
            (place.get(ROOMS, &alice).await.unwrap().status() == 200).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn logins_beyond_a_burst_are_refused() {
    for (weather, status) in [
        ("login-throttle=1", 429),
        ("login-throttle-bare=1", 429),
        ("login-throttle-forbidden=1", 403),
    ] {
        let place = place(weather).await;
        for _ in 0..5 {
            assert_eq!(place.try_log_in("alice").await.unwrap().status(), 200);
        }
        let refused = place.try_log_in("bob").await.unwrap();
        assert_eq!(refused.status(), status, "{weather}");
        let names_delay = refused.headers().contains_key("retry-after");
        assert_eq!(names_delay, weather == "login-throttle=1");
    }
}

#[tokio::test]
async fn handshakes_have_a_quota() {
    let place = place("handshake-throttle=1").await;
    let token = place.token("alice").await;
    let room = place.create(&token).await.unwrap()["id"].clone();
    let url = place.socket_url(&room, &token);
    connect_async(&url).await.unwrap();
    match connect_async(&url).await {
        Err(Error::Http(refused)) => assert_eq!(refused.status(), 429),
        other => panic!("{other:?}"),
    }
    eventually(async || connect_async(&url).await.ok()).await;
}

#[tokio::test]
async fn access_tokens_expire() {
    let place = place("access-lifetime=1s").await;
    let token = place.token("alice").await;
    eventually(async || (place.get(ROOMS, &token).await.unwrap().status() == 401).then_some(()))
        .await;
}

#[tokio::test]
async fn refresh_tokens_rotate() {
    let place = place("refresh-rotation").await;
    let tokens = place.log_in("alice").await;
    let first: Value = place.refresh(&tokens["refresh"]).await.json().await.unwrap();
    assert_ne!(first["refresh"], tokens["refresh"]);
    assert_eq!(place.refresh(&tokens["refresh"]).await.status(), 401);
    assert_eq!(place.refresh(&first["refresh"]).await.status(), 200);
    let old = tokens["access"].as_str().unwrap();
    assert_eq!(place.get(ROOMS, old).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_user_has_one_session() {
    let place = place("single-session").await;
    let (first, second) = (place.log_in("alice").await, place.log_in("alice").await);
    let bob = place.token("bob").await;
    let status = async |token: &Value| {
        place.get(ROOMS, token.as_str().unwrap()).await.unwrap().status().as_u16()
    };
    assert_eq!(status(&first["access"]).await, 401);
    assert_eq!(place.refresh(&first["refresh"]).await.status(), 401);
    assert_eq!(status(&second["access"]).await, 200);
    let third: Value = place.refresh(&second["refresh"]).await.json().await.unwrap();
    assert_eq!(status(&second["access"]).await, 401);
    assert_eq!(status(&third["access"]).await, 200);
    assert_eq!(place.get(ROOMS, &bob).await.unwrap().status(), 200, "another user");
}

#[tokio::test]
async fn searches_lag_behind_other_reads() {
    let place = place("search-lag=300ms").await;
    let token = place.token("alice").await;
    let room = place.create(&token).await.unwrap()["id"].clone();
    let search = "/chat/messages/search/?q=penguin";
    let list = format!("/chat/messages/?room={}", room.as_str().unwrap());
    let mut lagged = false;
    for number in 1..=3 {
        place.say(&token, &room, &format!("penguin {number}")).await;
        assert_eq!(place.count(&list, &token).await, number);
        lagged |= place.count(search, &token).await < number;
        eventually(async || (place.count(search, &token).await == number).then_some(())).await;
    }
    assert!(lagged, "each search was up to date");
}

#[tokio::test]
async fn reads_lag_behind_writes() {
    let place = place("read-lag=200ms").await;
    let token = place.token("alice").await;
    let mut lagged = false;
    for number in 1..=3 {
        let room = place.create(&token).await.unwrap();
        lagged |= place.count(ROOMS, &token).await < number;
        eventually(async || (place.count(ROOMS, &token).await == number).then_some(())).await;
        let path = format!("/chat/rooms/{}/", room["id"].as_str().unwrap());
        assert_eq!(place.get(&path, &token).await.unwrap().status(), 200);
    }
    assert!(lagged, "each read was up to date");
}

#[tokio::test]
async fn sockets_end_after_a_time() {
    for (weather, expected) in [
        ("socket-cut=50ms", None),
        ("socket-going-away=50ms", Some(1001)),
        ("socket-restart=50ms", Some(1012)),
        ("socket-idle=50ms", None),
    ] {
        let place = place(weather).await;
        let token = place.token("alice").await;
        let room = place.create(&token).await.unwrap()["id"].clone();
        let (frames, code) = place.listen(&room, &token).await;
        assert_eq!((frames.len(), code), (1, expected), "{weather}");
    }
}

#[tokio::test]
async fn weather_and_faults_combine() {
    let faults = FaultSet::from(fault_id!("auth/accepts-any-password"));
    let place = deploy("read-lag=20ms,bad-gateway=2,latency=2ms", faults).await;
    let body = json!({ "username": "alice", "password": "wrong" });
    let sent = place.send(Method::POST, "/token/", "", body.clone()).await.unwrap();
    assert_eq!(sent.status(), 200);
    let sent = place.send(Method::POST, "/token/", "", body).await.unwrap();
    assert_eq!(sent.status(), 502);
}

#[test]
fn every_kind_is_tested_here() {
    let source = include_str!("weather.rs");
    let untested: BTreeSet<_> = WEATHER
        .iter()
        .map(|kind| kind.id.as_str())
        .filter(|id| !source.contains(&format!("\"{id}")) && !source.contains(&format!(",{id}=")))
        .collect();
    assert!(untested.is_empty(), "{untested:?}");
}
