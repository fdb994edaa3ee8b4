//! Requests that are repeated, together with what protects the target: the guard and the budget of failed logins.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hearback_client::{
    Account, Actor, Client, FailedLogins, FailureKind, Limits, LoginError, Request, RoomRegistry,
    Target,
};
use hearback_contract::Operation;
use hearback_history::{
    CredentialKind, Event, EventKind, Excuse, History, Recorder, ScenarioName, Sink,
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use wiremock::matchers::{body_partial_json, method, path};
use wiremock::{Mock, MockBuilder, MockServer, ResponseTemplate};

const TARGET: &str = "the target";

/// A client with a budget of two failed logins in an hour, and the recorded events.
struct Setup {
    server: MockServer,
    folder: tempfile::TempDir,
    client: Arc<Client>,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Setup {
    async fn start() -> Self {
        let server = MockServer::start().await;
        let folder = tempfile::tempdir().unwrap();
        let file = failed_logins(folder.path());
        let budget = FailedLogins::new(file, TARGET.to_owned(), 2, "alice".into());
        let limits = Limits { failed_logins: Some(Arc::new(budget)), ..Limits::default() };
        let target = Target::new(&format!("{}/api", server.uri()), None).unwrap();
        let events = Arc::new(Mutex::new(Vec::new()));
        let sink: Box<dyn Sink> = Box::new(Arc::clone(&events));
        let client = Client::new(target, Arc::new(Recorder::new(vec![sink])), limits, None);
        Self { server, folder, client: client.unwrap(), events }
    }

    fn actor(&self, name: &str) -> Actor {
        self.client.actor(Account::with_password(name, format!("password of {name}")))
    }

    /// A login with a wrong password.
    async fn wrong_login(&self) -> hearback_client::Response {
        let alice = self.actor("alice");
        let request = alice.token_request(Operation::TokenObtain, CredentialKind::Garbage);
        alice.call(&scenario(), request.unwrap()).await
    }

    /// Number of failed logins that are remembered.
    fn failed(&self) -> usize {
        let text = std::fs::read_to_string(failed_logins(self.folder.path())).unwrap_or_default();
        let stored: Value = serde_json::from_str(&text).unwrap_or_default();
        stored[TARGET].as_array().map_or(0, Vec::len)
    }

    fn history(&self) -> History {
        History::from_events(self.events.lock().clone())
    }
}

fn failed_logins(folder: &Path) -> std::path::PathBuf {
    folder.join("failed-logins.json")
}

fn scenario() -> ScenarioName {
    "here".into()
}

fn post(to: &str) -> MockBuilder {
    Mock::given(method("POST")).and(path(to))
}

fn login() -> MockBuilder {
    post("/api/token/")
}

fn login_of(name: &str) -> MockBuilder {
    login().and(body_partial_json(json!({"username": name})))
}

fn forbidden() -> ResponseTemplate {
    ResponseTemplate::new(403).set_body_json(json!({"error": "Forbidden"}))
}

fn tokens() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"access": "an-access-token", "refresh": "r"}))
}

#[tokio::test]
async fn throttled_logins_are_not_failed_logins() {
    let setup = Setup::start().await;
    let throttle = ResponseTemplate::new(429).insert_header("Retry-After", "0");
    login().respond_with(throttle).up_to_n_times(3).mount(&setup.server).await;
    login().respond_with(ResponseTemplate::new(401)).expect(1).mount(&setup.server).await;
    assert_eq!(setup.wrong_login().await.status, Some(401));
    assert_eq!(setup.failed(), 1, "the one that was refused");

    setup.server.reset().await;
    let throttle = ResponseTemplate::new(429).insert_header("Retry-After", "3600");
    login().respond_with(throttle).expect(1).mount(&setup.server).await;
    let response = setup.wrong_login().await;
    assert_eq!(response.failure.unwrap().kind, FailureKind::Throttled);
    assert_eq!(setup.failed(), 1);
}

