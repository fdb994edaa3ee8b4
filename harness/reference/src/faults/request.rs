//! Faults that depend on what is asked for, brought about by one layer around all operations.

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hearback_contract::Operation;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::response::operation_of;
use crate::app::SharedApp;

/// What is wrong with how requests are taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequestFault {
    /// Requests for this.
    pub(super) operation: Operation,
    /// What becomes of them.
    pub(super) misreading: Misreading,
}

/// How a request is taken wrongly.
#[derive(Clone, Copy, Debug)]
pub(super) enum Misreading {
    /// Where this holds, it is answered with this status, and nothing is done.
    Answers(fn(&Asked) -> bool, u16),
    /// Where this holds, it is never answered, and nothing is done.
    Hangs(fn(&Asked) -> bool),
    /// It is carried out as if something else had been asked for.
    Rewrites(fn(&mut Asked)),
    /// Where it is refused, something else is carried out all the same.
    RefusesAndDoes(fn(&mut Asked)),
}

/// A request, as far as faults look at it.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The last segment of its path.
    pub(super) id: String,
    /// Its query, decoded.
    pub(super) query: Vec<(String, String)>,
    /// Its body as it stands.
    pub(super) text: String,
    /// Its body, null if that is no JSON.
    pub(super) body: Value,
}

impl Asked {
    fn read(head: &Parts, sent: &Bytes) -> Self {
        let query = head.uri.query().unwrap_or_default();
        let mut segments = head.uri.path().rsplit('/').filter(|segment| !segment.is_empty());
        Self {
            id: segments.next().unwrap_or_default().to_owned(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            text: String::from_utf8_lossy(sent).into_owned(),
            body: serde_json::from_slice(sent).unwrap_or_default(),
        }
    }

    /// The value of a query parameter.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a member of the body is given and not null.
    pub(super) fn has(&self, name: &str) -> bool {
        self.body.get(name).is_some_and(|value| !value.is_null())
    }

    /// A text in the body.
    pub(super) fn text(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Takes a member out of the body.
    pub(super) fn forget(&mut self, name: &str) {
        if let Value::Object(members) = &mut self.body {
            members.shift_remove(name);
        }
    }

    /// The request that asks for this instead.
    fn written(self, mut head: Parts, sent: Bytes) -> Request {
        if !self.query.is_empty() {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(&self.query);
            let uri = format!("{}?{}", head.uri.path(), query.finish());
            if let Ok(uri) = uri.parse::<axum::http::Uri>() {
                head.extensions.insert(axum::extract::OriginalUri(uri.clone()));
                head.uri = uri;
            }
        }
        head.headers.remove(CONTENT_LENGTH);
        let body = if self.body.is_null() { sent } else { Bytes::from(self.body.to_string()) };
        Request::from_parts(head, Body::from(body))
    }
}

/// Applies the server's faults to a request.
pub(crate) async fn misread(
    State(app): State<SharedApp>,
    request: Request,
    next: Next,
) -> Response {
    let operation = operation_of(&request);
    let faults: Vec<_> =
        app.faults.requests.iter().filter(|fault| Some(fault.operation) == operation).collect();
    let (head, body) = request.into_parts();
    let sent = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut asked = Asked::read(&head, &sent);
    let plain = || Request::from_parts(head.clone(), Body::from(sent.clone()));
    for fault in faults {
        match fault.misreading {
            Misreading::Answers(holds, status) if holds(&asked) => return answer(status),
            Misreading::Hangs(holds) if holds(&asked) => std::future::pending().await,
            Misreading::Answers(..) | Misreading::Hangs(_) => {}
            Misreading::Rewrites(rewrite) => {
                rewrite(&mut asked);
                return next.run(asked.written(head, sent)).await;
            }
            Misreading::RefusesAndDoes(rewrite) => {
                let refusal = next.clone().run(plain()).await;
                if refusal.status() == StatusCode::BAD_REQUEST {
                    rewrite(&mut asked);
                    next.run(asked.written(head, sent)).await;
                }
                return refusal;
            }
        }
    }
    next.run(plain()).await
}

fn answer(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = match status.is_success() {
        true => json!({ "message": "Done" }),
        false => json!({ "error": "Refused", "detail": "It was refused." }),
    };
    (status, Json(body)).into_response()
}
