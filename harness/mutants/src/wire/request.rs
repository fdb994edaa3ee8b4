//! Changed requests.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hearback_contract::Operation;
use hearback_reference::App;
use hearback_reference::store::Store;
use hearback_reference::users::UserId;
use serde_json::json;
use uuid::Uuid;

use super::exchange::{caller, status_code};
use super::layer::{Layer, Remembering, operation_of};
use super::received::Received;
use crate::memory::Memory;
use crate::race::Snapshot;

/// A change of the requests of one operation.
#[derive(Clone, Copy)]
pub(crate) struct RequestMutation {
    /// The operation.
    pub(crate) operation: Operation,
    /// The change.
    pub(crate) change: RequestChange,
}

/// Reads the state of a message or a room.
type ReadState = fn(&Store, Uuid) -> rusqlite::Result<Option<Snapshot>>;

/// A change of a request.
#[derive(Clone, Copy)]
pub(crate) enum RequestChange {
    /// Responds with a status to requests that meet a condition, without executing them.
    Respond(fn(&Received) -> bool, u16),
    /// Never responds to requests that meet a condition.
    Hang(fn(&Received) -> bool),
    /// Executes another request instead.
    Rewrite(fn(&mut Received)),
    /// Executes another request as well, if the request is rejected with 400.
    ExecuteRejected(fn(&mut Received)),
    /// Reads a state before the request meets another one about the same message or room;
    /// overrides of storage write the state back.
    Race(ReadState),
    /// Reads a state before the request waits for a held one; overrides of storage write the state
    /// back.
    Outlast(ReadState),
    /// Holds the request until another one outlasts it.
    Hold,
}

/// Applies the changes to a request.
pub(crate) async fn rewrite_request(
    State(layer): State<Layer<Remembering<RequestMutation>>>,
    request: Request,
    next: Next,
) -> Response {
    let operation = operation_of(&request);
    let concerned = |mutation: &RequestMutation| Some(mutation.operation) == operation;
    if !layer.mutations.iter().any(|(mutation, _)| concerned(mutation)) {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let sent = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut received = Received::read(&head, &sent);
    let mut is_rewritten = false;
    let execute = |received: Received, is_rewritten| {
        let request = match is_rewritten {
            true => received.into_request(head.clone(), sent.clone()),
            false => Request::from_parts(head.clone(), Body::from(sent.clone())),
        };
        next.clone().run(request)
    };
    for (mutation, memory) in layer.mutations.iter() {
        if !concerned(mutation) {
            continue;
        }
        match mutation.change {
            RequestChange::Respond(condition, status) if condition(&received) => {
                return respond(status);
            }
            RequestChange::Hang(condition) if condition(&received) => std::future::pending().await,
            RequestChange::Respond(..) | RequestChange::Hang(_) => {}
            RequestChange::Rewrite(rewrite) => {
                rewrite(&mut received);
                is_rewritten = true;
            }
            RequestChange::ExecuteRejected(rewrite) => {
                let refusal = execute(received.clone(), is_rewritten).await;
                if refusal.status() == StatusCode::BAD_REQUEST {
                    rewrite(&mut received);
                    execute(received, true).await;
                }
                return refusal;
            }
            RequestChange::Hold => {
                if let Some(subject) = subject(&layer.app, &received) {
                    memory.race.hold(subject).await;
                }
            }
            RequestChange::Race(read) | RequestChange::Outlast(read) => {
                let racer = begin_race(&layer.app, memory, &head, &received, read);
                let Some((subject, user)) = racer else { continue };
                match mutation.change {
                    RequestChange::Outlast(_) => memory.race.wait_for_other(subject).await,
                    _ => memory.race.meet(subject).await,
                }
                let response = execute(received, is_rewritten).await;
                memory.race.end(subject, user);
                return response;
            }
        }
    }
    execute(received, is_rewritten).await
}

/// The message or room that a request is about, or the room of the participant in its path. All creations of direct
/// rooms have one subject.
fn subject(app: &App, received: &Received) -> Option<Uuid> {
    let of_participant = || {
        let participant = app.chat().store.participant(received.number_in_path()?).ok()??;
        Some(participant.room)
    };
    let of_creation = || (received.text("room_type") == "direct").then(Uuid::nil);
    received.subject().or_else(of_participant).or_else(of_creation)
}

fn begin_race(
    app: &App,
    memory: &Memory,
    head: &Parts,
    received: &Received,
    read: ReadState,
) -> Option<(Uuid, UserId)> {
    let (subject, user) = (subject(app, received)?, caller(app, head)?.id);
    let snapshot = read(&app.chat().store, subject).ok()??;
    memory.race.begin(subject, user, snapshot);
    Some((subject, user))
}

fn respond(status: u16) -> Response {
    let status = status_code(status);
    let body = match status.is_success() {
        true => json!({ "message": "Done" }),
        false => json!({ "error": "Refused", "detail": "It was refused." }),
    };
    (status, Json(body)).into_response()
}
