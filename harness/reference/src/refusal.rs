//! Errors that clients receive, over REST and over sockets.

use std::borrow::Cow;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A rejected request, with the detail for the client. Section *Error Response Format*.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The input does not have the expected form.
    #[error("{0}")]
    Invalid(Cow<'static, str>),
    /// The token or the password is missing or wrong.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The user lacks the permission.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The resource does not exist, or the user may not know that it does.
    #[error("{0}")]
    NotFound(&'static str),
    /// The path supports other methods.
    #[error("This path does not take that method.")]
    MethodNotAllowed,
    /// The server failed; the cause is not disclosed to the client.
    #[error("The server failed.")]
    Internal,
}

impl Refusal {
    /// [`Refusal::Invalid`] with this detail.
    pub fn invalid(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid(detail.into())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "Invalid input",
            Self::Unauthenticated(_) => "Unauthorized",
            Self::Forbidden(_) => "No permission",
            Self::NotFound(_) => "Resource not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::Internal => "Server error",
        }
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(_: rusqlite::Error) -> Self {
        Self::Internal
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.title(), "detail": self.to_string() });
        (self.status(), Json(body)).into_response()
    }
}
