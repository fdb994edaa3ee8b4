//! Faults of responses, brought about by one layer around all operations.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::response::Parts;
use axum::http::{self, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use hearback_contract::Operation;
use hearback_contract::operation::OPERATIONS;
use serde_json::Value;

use super::edit::Edit;
use crate::app::SharedApp;
use crate::token::TokenType;

/// What is wrong with which responses.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResponseFault {
    /// Responses to these; to all that need a token, if empty.
    pub(super) operations: &'static [Operation],
    /// Of these, the ones that are changed.
    pub(super) when: When,
    /// How they are changed.
    pub(super) change: Change,
}

/// Which responses are changed.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    /// Statuses below 300.
    Success,
    /// Statuses from 400 to 499.
    Refusal,
    /// This status.
    Status(u16),
    /// Success, where the request's query holds this.
    SuccessWith(&'static str),
    /// This status, where the request's query holds this.
    StatusWith(u16, &'static str),
    /// Success, where the request has no query.
    SuccessWithoutQuery,
    /// Success, where this holds of the body.
    SuccessWhere(fn(&Value) -> bool),
}

/// How a response is changed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    /// Its JSON is edited.
    Body(Edit),
    /// It gets another status.
    Status(u16),
    /// It is replaced by this status and body.
    Replace(u16, &'static str),
    /// Its body is left away.
    Empty,
    /// It is declared as something else.
    ContentType(&'static str),
    /// What the request's body holds under these names is put into the response.
    Echo(&'static [&'static str]),
    /// It is that of the same request by somebody who may.
    Deputise,
    /// It stays, but the request is carried out for somebody who may.
    DeputiseSilently,
}

struct Exchange {
    query: String,
    sent: Bytes,
    head: Parts,
    body: Value,
    is_empty: bool,
}

/// Applies the server's faults to a response.
pub(crate) async fn falsify(
    State(app): State<SharedApp>,
    request: Request,
    next: Next,
) -> Response {
    let Some(operation) = operation_of(&request) else { return next.run(request).await };
    let (asked, body) = request.into_parts();
    // What cannot be read here could not be read there.
    let sent = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let original = Request::from_parts(asked.clone(), Body::from(sent.clone()));
    let (head, body) = answer(next.clone(), original).await;
    let query = asked.uri.query().unwrap_or_default().to_owned();
    let mut exchange = Exchange { query, sent, head, body, is_empty: false };
    for fault in &app.faults.responses {
        if !fault.concerns(operation) || !exchange.fits(fault.when) {
            continue;
        }
        exchange.change(fault.change);
        if let Change::Deputise | Change::DeputiseSilently = fault.change
            && let Some((head, body)) = deputise(&app, &next, &asked, &exchange.sent).await
            && matches!(fault.change, Change::Deputise)
        {
            (exchange.head, exchange.body) = (head, body);
        }
    }
    let body = if exchange.is_empty { Body::empty() } else { exchange.body.to_string().into() };
    Response::from_parts(exchange.head, body)
}

/// The answer to the same request by the first user to whom it is not refused.
async fn deputise(
    app: &SharedApp,
    next: &Next,
    asked: &http::request::Parts,
    sent: &Bytes,
) -> Option<(Parts, Value)> {
    for user in app.directory.ids() {
        let token = app.signer.issue(user, TokenType::Access).ok()?;
        let mut request = Request::from_parts(asked.clone(), Body::from(sent.clone()));
        let value = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
        request.headers_mut().insert(AUTHORIZATION, value);
        let (head, body) = answer(next.clone(), request).await;
        if head.status.is_success() {
            return Some((head, body));
        }
    }
    None
}

async fn answer(next: Next, request: Request) -> (Parts, Value) {
    let (mut head, body) = next.run(request).await.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.remove(CONTENT_LENGTH);
    (head, serde_json::from_slice(&body).unwrap_or_default())
}

pub(super) fn operation_of(request: &Request) -> Option<Operation> {
    let path = request.extensions().get::<MatchedPath>()?.as_str().strip_prefix("/api")?;
    let method = request.method().as_str();
    let mut rows = OPERATIONS.iter();
    rows.find(|row| row.path == path && row.method.as_str() == method).map(|row| row.operation)
}

impl ResponseFault {
    fn concerns(&self, operation: Operation) -> bool {
        if self.operations.is_empty() {
            operation.spec().authenticated
        } else {
            self.operations.contains(&operation)
        }
    }
}

impl Exchange {
    fn fits(&self, when: When) -> bool {
        let status = self.head.status;
        match when {
            When::Success => status.is_success(),
            When::Refusal => status.is_client_error(),
            When::Status(only) => status == only,
            When::SuccessWith(part) => status.is_success() && self.query.contains(part),
            When::StatusWith(only, part) => status == only && self.query.contains(part),
            When::SuccessWithoutQuery => status.is_success() && self.query.is_empty(),
            When::SuccessWhere(holds) => status.is_success() && holds(&self.body),
        }
    }

    fn change(&mut self, change: Change) {
        match change {
            Change::Body(edit) => edit.apply(&mut self.body),
            Change::Status(status) => self.head.status = status_code(status),
            Change::Replace(status, body) => {
                self.head.status = status_code(status);
                self.body = serde_json::from_str(body).unwrap_or_default();
            }
            Change::Empty => self.is_empty = true,
            Change::ContentType(name) => {
                self.head.headers.insert(CONTENT_TYPE, HeaderValue::from_static(name));
            }
            Change::Deputise | Change::DeputiseSilently => {}
            Change::Echo(names) => {
                let sent: Value = serde_json::from_slice(&self.sent).unwrap_or_default();
                for name in names {
                    if let (Some(value), Value::Object(members)) = (sent.get(name), &mut self.body)
                    {
                        members.insert((*name).to_owned(), value.clone());
                    }
                }
            }
        }
    }
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
