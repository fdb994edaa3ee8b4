//! A request and the response to it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header::AUTHORIZATION;
use axum::http::{StatusCode, request, response};
use hearback_reference::App;
use hearback_reference::tokens::EntryPoint;
use hearback_reference::users::User;
use serde_json::Value;

/// A request and the response to it.
pub(crate) struct Exchange {
    /// Head of the request.
    pub(super) request: request::Parts,
    /// Body of the request.
    pub(super) sent: Bytes,
    /// Head of the response.
    pub(super) head: response::Parts,
    /// JSON of the response.
    pub(crate) body: Value,
    /// True if the response has no body.
    pub(super) is_empty: bool,
}

impl Exchange {
    /// JSON of the request; null if it is not JSON.
    pub(crate) fn request_json(&self) -> Value {
        serde_json::from_slice(&self.sent).unwrap_or_default()
    }

    /// The user who made the request.
    pub(crate) fn caller(&self, app: &App) -> Option<Arc<User>> {
        caller(app, &self.request)
    }

    /// Replaces status and body of the response.
    pub(crate) fn replace(&mut self, status: u16, body: Value) {
        self.head.status = status_code(status);
        self.body = body;
    }

    /// Query of the request.
    pub(super) fn query(&self) -> &str {
        self.request.uri.query().unwrap_or_default()
    }
}

/// The user of the token in a request.
pub(super) fn caller(app: &App, request: &request::Parts) -> Option<Arc<User>> {
    let (_, token) = request.headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    app.user(Some(token), EntryPoint::Operation).ok()
}

/// The status with this number; 500 if there is none.
pub(super) fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
