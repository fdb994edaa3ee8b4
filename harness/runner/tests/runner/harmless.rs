//! Rooms that existed before a run stay as they are, and rooms of the run do not stay active.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request as HttpRequest;
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use hearback_checker::{Reason, State, Verdicts};
use hearback_client::{Account, Actor, Client, Limits, Request, RoomRegistry, Target};
use hearback_contract::{Operation, requirement};
use hearback_history::{History, Recorder};
use hearback_reference::{App, Options, Seams, Server, Wire, seeded};
use hearback_runner::{Context, Run, TargetSpec, check};
use hearback_scenarios::{Scenario, parse};
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::support::{id, remote, run, scenarios};

/// The fate of a creation.
enum Fate {
    /// The room is created.
    Created,
    /// This is the response, and no room is created.
    Instead(Response),
    /// The room is created, but this is the response.
    Afterwards(Response),
}

/// Decides by the body of a creation.
type Rewrite = dyn Fn(&Value) -> Fate + Send + Sync;

/// A wire that passes responses to `POST /chat/rooms/` through a function.
#[derive(Clone)]
struct Rewriting(Arc<Rewrite>);

impl Wire for Rewriting {
    fn routes(&self, routes: Router, _: &Arc<App>) -> Router {
        let rewrite = Arc::clone(&self.0);
        routes.layer(from_fn(move |request: HttpRequest, next: Next| {
            let rewrite = Arc::clone(&rewrite);
            async move {
                if request.method() != Method::POST || !request.uri().path().ends_with("/rooms/") {
                    return next.run(request).await;
                }
                let (parts, body) = request.into_parts();
                let bytes = to_bytes(body, 1 << 20).await.unwrap();
                let body = serde_json::from_slice(&bytes).unwrap_or_default();
                let request = HttpRequest::from_parts(parts, Body::from(bytes));
                match rewrite(&body) {
                    Fate::Created => next.run(request).await,
                    Fate::Instead(response) => response,
                    Fate::Afterwards(response) => {
                        next.run(request).await;
                        response
                    }
                }
            }
        }))
    }
}

/// A server whose creations of rooms are rewritten, and a folder with its accounts.
struct Setup {
    server: Server,
    folder: tempfile::TempDir,
    actors: Vec<Actor>,
}

impl Setup {
    async fn start(
        accounts: usize,
        rewrite: impl Fn(&Value) -> Fate + Send + Sync + 'static,
    ) -> Self {
        let seams = Seams { wire: Arc::new(Rewriting(Arc::new(rewrite))), ..Seams::default() };
        let options = Options { accounts: seeded(accounts), seams, ..Options::default() };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = Server::start(options, address).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let account = |it: hearback_reference::Account| {
            format!("[[account]]\nusername = {:?}\npassword = {:?}\n", it.username, it.password)
        };
        let text: String = seeded(accounts).into_iter().map(account).collect();
        std::fs::write(folder.path().join("accounts.toml"), text).unwrap();
        let target = Target::new(&server.base_url(), None).unwrap();
        let recorder = Arc::new(Recorder::new(Vec::new()));
        let client = Client::new(target, recorder, Limits::default(), None).unwrap();
        let mut actors = Vec::new();
        for account in seeded(accounts) {
            let actor = client.actor(Account::with_password(account.username, account.password));
            actor.log_in(&"setup".into()).await.unwrap();
            actors.push(actor);
        }
        Self { server, folder, actors }
    }

    /// A room of the first account and others, with a message, which existed before any run.
    async fn room(&self, body: Value) -> Value {
        let registry = RoomRegistry::default();
        let request = Request::new(Operation::RoomsCreate).json(body);
        let created = registry.create(&self.actors[0], &"setup".into(), request).await;
        let room = created.response.json.unwrap();
        let message = json!({"room": room["id"], "content": "see you tomorrow"});
        let request = Request::new(Operation::MessagesSend).json(message);
        assert!(self.actors[0].call(&"setup".into(), request).await.is_success());
        room
    }