/// Alice has listed her rooms. Her room is then refused `refused` times, and the list says that her session ended.
async fn refused_with_an_ended_session(refused: u64) -> (Setup, hearback_client::Response) {
    let setup = Setup::start().await;
    let list = || Mock::given(method("GET")).and(path("/api/chat/rooms/"));
    let get = || Mock::given(method("GET")).and(path("/api/chat/rooms/r/"));
    login().respond_with(tokens()).mount(&setup.server).await;
    list().respond_with(ResponseTemplate::new(200)).up_to_n_times(1).mount(&setup.server).await;
    list().respond_with(ResponseTemplate::new(401)).mount(&setup.server).await;
    get().respond_with(forbidden()).up_to_n_times(refused).mount(&setup.server).await;
    get().respond_with(ResponseTemplate::new(200)).mount(&setup.server).await;
    let alice = setup.actor("alice");
    alice.log_in(&scenario()).await.unwrap();
    alice.call(&scenario(), Request::new(Operation::RoomsList)).await;
    let response = alice.call(&scenario(), Request::new(Operation::RoomsGet).path("r")).await;
    (setup, response)
}

#[tokio::test]
async fn a_refusal_is_in_doubt_while_the_list_of_rooms_does_not_tell() {
    let (setup, response) = refused_with_an_ended_session(2).await;
    assert_eq!(response.status, Some(200));
    let doubted = |setup: &Setup| {
        let calls = setup.history().calls;
        calls.iter().filter(|call| call.excuse == Some(Excuse::Throttled)).count()
    };
    assert_eq!(doubted(&setup), 2);
    let (setup, response) = refused_with_an_ended_session(9).await;
    assert_eq!(response.status, Some(403));
    assert_eq!(doubted(&setup), 3);
}

#[tokio::test]
async fn lockouts_are_neither_waited_for_nor_rejected_credentials() {
    let setup = Setup::start().await;
    let locked = ResponseTemplate::new(403).set_body_string("Account locked: too many attempts.");
    login().respond_with(locked).expect(2).mount(&setup.server).await;
    assert_eq!(setup.wrong_login().await.failure.unwrap().kind, FailureKind::Throttled);
    assert_eq!(setup.failed(), 0);
    let own = setup.actor("alice").log_in(&scenario()).await.unwrap_err();
    assert!(matches!(own, LoginError::LockedOut { status: 403, .. }), "{own}");
    let excuses = setup.history().calls.iter().map(|call| call.excuse).collect::<Vec<_>>();
    assert_eq!(excuses, [Some(Excuse::Throttled); 2]);
}

#[tokio::test]
async fn a_wrong_login_that_a_gateway_lost_is_repeated_within_the_budget() {
    let setup = Setup::start().await;
    let lost = ResponseTemplate::new(502).set_body_string("<html>502 Bad Gateway</html>");
    login().respond_with(lost).expect(2).mount(&setup.server).await;
    assert_eq!(setup.wrong_login().await.failure.unwrap().kind, FailureKind::Broken);
    let calls = setup.history().calls;
    assert!(calls.iter().all(|call| call.excuse == Some(Excuse::Gateway)), "{calls:?}");
    assert_eq!(setup.failed(), 2, "the target may have tried both");
    let response = setup.wrong_login().await;
    assert_eq!(response.failure.unwrap().kind, FailureKind::LoginBudget);
}

#[tokio::test]
async fn a_refused_first_login_is_a_throttle_if_a_right_password_is_refused_alike() {
    let setup = Setup::start().await;
    login_of("alice").respond_with(tokens()).up_to_n_times(1).mount(&setup.server).await;
    setup.actor("alice").log_in(&scenario()).await.unwrap();
    login().respond_with(forbidden()).up_to_n_times(2).mount(&setup.server).await;
    login_of("bob").respond_with(tokens()).expect(1).mount(&setup.server).await;
    setup.actor("bob").log_in(&scenario()).await.unwrap();
    assert_eq!(setup.failed(), 0);
    let excused = setup.history().calls.iter().filter(|call| call.excuse.is_some()).count();
    assert_eq!(excused, 2);
}

