//! JSON bodies of requests.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

use crate::input::Fields;
use crate::refusal::Refusal;

/// The JSON object in the body.
pub(super) struct JsonBody(pub(super) Fields);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        if media_type(request.headers()) != "application/json" {
            return Err(Refusal::invalid("The body must be application/json."));
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|_| Refusal::invalid("The body is too large, or was cut off."))?;
        Fields::parse(&body).map(Self)
    }
}

/// The content type of a request in lower case, without parameters; empty if it has none.
pub(super) fn media_type(headers: &HeaderMap) -> String {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}
