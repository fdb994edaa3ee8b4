//! The room registry.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hearback_client::{
    Account, Actor, Client, FailureKind, Limits, NotOurs, Request, RoomRegistry, Target,
    list_earlier_rooms,
};
use hearback_contract::Operation;
use hearback_history::Recorder;
use hearback_reference::{Options, Server, seeded};
use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const TIMEOUT: Duration = Duration::from_secs(5);

fn client(base: &str) -> Arc<Client> {
    let recorder = Arc::new(Recorder::new(Vec::new()));
    let target = Target::new(base, None).unwrap();
    Client::new(target, recorder, Limits::with_timeout(TIMEOUT), None).unwrap()
}

async fn server() -> (Server, Vec<Actor>) {
    let options = Options { accounts: seeded(2), ..Options::default() };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server = Server::start(options, address).await.unwrap();
    let client = client(&server.base_url());
    let accounts = seeded(2).into_iter();
    let actors: Vec<_> = accounts
        .map(|account| client.actor(Account::with_password(account.username, account.password)))
        .collect();
    for actor in &actors {
        actor.log_in(&"test".into()).await.unwrap();
    }
    (server, actors)
}

fn creation(body: serde_json::Value) -> Request {
    Request::new(Operation::RoomsCreate).json(body)
}

fn group() -> Request {
    creation(json!({"room_type": "group", "name": "hearback test", "participant_ids": [2]}))
}

/// Number of rooms in the list of an actor that are not archived.
async fn active(actor: &Actor) -> usize {
    let response = actor.call(&"test".into(), Request::new(Operation::RoomsList)).await;
    let rooms = response.at("/results").and_then(|rooms| rooms.as_array()).cloned().unwrap();
    rooms.iter().filter(|room| room["is_active"] != json!(false)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registry_archives_what_it_created_and_nothing_else() {
    let (server, actors) = server().await;
    let (alice, bob) = (&actors[0], &actors[1]);
    let foreign = alice.call(&"test".into(), group()).await;
    assert!(foreign.is_success());
    let registry = RoomRegistry::default();
    for creator in [alice, bob, alice] {
        let body = json!({"room_type": "group", "name": "hearback test", "participant_ids": []});
        assert!(
            registry.create(creator, &"test".into(), creation(body)).await.response.is_success()
        );
    }
    assert_eq!(registry.rooms().len(), 3);
    assert_eq!((active(alice).await, active(bob).await), (3, 2));
    let first = registry.rooms()[0].id.clone();
    registry.archive(&first).await;
    assert_eq!((registry.rooms().len(), active(alice).await), (2, 2));
    registry.archive_all(TIMEOUT).await;
    assert_eq!(registry.rooms().len(), 0);
    // The room that was created without the registry is left alone.
    assert_eq!((active(alice).await, active(bob).await), (1, 1));
    server.stop().await;
}

#[tokio::test]
async fn a_room_whose_creation_was_abandoned_is_archived() {
    let server = MockServer::start().await;
    let room = json!({
        "id": "550e8400-e29b-41d4-a716-446655440000",
        "room_type": "group",
        "name": "hearback test",
    });
    let response = ResponseTemplate::new(201).set_body_json(room);
    Mock::given(path("/api/chat/rooms/"))
        .respond_with(response.set_delay(Duration::from_millis(200)))
        .mount(&server)
        .await;
    let actor = client(&format!("{}/api", server.uri())).actor(Account::with_tokens(
        "alice",
        "an-access-token",
        None,
    ));
    let registry = RoomRegistry::default();
    let creation = tokio::spawn({
        let (registry, actor) = (registry.clone(), actor.clone());
        async move { registry.create(&actor, &"test".into(), group()).await }
    });
    while server.received_requests().await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    creation.abort();
    assert!(creation.await.unwrap_err().is_cancelled());
    registry.archive_all(TIMEOUT).await;
    let requests = server.received_requests().await.unwrap();
    let paths: Vec<_> = requests.iter().map(|request| request.url.path()).collect();
    let archive = "/api/chat/rooms/550e8400-e29b-41d4-a716-446655440000/archive/";
    assert_eq!(paths, ["/api/chat/rooms/", archive]);
}

#[tokio::test]
async fn a_direct_room_that_existed_before_is_not_registered() {
    let server = MockServer::start().await;
    let room = json!({"id": "550e8400-e29b-41d4-a716-446655440000", "room_type": "direct"});
    let list = json!({"count": 1, "next": null, "previous": null, "results": [room.clone()]});
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_json(list))
        .mount(&server)
        .await;
    for status in [201, 200] {
        Mock::given(method("POST"))
            .respond_with(ResponseTemplate::new(status).set_body_json(&room))
            .up_to_n_times(1)
            .mount(&server)
            .await;
    }
    let actor = client(&format!("{}/api", server.uri())).actor(Account::with_tokens(
        "alice",
        "an-access-token",
        None,
    ));
    list_earlier_rooms(std::slice::from_ref(&actor)).await;
    let registry = RoomRegistry::default();
    for status in [201, 200] {
        let body = json!({"room_type": "direct", "participant_ids": [2]});
        let created = registry.create(&actor, &"test".into(), creation(body)).await;
        assert_eq!(created.response.status, Some(status));
        assert_eq!(created.room.unwrap_err(), NotOurs::Existed);
        assert_eq!(registry.rooms().len(), 0);
    }
    let id = room["id"].as_str().unwrap();
    let archive = Request::new(Operation::RoomsArchive).path(id);
    let failure = actor.call(&"test".into(), archive).await.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::NotOurs);
    assert_eq!(server.received_requests().await.unwrap().len(), 3, "the archive was not sent");
}
