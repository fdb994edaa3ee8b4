//! Requests that a mutation answers in place of the server.
//!
//! The answers are those of the server to the layers around this one, so that changes of responses
//! apply to them, too.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hearback_contract::Operation;
use hearback_reference::App;
use hearback_reference::users::User;
use serde_json::Value;

use super::exchange::{caller, status_code};
use super::layer::{Layer, Remembering, operation_of};
use super::received::Received;

/// Responds to the request of a user, if there is a response, without executing it.
pub(crate) type AnswerOf = fn(&App, &Received, &User) -> Option<(u16, Value)>;

/// An answer to the requests of one operation.
#[derive(Clone, Copy)]
pub(crate) struct Answer {
    /// The operation.
    pub(crate) operation: Operation,
    /// Status and body of the answer; none if the server answers.
    pub(crate) answer: AnswerOf,
}

/// Answers a request, if a mutation has an answer.
pub(crate) async fn answer_request(
    State(layer): State<Layer<Remembering<Answer>>>,
    request: Request,
    next: Next,
) -> Response {
    let operation = operation_of(&request);
    let concerned = |answer: &Answer| Some(answer.operation) == operation;
    if !layer.mutations.iter().any(|(answer, _)| concerned(answer)) {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let sent = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let received = Received::read(&head, &sent);
    let user = caller(&layer.app, &head);
    let mut exclusive = Vec::new();
    for (Answer { answer, .. }, memory) in
        layer.mutations.iter().filter(|(answer, _)| concerned(answer))
    {
        // Of two requests at the same time, the second finds what the first creates.
        exclusive.push(memory.exclusive.lock().await);
        let answer = user.as_ref().and_then(|user| answer(&layer.app, &received, user));
        if let Some((status, body)) = answer {
            return (status_code(status), Json(body)).into_response();
        }
    }
    next.run(Request::from_parts(head, Body::from(sent))).await
}
