//! A request and the response to it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{StatusCode, request, response};
use hearback_reference::App;
use hearback_reference::tokens::EntryPoint;
use hearback_reference::users::User;
use serde_json::Value;

use super::received::Received;

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

    /// Removes a member of the response.
    pub(crate) fn forget(&mut self, name: &str) {
        if let Value::Object(members) = &mut self.body {
            members.shift_remove(name);
        }
    }

    /// URL by which the client reached the server.
    pub(crate) fn base_url(&self) -> String {
        let host = self.request.headers.get(HOST).and_then(|host| host.to_str().ok());
        format!("http://{}", host.unwrap_or_default())
    }

    /// Status of the response.
    pub(crate) fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    /// The request, without its body.
    pub(crate) fn received(&self) -> Received {
        Received::read(&self.request, &Bytes::new())
    }

    /// True if the request has a token, valid or not.
    pub(crate) fn has_token(&self) -> bool {
        self.request.headers.contains_key(AUTHORIZATION)
    }

    /// True if the content type of the request is that of JSON or of a form with a file.
    pub(crate) fn has_documented_content_type(&self) -> bool {
        let value = self.request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media = value.unwrap_or_default().split(';').next().unwrap_or_default();
        ["application/json", "multipart/form-data"].contains(&media.trim())
    }

    /// Removes the body of the response.
    pub(crate) fn clear(&mut self, status: u16) {
        self.head.status = status_code(status);
        self.is_empty = true;
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
