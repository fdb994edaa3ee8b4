//! Errors of logging in.

use hearback_history::ActorName;
use miette::Diagnostic;

use crate::failure::{Failure, FailureKind};

/// Error of obtaining a token. Texts of the target are bounded, escaped, and without secrets.
#[derive(Clone, Debug, thiserror::Error, Diagnostic)]
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
    /// The target refused, because the account or the address of this machine is locked.
    #[error("the target locked `{actor}` out: {answer}{}", after_failures(*.failed))]
    LockedOut {
        /// Actor that tried to log in.
        actor: ActorName,
        /// HTTP status.
        status: u16,
        /// Status and beginning of the body.
        answer: String,
        /// Number of failed logins at this target within a day.
        failed: usize,
    },
    /// The response is a success without a token.
    #[error("the target answered `{actor}` with success, but without a token: {answer}")]
    NoToken {
        /// Actor that tried to log in.
        actor: ActorName,
        /// Status and beginning of the body.
        answer: String,
    },
    /// The token is too long, or a header cannot carry it.
    #[error("the target gave `{actor}` an unusable token: {reason}")]
    UnusableToken {
        /// Actor that tried to log in.
        actor: ActorName,
        /// The reason.
        reason: &'static str,
    },
    /// No attempt was answered in time.
    #[error("`{actor}` could not log in: {attempts} attempts timed out: {error}")]
    #[diagnostic(help("increase --timeout if logging in is slow at the target"))]
    TimedOut {
        /// Actor that tried to log in.
        actor: ActorName,
        /// Error message of the last attempt.
        error: String,
        /// Number of attempts.
        attempts: u32,
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

impl LoginError {
    /// Returns whether the same request may succeed at once: the connection or the server failed.
    pub(super) fn is_transient(&self) -> bool {
        use FailureKind::{Broken, Refused, TimedOut, Tls};
        match self {
            Self::Refused { status, .. } => *status >= 500,
            Self::NoAnswer { failure: Some(failure), .. } => {
                matches!(failure.kind, TimedOut | Broken | Tls | Refused)
            }
            _ => false,
        }
    }

    /// Returns whether the same request may succeed later.
    pub(super) fn may_pass(&self) -> bool {
        self.is_transient() || matches!(self, Self::NoAnswer { .. } | Self::TimedOut { .. })
    }

    /// The error after some attempts.
    pub(super) fn after(self, attempts: u32) -> Self {
        match self {
            Self::NoAnswer { actor, error, failure: Some(failure) }
                if failure.kind == FailureKind::TimedOut =>
            {
                Self::TimedOut { actor, error, attempts }
            }
            error => error,
        }
    }
}

/// The failed logins that may be the reason for a lockout, in words.
pub(super) fn after_failures(failed: usize) -> String {
    match failed {
        0 => String::new(),
        1 => " (1 failed login at this target within a day)".to_owned(),
        _ => format!(" ({failed} failed logins at this target within a day)"),
    }
}