    /// Everything about a room that a client could have changed, as the first two accounts see it: messages and
    /// receipts, read marks, unread counts, participants, and whether it is archived.
    async fn state_of(&self, room: &Value) -> Value {
        let id = room["id"].as_str().unwrap();
        let [room, messages, people] = [
            Request::new(Operation::RoomsGet).path(id),
            Request::new(Operation::MessagesList).query("room", id),
            Request::new(Operation::ParticipantsList).query("room", id),
        ];
        let mut state = Vec::new();
        for actor in &self.actors[..2] {
            for request in [&room, &messages, &people] {
                state.push(actor.call(&"setup".into(), request.clone()).await.json.unwrap());
            }
        }
        state.into()
    }

    async fn check(&self, run: &Run, scenarios: Vec<Scenario>) -> (History, Verdicts) {
        let target = TargetSpec::Remote(remote(self.server.base_url(), self.folder.path()));
        let target = target.open().await.unwrap();
        check::check(run, target, scenarios, &Context::default(), Vec::new()).await.unwrap()
    }

    /// Names of the rooms that are active for any account, in order.
    async fn active(&self) -> Vec<String> {
        let mut names = Vec::new();
        for actor in &self.actors {
            let list = Request::new(Operation::RoomsList);
            let rooms = actor.call(&"setup".into(), list).await;
            let rooms = rooms.at("/results").and_then(Value::as_array).unwrap().clone();
            names.extend(rooms.iter().map(|it| it["display_name"].as_str().unwrap().to_owned()));
        }
        names.sort();
        names.dedup();
        names
    }
}

fn answer(status: u16, body: &Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response()
}

fn scenario(text: &str) -> Vec<Scenario> {
    parse("test", "test.yaml", text).into_scenarios().unwrap()
}

