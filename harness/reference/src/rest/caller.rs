//! The caller of an operation. Section *Using Tokens*.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use crate::app::SharedApp;
use crate::refusal::Refusal;
use crate::tokens::EntryPoint;
use crate::users::User;

/// The user of the bearer token in a request.
pub(super) struct Caller(Arc<User>);

impl Deref for Caller {
    type Target = User;

    fn deref(&self) -> &User {
        &self.0
    }
}

impl FromRequestParts<SharedApp> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, Refusal> {
        let token = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token);
        app.user(token, EntryPoint::Operation).map(Self)
    }
}
