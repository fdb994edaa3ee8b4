//! Changed responses.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::response::Parts;
use axum::http::{HeaderValue, request};
use axum::middleware::Next;
use axum::response::Response;
use hearback_contract::Operation;
use hearback_reference::App;
use hearback_reference::tokens::TokenType;
use serde_json::Value;

use super::exchange::{Exchange, status_code};
use super::layer::{Layer, Remembering, operation_of};
use crate::edit::Edit;
use crate::memory::Memory;
use crate::occasions::Occasions;

/// A change of some responses.
#[derive(Clone, Copy)]
pub(crate) struct ResponseMutation {
    /// The operations; all that need a token if empty.
    pub(crate) operations: &'static [Operation],
    /// The changed responses of these operations.
    pub(crate) when: When,
    /// The occasions on which they are changed.
    pub(crate) occasions: Occasions,
    /// The change.
    pub(crate) change: Change,
}

/// A condition of a response.
#[derive(Clone, Copy)]
pub(crate) enum When {
    /// A status below 300.
    Success,
    /// A status from 400 to 499.
    Refusal,
    /// This status.
    Status(u16),
    /// Success, if the query of the request contains this text.
    SuccessWith(&'static str),
    /// This status, if the query of the request contains this text.
    StatusWith(u16, &'static str),
    /// Success, if the request has no query.
    SuccessWithoutQuery,
    /// Success, if the body meets a condition.
    SuccessWhere(fn(&Value) -> bool),
}

/// A change of a response.
#[derive(Clone, Copy)]
pub(crate) enum Change {
    /// Edits the JSON.
    Body(Edit),
    /// Replaces the status.
    Status(u16),
    /// Replaces status and body.
    Replace(u16, &'static str),
    /// Removes the body.
    Empty,
    /// Replaces the content type.
    ContentType(&'static str),
    /// Copies members of the request into the response.
    Echo(&'static [&'static str]),
    /// Executes the request for a user who is permitted to, and returns that response.
    Deputize,
    /// Executes the request for a user who is permitted to, and keeps the refusal.
    DeputizeSilently,
    /// Changes the exchange with access to the server and the memory of the fault.
    With(fn(&App, &Memory, &mut Exchange)),
}

/// Applies the changes to a response.
pub(crate) async fn rewrite_response(
    State(layer): State<Layer<Remembering<ResponseMutation>>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(operation) = operation_of(&request) else { return next.run(request).await };
    let (asked, body) = request.into_parts();
    // A body that cannot be read here could not be read by the handler either.
    let sent = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let original = Request::from_parts(asked.clone(), Body::from(sent.clone()));
    let (head, body) = response_to(next.clone(), original).await;
    let mut exchange = Exchange { request: asked, sent, head, body, is_empty: false };
    for (mutation, memory) in layer.mutations.iter() {
        let is_changed = mutation.concerns(operation)
            && mutation.when.holds(&exchange)
            && mutation.occasions.include_next(memory);
        if !is_changed {
            continue;
        }
        match mutation.change {
            Change::Deputize => {
                let deputized = deputize(&layer.app, &next, &exchange.request, &exchange.sent);
                if let Some((head, body)) = deputized.await {
                    (exchange.head, exchange.body) = (head, body);
                }
            }
            Change::DeputizeSilently => {
                deputize(&layer.app, &next, &exchange.request, &exchange.sent).await;
            }
            change => change.apply(&layer.app, memory, &mut exchange),
        }
    }
    let body = if exchange.is_empty { Body::empty() } else { exchange.body.to_string().into() };
    Response::from_parts(exchange.head, body)
}

/// The response to the same request by the first user whose request succeeds.
async fn deputize(
    app: &App,
    next: &Next,
    asked: &request::Parts,
    sent: &Bytes,
) -> Option<(Parts, Value)> {
    for user in app.directory.ids() {
        let token = app.signer.issue(user, TokenType::Access).ok()?;
        let mut request = Request::from_parts(asked.clone(), Body::from(sent.clone()));
        let value = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
        request.headers_mut().insert(AUTHORIZATION, value);
        let (head, body) = response_to(next.clone(), request).await;
        if head.status.is_success() {
            return Some((head, body));
        }
    }
    None
}

async fn response_to(next: Next, request: Request) -> (Parts, Value) {
    let (mut head, body) = next.run(request).await.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.remove(CONTENT_LENGTH);
    (head, serde_json::from_slice(&body).unwrap_or_default())
}

impl ResponseMutation {
    fn concerns(&self, operation: Operation) -> bool {
        if self.operations.is_empty() {
            operation.spec().authenticated
        } else {
            self.operations.contains(&operation)
        }
    }
}

impl When {
    fn holds(self, exchange: &Exchange) -> bool {
        let (status, query) = (exchange.head.status, exchange.query());
        match self {
            Self::Success => status.is_success(),
            Self::Refusal => status.is_client_error(),
            Self::Status(only) => status == only,
            Self::SuccessWith(part) => status.is_success() && query.contains(part),
            Self::StatusWith(only, part) => status == only && query.contains(part),
            Self::SuccessWithoutQuery => status.is_success() && query.is_empty(),
            Self::SuccessWhere(condition) => status.is_success() && condition(&exchange.body),
        }
    }
}

impl Change {
    fn apply(self, app: &App, memory: &Memory, exchange: &mut Exchange) {
        match self {
            Self::Body(edit) => edit.apply(&mut exchange.body),
            Self::Status(status) => exchange.head.status = status_code(status),
            Self::Replace(status, body) => {
                exchange.replace(status, serde_json::from_str(body).unwrap_or_default());
            }
            Self::Empty => exchange.is_empty = true,
            Self::ContentType(name) => {
                exchange.head.headers.insert(CONTENT_TYPE, HeaderValue::from_static(name));
            }
            Self::Echo(names) => {
                let sent = exchange.request_json();
                for name in names {
                    if let (Some(value), Value::Object(members)) =
                        (sent.get(name), &mut exchange.body)
                    {
                        members.insert((*name).to_owned(), value.clone());
                    }
                }
            }
            Self::With(change) => change(app, memory, exchange),
            Self::Deputize | Self::DeputizeSilently => {}
        }
    }
}
