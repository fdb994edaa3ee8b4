//! Responses of mutations, which take the place of the server's own.

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

/// A response instead of the one of the server. Changes of responses apply to it as well.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

/// Responds with the answer of a request, if it has one.
pub(crate) async fn answer(mut request: Request, next: Next) -> Response {
    match request.extensions_mut().remove::<Answer>() {
        Some(Answer { status, body }) => (status, Json(body)).into_response(),
        None => next.run(request).await,
    }
}