fn is_direct(body: &Value) -> bool {
    body["room_type"] == "direct" && body["participant_ids"].as_array().map(Vec::len) == Some(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_direct_room_is_untouched_after_ten_runs() {
    let existing: Arc<Mutex<Option<Value>>> = Arc::default();
    let shared = Arc::clone(&existing);
    // Whoever asks for a direct room gets the existing one, as if it were new.
    let setup = Setup::start(4, move |body| match &*shared.lock() {
        Some(room) if is_direct(body) => Fate::Instead(answer(201, room)),
        _ => Fate::Created,
    })
    .await;
    let room = setup.room(json!({"room_type": "direct", "participant_ids": [2]})).await;
    *existing.lock() = Some(room.clone());
    let before = setup.state_of(&room).await;
    for seed in 0..10 {
        let mut run = run("room");
        for family in ["participant", "receipts", "unread"] {
            run.selected.extend(requirement::with_prefix(family).unwrap());
        }
        run.identity.seed = seed;
        let (history, verdicts) = setup.check(&run, scenarios(&run)).await;
        assert_eq!(setup.state_of(&room).await, before);
        assert_eq!(history.orphaned_rooms(), []);
        let verdict = verdicts
            .verdicts
            .iter()
            .find(|it| it.requirement == id("participant/third-in-direct-refused"));
        assert_eq!(verdict.unwrap().reason, Some(Reason::SharedRoom), "{verdict:?}");
        // Other pairs were given the room as well, and so was a user who asked for a room of one member.
        let broken = verdicts.verdicts.iter().filter(|it| it.state == State::Broken);
        let broken: Vec<_> = broken.map(|it| it.requirement).collect();
        assert_eq!(broken, [id("room/create-direct"), id("room/direct-is-exactly-two")]);
    }
    assert_eq!(setup.active().await.len(), 2, "one room, with a name for each member");
}

#[tokio::test(flavor = "multi_thread")]
async fn scenarios_with_a_direct_room_use_accounts_that_share_none() {
    let setup = Setup::start(4, |_| Fate::Created).await;
    let room = setup.room(json!({"room_type": "direct", "participant_ids": [2]})).await;
    let before = setup.state_of(&room).await;
    let run = run("room/create-direct");
    let (history, verdicts) = setup.check(&run, scenarios(&run)).await;
    assert_eq!(verdicts.verdicts[0].state, State::Held, "{verdicts:?}");
    assert_eq!(setup.state_of(&room).await, before);
    let pairs = history.calls_of(Operation::RoomsCreate).filter_map(|call| {
        let body = call.request.as_ref().filter(|body| is_direct(body))?;
        Some((call.invocation.actor.as_str().to_owned(), body["participant_ids"][0].as_i64()?))
    });
    let pairs: Vec<_> = pairs.collect();
    assert!(!pairs.is_empty());
    for shared in [("alice".to_owned(), 2), ("bob".to_owned(), 1)] {
        assert!(!pairs.contains(&shared), "{pairs:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_that_share_a_room_do_not_create_a_direct_one() {
    let setup = Setup::start(2, |_| Fate::Created).await;
    setup.room(json!({"room_type": "direct", "participant_ids": [2]})).await;
    let text = "title: A direct room\nrequirements: [room/create-direct]\nactors: [alice, bob]\nroom: direct\n\
                members: [bob]\nsteps:\n  - { bob: rooms.get, at: '{room.id}' }\n";
    let run = run("room/create-direct");
    let (history, verdicts) = setup.check(&run, scenario(text)).await;
    assert_eq!(verdicts.verdicts[0].reason, Some(Reason::SharedRoom));
    let (_, reason) = &history.skipped_scenarios[0];
    assert_eq!(reason, "these accounts already share a room");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unrelated_room_is_untouched() {
    let unrelated: Arc<Mutex<Option<Value>>> = Arc::default();
    let shared = Arc::clone(&unrelated);
    let setup = Setup::start(3, move |body| match &*shared.lock() {
        Some(room)
            if body["name"]
                .as_str()
                .is_some_and(|it| it.contains("hearback") && !it.contains("preflight")) =>
        {
            Fate::Instead(answer(201, room))
        }
        _ => Fate::Created,
    })
    .await;
    let text = json!({"room_type": "group", "name": "Project Team", "participant_ids": [2, 3]});
    let room = setup.room(text).await;
    *unrelated.lock() = Some(room.clone());
    let before = setup.state_of(&room).await;
    let run = run("room/stats");
    let (history, _) = setup.check(&run, scenarios(&run)).await;
    assert_eq!(setup.state_of(&room).await, before);
    let stopped = |(_, reason): &&(_, String)| {
        reason.starts_with("the target returned a room that this run did not create: ")
    };
    assert!(
        history.skipped_scenarios.iter().any(|it| stopped(&it)),
        "{:?}",
        history.skipped_scenarios
    );
    assert_eq!(setup.active().await, ["Project Team"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_of_unanswered_creations_are_found_and_archived() {
    let count = Arc::new(Mutex::new(0));
    // Every third creation takes effect, and answers as if it had not.
    let setup = Setup::start(3, move |_| {
        let mut count = count.lock();
        *count += 1;
        match *count % 3 {
            0 => Fate::Afterwards(answer(500, &json!({"error": "failed"}))),
            _ => Fate::Created,
        }
    })
    .await;
    let run = run("room");
    let (history, _) = setup.check(&run, scenarios(&run)).await;
    assert!(history.calls_of(Operation::RoomsCreate).any(|call| call.status() == Some(500)));
    assert_eq!(setup.active().await, Vec::<String>::new());
    assert_eq!(history.orphaned_rooms(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_whose_creator_was_removed_is_archived_by_another_admin() {
    let setup = Setup::start(3, |_| Fate::Created).await;
    let text = "title: Mutiny\nrequirements: [participant/remove]\nactors: [alice, bob]\nroom: group\n\
                members: [bob]\nsteps:\n  \
                - { alice: participants.add, body: { room: '{room.id}', user: '{bob.id}', is_admin: true } }\n  \
                - { alice: participants.list, query: { room: '{room.id}' }, save: people }\n  \
                - { alice: rooms.leave, at: '{room.id}' }\n";
    let (history, _) = setup.check(&run("participant/remove"), scenario(text)).await;
    assert_eq!(history.aborted_scenarios, []);
    let archives = history.calls_of(Operation::RoomsArchive);
    let last = archives.last().unwrap();
    assert_eq!((last.invocation.actor.as_str(), last.succeeded()), ("bob", true));
    assert_eq!(history.orphaned_rooms(), []);
    assert_eq!(setup.active().await, Vec::<String>::new());
}