#[tokio::test]
async fn a_wrong_password_in_the_accounts_file_is_tried_twice_at_most() {
    let setup = Setup::start().await;
    login_of("alice").respond_with(tokens()).mount(&setup.server).await;
    login_of("bob").respond_with(forbidden()).expect(2).mount(&setup.server).await;
    setup.actor("alice").log_in(&scenario()).await.unwrap();
    let refused = setup.actor("bob").log_in(&scenario()).await.unwrap_err();
    assert!(matches!(refused, LoginError::Refused { status: 403, .. }), "{refused}");
    assert_eq!(setup.failed(), 2);
}

#[tokio::test]
async fn refusals_of_the_guard_are_not_repeated() {
    let setup = Setup::start().await;
    login().respond_with(tokens()).mount(&setup.server).await;
    let messages = post("/api/chat/messages/");
    messages.respond_with(forbidden()).expect(0).mount(&setup.server).await;
    let alice = setup.actor("alice");
    alice.log_in(&scenario()).await.unwrap();
    let sent = setup.history().calls.len();
    let message = json!({"room": "22222222-2222-4222-8222-222222222222", "content": "hello"});
    let request = Request::new(Operation::MessagesSend).json(message);
    let response = alice.call(&scenario(), request).await;
    assert_eq!(response.failure.unwrap().kind, FailureKind::NotOurs);
    assert_eq!(setup.history().calls.len(), sent, "nothing was sent");
}

#[tokio::test]
async fn repeated_creations_create_one_room() {
    let setup = Setup::start().await;
    login().respond_with(tokens()).mount(&setup.server).await;
    let throttle = ResponseTemplate::new(429).insert_header("Retry-After", "0");
    let rooms = || post("/api/chat/rooms/");
    rooms().respond_with(throttle).up_to_n_times(2).mount(&setup.server).await;
    let (id, name) = ("11111111-1111-4111-8111-111111111111", "hearback a1b2c3 test");
    let room = json!({"id": id, "name": name, "room_type": "group"});
    let created = ResponseTemplate::new(201).set_body_json(room);
    rooms().respond_with(created).up_to_n_times(1).mount(&setup.server).await;
    let lost = ResponseTemplate::new(502).set_body_string("<html>502 Bad Gateway</html>");
    rooms().respond_with(lost).expect(1).mount(&setup.server).await;
    let alice = setup.actor("alice");
    alice.log_in(&scenario()).await.unwrap();
    let registry = RoomRegistry::default();
    let request = Request::new(Operation::RoomsCreate);
    let request = request.json(json!({"room_type": "group", "name": name}));

    let first = registry.create(&alice, &scenario(), request.clone()).await;
    assert_eq!(first.room.unwrap().unwrap().id.as_str(), id);
    let ledger = setup.client.ownership();
    assert_eq!((ledger.rooms().len(), ledger.unanswered().len()), (1, 0));

    // The gateway may have lost the response only: the creation is not repeated, but searched for.
    let second = registry.create(&alice, &scenario(), request).await;
    assert!(second.response.failure.unwrap().maybe_done);
    assert_eq!((ledger.rooms().len(), ledger.unanswered().len()), (1, 1));
    let created = |event: &&Event| matches!(event.kind, EventKind::RoomCreated(_));
    assert_eq!(setup.events.lock().iter().filter(created).count(), 1);
}

