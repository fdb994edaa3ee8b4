//! Errors of logging in.

use hearback_history::ActorName;

use crate::failure::Failure;

/// Error of obtaining a token. Texts of the target are bounded, escaped, and without secrets.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LoginError {
    /// The target refused; the login is not repeated.
    #[error("the target refused to give `{actor}` a token: {answer}")]
    Refused {
        /// Actor that tried to log in.
        actor: ActorName,
        /// HTTP status.
        status: u16,
        /// Status and beginning of the body.
        answer: String,
    },
    /// The response is a success without a token.
    #[error("the target answered `{actor}` with success, but without a token: {answer}")]
    NoToken {
        /// Actor that tried to log in.
        actor: ActorName,
        /// Status and beginning of the body.
        answer: String,
    },
    /// There was no response.
    #[error("`{actor}` could not request a token: {error}")]
    NoAnswer {
        /// Actor that tried to log in.
        actor: ActorName,
        /// Error message.
        error: String,
        /// The failure of the connection, if it failed.
        failure: Option<Failure>,
    },
    /// The actor has no refresh token.
    #[error("`{0}` has no refresh token")]
    NoRefreshToken(ActorName),
}
