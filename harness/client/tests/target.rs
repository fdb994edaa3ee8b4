//! Actors against targets that throttle, redirect, hang, respond without end, or expire tokens.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hearback_client::{Account, Actor, Client, FailureKind, Limits, Request, Target, list_rooms};
use hearback_contract::Operation;
use hearback_history::{
    CredentialKind, Event, EventKind, Excuse, Handshake, History, Nanoseconds, Recorder,
    ScenarioName, Sink,
};
use parking_lot::Mutex;
use secrecy::SecretString;
use serde_json::json;
use wiremock::matchers::{any, bearer_token, header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const ROOMS: &str = "/api/chat/rooms/";
const TOKEN: &str = "token-of-alice";

/// An actor with a token, and the recorded events.
struct Alice {
    actor: Actor,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Alice {
    fn at(server: &MockServer, limits: Limits) -> Self {
        Self::with_token(TOKEN, server, limits)
    }

    fn with_token(token: &str, server: &MockServer, limits: Limits) -> Self {
        let target = Target::new(&format!("{}/api", server.uri()), None).unwrap();
        let events = Arc::new(Mutex::new(Vec::new()));
        let sink: Box<dyn Sink> = Box::new(Arc::clone(&events));
        let recorder = Arc::new(Recorder::new(vec![sink]));
        let client = Client::new(target, recorder, limits, None).unwrap();
        let refresh = SecretString::from("refresh-token-of-alice");
        let actor = client.actor(Account::with_tokens("alice", token, Some(refresh)));
        Self { actor, events }
    }

    async fn call(&self, request: Request) -> hearback_client::Response {
        self.actor.call(&ScenarioName::from("here".to_owned()), request).await
    }

    /// The excuses, in order.
    fn excuses(&self) -> Vec<Excuse> {
        let events = self.events.lock();
        let excuses = events.iter().filter_map(|event| match &event.kind {
            EventKind::Excused { reason, .. } => Some(*reason),
            _ => None,
        });
        excuses.collect()
    }

    /// Outcomes of the requests: status, delay, and whether a failed request may have been processed.
    fn outcomes(&self) -> Vec<(Option<u16>, Option<f64>, bool)> {
        let events = self.events.lock();
        let outcomes = events.iter().filter_map(|event| match &event.kind {
            EventKind::Returned { status, throttled_s, .. } => {
                Some((Some(*status), *throttled_s, false))
            }
            EventKind::Failed { maybe_done, .. } => Some((None, None, *maybe_done)),
            _ => None,
        });
        outcomes.collect()
    }
}

fn rooms() -> Request {
    Request::new(Operation::RoomsList)
}

fn answer(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"results": []}))
}