#[tokio::test]
async fn responses_that_are_often_missed_are_waited_for_briefly_and_excused() {
    let server = MockServer::start().await;
    let timeout = Duration::from_secs(2);
    let late = ResponseTemplate::new(200).set_delay(Duration::from_secs(60));
    Mock::given(path("/api/chat/rooms/late/")).respond_with(late).mount(&server).await;
    let soon = ResponseTemplate::new(404).set_body_json(json!({}));
    Mock::given(path("/api/chat/rooms/soon/")).respond_with(soon).mount(&server).await;
    let target = Target::new(&format!("{}/api", server.uri()), None).unwrap();
    let events = Arc::new(Mutex::new(Vec::new()));
    let sink: Box<dyn Sink> = Box::new(Arc::clone(&events));
    let limits = Limits { circuit_breaker: true, ..Limits::with_timeout(timeout) };
    let client = Client::new(target, Arc::new(Recorder::new(vec![sink])), limits, None).unwrap();
    let alice = client.actor(Account::with_tokens("alice", "an-access-token", None));
    let get = |room: &str| {
        let request = Request::new(Operation::RoomsGet).path(room);
        let alice = alice.clone();
        async move { alice.call(&scenario(), request).await }
    };
    assert_eq!(get("soon").await.status, Some(404));
    let first = futures_util::future::join_all((0..11).map(|_| get("late"))).await;
    assert!(first.iter().all(|it| it.status.is_none()));
    assert_eq!(get("soon").await.status, Some(404), "the circuit is closed");
    // One more than the limit, and the next wait is short.
    let mut excuses = Vec::new();
    for _ in 0..2 {
        assert_eq!(get("late").await.failure.unwrap().kind, FailureKind::TimedOut);
        let history = History::from_events(events.lock().clone());
        excuses.push(history.calls.last().unwrap().excuse);
    }
    assert_eq!(excuses, [None, Some(Excuse::Abandoned)]);
}

#[tokio::test]
async fn a_long_address_that_a_gateway_rejects_is_not_an_error_of_the_gateway() {
    let setup = Setup::start().await;
    login().respond_with(tokens()).mount(&setup.server).await;
    let alice = setup.actor("alice");
    alice.log_in(&scenario()).await.unwrap();
    let search = async |length: usize| {
        let request = Request::new(Operation::MessagesSearch).query("q", "a".repeat(length));
        alice.call(&scenario(), request).await
    };
    let page = ResponseTemplate::new(502).set_body_string("<html>502 Bad Gateway</html>");
    let searches = || Mock::given(method("GET")).and(path("/api/chat/messages/search/"));
    searches().respond_with(page.clone()).expect(1).mount(&setup.server).await;
    let response = search(2_000).await;
    assert_eq!(response.failure.unwrap().kind, FailureKind::LongAddress);
    setup.server.verify().await;
    let excuses = || -> Vec<_> {
        setup.history().calls_of(Operation::MessagesSearch).map(|call| call.excuse).collect()
    };
    assert_eq!(excuses(), [Some(Excuse::LongAddress)]);

    setup.server.reset().await;
    searches().respond_with(page).mount(&setup.server).await;
    assert_eq!(search(100).await.failure.unwrap().kind, FailureKind::Broken);
    assert_eq!(excuses()[1..], [Some(Excuse::Gateway); 4]);
}

/// Servers close the connection without reading an address to its end.
#[tokio::test]
async fn a_long_address_on_which_the_connection_breaks_is_sent_once() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/api", listener.local_addr().unwrap());
    let connections = Arc::new(Mutex::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            *count.lock() += 1;
            drop(stream);
        }
    });
    let events = Arc::new(Mutex::new(Vec::new()));
    let sink: Box<dyn Sink> = Box::new(Arc::clone(&events));
    let target = Target::new(&base, None).unwrap();
    let client =
        Client::new(target, Arc::new(Recorder::new(vec![sink])), Limits::default(), None).unwrap();
    let alice = client.actor(Account::with_tokens("alice", "a.b.c", None));
    let request = Request::new(Operation::MessagesSearch).query("q", "a".repeat(5_000));
    let response = alice.call(&scenario(), request).await;
    assert_eq!(response.failure.unwrap().kind, FailureKind::LongAddress);
    assert_eq!(*connections.lock(), 1);
    let history = History::from_events(events.lock().clone());
    assert_eq!(history.calls[0].excuse, Some(Excuse::LongAddress));
}
