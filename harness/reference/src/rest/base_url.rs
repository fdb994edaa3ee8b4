//! The URL by which a client reached the server.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;

use crate::app::SharedApp;

/// `http://` and the host in the request, so that links lead back to where the request came from.
pub(super) struct BaseUrl(pub(super) String);

impl FromRequestParts<SharedApp> for BaseUrl {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, Infallible> {
        let named = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        Ok(Self(match named {
            Some(host) => format!("http://{host}"),
            None => format!("http://{}", app.address),
        }))
    }
}