#[tokio::test]
async fn throttled_requests_are_repeated_after_the_demanded_delay() {
    for (status, text) in [(429, "{}"), (403, r#"{"detail": "Rate limit exceeded"}"#)] {
        let server = MockServer::start().await;
        let throttle =
            ResponseTemplate::new(status).insert_header("Retry-After", "1").set_body_string(text);
        Mock::given(any()).respond_with(throttle).up_to_n_times(1).mount(&server).await;
        Mock::given(path(ROOMS)).respond_with(answer(200)).expect(1).mount(&server).await;
        let alice = Alice::at(&server, Limits::default());
        assert_eq!(alice.call(rooms()).await.status, Some(200));
        assert_eq!(alice.outcomes(), [(Some(status), Some(1.0), false), (Some(200), None, false)]);
    }
}

#[tokio::test]
async fn refusals_are_not_repeated() {
    let server = MockServer::start().await;
    let refusal = ResponseTemplate::new(403).set_body_json(json!({"error": "no permission"}));
    Mock::given(any()).respond_with(refusal).expect(1).mount(&server).await;
    let alice = Alice::at(&server, Limits::default());
    assert_eq!(alice.call(rooms()).await.status, Some(403));
    assert_eq!(alice.outcomes(), [(Some(403), None, false)]);
}

#[tokio::test]
async fn endless_throttling_ends_without_a_response() {
    let server = MockServer::start().await;
    let throttle = ResponseTemplate::new(429).insert_header("Retry-After", "0");
    Mock::given(any()).respond_with(throttle).expect(3).mount(&server).await;
    let alice = Alice::at(&server, Limits { attempts: 3, ..Limits::default() });
    let response = alice.call(rooms()).await;
    assert_eq!(response.status, None, "{:?}", response.error);
    assert!(response.error.is_some());
}

#[tokio::test]
async fn throttled_handshakes_are_not_refusals() {
    let server = MockServer::start().await;
    let throttle = ResponseTemplate::new(403)
        .insert_header("Retry-After", "0")
        .set_body_string(r#"{"detail": "Rate limit exceeded"}"#);
    Mock::given(path("/ws/chat/room/")).respond_with(throttle).expect(2).mount(&server).await;
    let alice = Alice::at(&server, Limits { attempts: 2, ..Limits::default() });
    let scenario = ScenarioName::from("here");
    let opened =
        alice.actor.open(&scenario, &"room".into(), CredentialKind::Access, <_>::default()).await;
    let Err(refused) = opened else { panic!("the handshake succeeded") };
    assert_eq!(refused.status, None, "{}", refused.error);
    let history = History::from_events(alice.events.lock().clone());
    let handshakes: Vec<_> = history.connections.iter().map(|it| &it.handshake).collect();
    let is_throttled = |it: &&Handshake| matches!(it, Handshake::Throttled { status: 403, .. });
    assert_eq!(handshakes.len(), 2);
    assert!(handshakes.iter().all(is_throttled), "{handshakes:?}");
}

#[tokio::test]
async fn tokens_expire_at_one_time_however_long_a_handshake_waits() {
    let server = MockServer::start().await;
    let throttle = ResponseTemplate::new(429).insert_header("Retry-After", "1");
    Mock::given(path("/ws/chat/room/")).respond_with(throttle).expect(2).mount(&server).await;
    let limits = Limits { attempts: 2, ..Limits::default() };
    let alice = Alice::with_token(&jwt_for("short", 20), &server, limits);
    let scenario = ScenarioName::from("here");
    let opened =
        alice.actor.open(&scenario, &"room".into(), CredentialKind::Access, <_>::default()).await;
    assert!(opened.is_err());
    let history = History::from_events(alice.events.lock().clone());
    let times = history.connections.iter().map(|it| (it.invoked, it.token_expires.unwrap()));
    let [first, second] = times.collect::<Vec<_>>()[..] else { panic!("two handshakes") };
    assert!(second.0 >= first.0.saturating_add(Nanoseconds::from_millis(1_000)));
    assert!(
        second.1.saturating_sub(first.1) < Nanoseconds::from_millis(500),
        "{first:?} {second:?}"
    );
}

#[tokio::test]
async fn a_handshake_that_waited_carries_the_token_that_replaced_its_own() {
    const NEW: &str = "new-token-of-alice";
    let server = MockServer::start().await;
    let socket = || path("/ws/chat/room/");
    let throttle = ResponseTemplate::new(429).insert_header("Retry-After", "1");
    let refused = ResponseTemplate::new(403);
    let with = |token| query_param("token", token);
    Mock::given(socket()).and(with(TOKEN)).respond_with(throttle).expect(1..).mount(&server).await;
    Mock::given(socket()).and(with(NEW)).respond_with(refused).expect(1).mount(&server).await;
    let rejected = ResponseTemplate::new(401);
    Mock::given(path(ROOMS)).and(bearer_token(TOKEN)).respond_with(rejected).mount(&server).await;
    Mock::given(path(ROOMS)).and(bearer_token(NEW)).respond_with(answer(200)).mount(&server).await;
    let tokens = ResponseTemplate::new(200).set_body_json(json!({"access": NEW}));
    Mock::given(path("/api/token/refresh/")).respond_with(tokens).expect(1).mount(&server).await;

    let alice = Alice::at(&server, Limits { attempts: 10, ..Limits::default() });
    let scenario = ScenarioName::from("here");
    let (room, options) = ("room".into(), <_>::default());
    let opened = alice.actor.open(&scenario, &room, CredentialKind::Access, options);
    // The rejected request replaces the token while the handshake waits.
    let (opened, replaced) = tokio::join!(opened, alice.call(rooms()));
    let replaced = replaced.status;
    assert_eq!(replaced, Some(200));
    let Err(refused) = opened else { panic!("the handshake succeeded") };
    assert_eq!(refused.status, Some(403), "{}", refused.error);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (server, elsewhere) = (MockServer::start().await, MockServer::start().await);
    Mock::given(any()).respond_with(answer(200)).expect(0).mount(&elsewhere).await;
    let away = ResponseTemplate::new(302).insert_header("Location", elsewhere.uri().as_str());
    Mock::given(bearer_token(TOKEN)).respond_with(away).expect(1).mount(&server).await;
    let alice = Alice::at(&server, Limits::default());
    assert_eq!(alice.call(rooms()).await.status, Some(302));
}

#[tokio::test]
async fn pages_are_requested_at_the_target_whatever_host_their_links_name() {
    let (server, elsewhere) = (MockServer::start().await, MockServer::start().await);
    Mock::given(any()).respond_with(answer(200)).expect(0).mount(&elsewhere).await;
    let page = |id: &str, next: serde_json::Value| {
        ResponseTemplate::new(200).set_body_json(json!({"results": [{"id": id}], "next": next}))
    };
    let rooms = || Mock::given(path(ROOMS)).and(bearer_token(TOKEN));
    let foreign = |path: &str| json!(format!("{}{path}", elsewhere.uri()));
    let last = page("third", foreign("/other/rooms/?page=4"));
    rooms().and(query_param("page", "3")).respond_with(last).expect(1).mount(&server).await;
    let second = page("second", json!("http://localhost/api/chat/rooms/?page=3"));
    rooms().and(query_param("page", "2")).respond_with(second).expect(1).mount(&server).await;
    let first = page("first", foreign("/api/chat/rooms/?page=2"));
    rooms().respond_with(first).expect(1).mount(&server).await;
    let alice = Alice::at(&server, Limits::default());
    let (rooms, is_complete) = list_rooms(&alice.actor, &ScenarioName::from("here")).await;
    let ids: Vec<_> = rooms.iter().map(|room| room["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["first", "second", "third"]);
    // The last link has another path, which is not requested anywhere.
    assert!(!is_complete);
}

#[tokio::test]
async fn attachments_of_other_origins_are_not_fetched() {
    let (server, elsewhere) = (MockServer::start().await, MockServer::start().await);
    Mock::given(any()).respond_with(answer(200)).expect(0).mount(&elsewhere).await;
    Mock::given(path("/media/own.png")).respond_with(answer(200)).expect(1).mount(&server).await;
    let alice = Alice::at(&server, Limits::default());
    let scenario = ScenarioName::from("here".to_owned());
    assert_eq!(
        alice.actor.fetch(&scenario, "/media/own.png", CredentialKind::Access).await.status,
        Some(200)
    );
    let foreign = format!("{}/media/own.png", elsewhere.uri());
    let response = alice.actor.fetch(&scenario, &foreign, CredentialKind::Access).await;
    assert_eq!(response.status, None);
    assert!(response.error.unwrap().contains("not of the target's own origin"));
}

#[tokio::test]
async fn unanswered_writes_may_have_happened() {
    let server = MockServer::start().await;
    let late = answer(201).set_delay(Duration::from_secs(60));
    Mock::given(method("POST")).and(path(ROOMS)).respond_with(late).mount(&server).await;
    let alice = Alice::at(&server, Limits::with_timeout(Duration::from_millis(300)));
    let create = Request::new(Operation::RoomsCreate).json(json!({"room_type": "group"}));
    let response = alice.call(create).await;
    assert_eq!(response.failure.unwrap().kind, FailureKind::TimedOut);
    assert_eq!(alice.outcomes(), [(None, None, true)]);
}

#[tokio::test]
async fn long_bodies_are_cut_and_not_parsed() {
    let server = MockServer::start().await;
    let endless = ResponseTemplate::new(200)
        .set_body_json(json!({"results": ["x".repeat(100_000)], "count": 1}));
    Mock::given(any()).respond_with(endless).mount(&server).await;
    let alice = Alice::at(&server, Limits { body: 1000, ..Limits::default() });
    let response = alice.call(rooms()).await;
    assert_eq!((response.status, response.truncated), (Some(200), true));
    assert!(response.body.len() <= 1000 && response.json.is_none());
}

#[tokio::test]
async fn bodies_in_an_encoding_are_neither_requested_nor_decoded() {
    let server = MockServer::start().await;
    let encoded = answer(200).insert_header("Content-Encoding", "gzip");
    let requested = Mock::given(path(ROOMS)).and(header("Accept-Encoding", "identity"));
    requested.respond_with(encoded).expect(1).mount(&server).await;
    let alice = Alice::at(&server, Limits::default());
    let response = alice.call(rooms()).await;
    assert_eq!((response.status, response.encoding), (Some(200), Some("gzip")));
    assert!(response.truncated && response.body.is_empty() && response.json.is_none());
    assert_eq!(
        response.shortcoming(),
        "answered 200: a body in the encoding gzip, which the request does not accept"
    );
}

#[tokio::test]
async fn expired_tokens_are_refreshed_once_and_not_recorded() {
    let server = MockServer::start().await;
    let old = Mock::given(path(ROOMS)).and(bearer_token(TOKEN));
    old.respond_with(ResponseTemplate::new(401)).expect(1).mount(&server).await;
    let renewal = ResponseTemplate::new(200).set_body_json(json!({"access": "renewed-token"}));
    Mock::given(path("/api/token/refresh/")).respond_with(renewal).expect(1).mount(&server).await;
    let new = Mock::given(path(ROOMS)).and(bearer_token("renewed-token"));
    new.respond_with(answer(200)).expect(1).mount(&server).await;
    let alice = Alice::at(&server, Limits { stale_after: Duration::ZERO, ..Limits::default() });
    assert_eq!(alice.call(rooms()).await.status, Some(200));
    let recorded = serde_json::to_string(&*alice.events.lock()).unwrap();
    assert_eq!(alice.outcomes().len(), 3, "{recorded}");
    for secret in [TOKEN, "refresh-token-of-alice", "renewed-token"] {
        assert!(!recorded.contains(secret), "{recorded}");
    }
}

/// An access token that is valid for an hour.
fn jwt(name: &str) -> String {
    jwt_for(name, 3_600)
}

/// A token that expires after some seconds.
fn jwt_for(name: &str, seconds: i64) -> String {
    let now = jiff::Timestamp::now().as_second();
    let claims = json!({"jti": name, "iat": now, "exp": now + seconds}).to_string();
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
}

/// A target that accepts the first access token once, then asks for a new one. `inquiry` answers whoever uses the
/// first one again.
async fn one_session(first: &str, second: &str, inquiry: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    let list = |token: &str| Mock::given(path(ROOMS)).and(bearer_token(token));
    list(first).respond_with(answer(200)).up_to_n_times(1).mount(&server).await;
    list(first).respond_with(ResponseTemplate::new(401)).up_to_n_times(1).mount(&server).await;
    list(first).respond_with(inquiry).mount(&server).await;
    list(second).respond_with(answer(200)).mount(&server).await;
    let refresh = ResponseTemplate::new(200).set_body_json(json!({"access": second}));
    Mock::given(path("/api/token/refresh/")).respond_with(refresh).mount(&server).await;
    server
}

#[tokio::test]
async fn sessions_that_ended_are_renewed_and_excused() {
    let (first, second) = (jwt("first"), jwt("second"));
    for (status, excuse) in [(401, Excuse::SessionEnded), (503, Excuse::TokenUnverified)] {
        let server = one_session(&first, &second, ResponseTemplate::new(status)).await;
        let alice = Alice::with_token(&first, &server, Limits::default());
        assert_eq!(alice.call(rooms()).await.status, Some(200));
        assert_eq!(alice.call(rooms()).await.status, Some(200));
        assert!(alice.excuses().contains(&excuse), "{:?}", alice.excuses());
    }
}

#[tokio::test]
async fn tokens_that_the_target_still_accepts_are_not_excused() {
    let (first, second) = (jwt("first"), jwt("second"));
    let server = one_session(&first, &second, answer(200)).await;
    let alice = Alice::with_token(&first, &server, Limits::default());
    assert_eq!(alice.call(rooms()).await.status, Some(200));
    assert_eq!(alice.call(rooms()).await.status, Some(401));
    assert_eq!(alice.excuses(), []);
}

#[tokio::test]
async fn new_tokens_that_the_target_rejects_are_not_excused() {
    let (first, second) = (jwt("first"), jwt("second"));
    let server = MockServer::start().await;
    let list = |token: &str| Mock::given(path(ROOMS)).and(bearer_token(token));
    list(&first).respond_with(answer(200)).up_to_n_times(1).mount(&server).await;
    Mock::given(path(ROOMS)).respond_with(ResponseTemplate::new(401)).mount(&server).await;
    let refresh = ResponseTemplate::new(200).set_body_json(json!({"access": second}));
    Mock::given(path("/api/token/refresh/")).respond_with(refresh).expect(1).mount(&server).await;
    let alice = Alice::with_token(&first, &server, Limits::default());
    assert_eq!(alice.call(rooms()).await.status, Some(200));
    assert_eq!(alice.call(rooms()).await.status, Some(401));
    // The first request with the old token, and the question whether the token still works.
    assert_eq!(alice.excuses(), [Excuse::SessionEnded; 2]);
}
