//! Behaviors of a hostile target.

use serde_json::Value;

/// A hostile target: what it changes, and where.
#[derive(Clone, Copy, Debug)]
pub struct Behavior {
    /// Its unique name.
    pub name: &'static str,
    pub(super) on: On,
    pub(super) change: Change,
}

/// The responses that are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    /// Responses of token operations.
    Logins,
    /// Responses of all other operations.
    Operations,
    /// Responses to handshakes.
    Handshakes,
    /// The frames of sockets.
    Sockets,
}

/// A change of a response.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    /// Another body, with its true length.
    Body(fn(&[u8]) -> Vec<u8>),
    /// Another JSON body.
    Json(fn(&mut Value)),
    /// Further header lines, each with its line break. `{elsewhere}` is the URL of another origin.
    Headers(fn() -> String),
    /// Another status line, with `Location` at another origin, and the body of the correct response.
    Status(&'static str),
    /// Bytes before the correct response.
    Before(fn() -> Vec<u8>),
    /// The bytes of the whole response, made from the body of the correct one.
    Raw(fn(&[u8]) -> Vec<u8>),
    /// Bytes after the first frame of the correct server.
    Frames(fn() -> Vec<u8>),
}

/// Shorthand for rows.
pub(super) const fn row(name: &'static str, on: On, change: Change) -> Behavior {
    Behavior { name, on, change }
}
