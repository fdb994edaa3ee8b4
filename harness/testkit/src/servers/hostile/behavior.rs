//! Behaviors of a hostile target.

use std::time::Duration;

use serde_json::Value;

/// A hostile target: what it changes, and where.
#[derive(Clone, Copy, Debug)]
pub struct Behavior {
    /// Its unique name.
    pub name: &'static str,
    pub(super) on: On,
    pub(super) change: Change,
    /// Only one of this many responses is changed.
    pub(super) every: usize,
}

impl Behavior {
    /// Changes one of `count` responses.
    pub(super) const fn every(self, count: usize) -> Self {
        Self { every: count, ..self }
    }
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
    /// Further header lines, each with its line break. `{elsewhere}` is the URL of another origin,
    /// `{elsewhere-host}` its host and port.
    Headers(fn() -> String),
    /// Another status line, with `Location` at another origin, and the body of the correct response.
    Status(&'static str),
    /// Bytes before the correct response.
    Before(fn() -> Vec<u8>),
    /// The bytes of the whole response, made from the body of the correct one.
    Raw(fn(&[u8]) -> Vec<u8>),
    /// Bytes after the first frame of the correct server.
    Frames(fn() -> Vec<u8>),
    /// The same bytes after the first frame, until the client closes the connection.
    Flood(fn() -> Vec<u8>),
    /// Another status line, and a `Location`. `{path}` is the path of the request.
    Redirect(&'static str, &'static str),
    /// Another status line, and a `Retry-After`.
    Throttle(&'static str, &'static str),
    /// Another `Content-Encoding`, and the body in it.
    Encoded(&'static str, fn(&[u8]) -> Vec<u8>),
    /// A pause before each piece of this many bytes of the body, or of the handshake's response.
    Slow(Duration, usize),
    /// Half of the body, or of the handshake's response, and the connection stays open.
    Stall,
}

/// Shorthand for rows.
pub(super) const fn row(name: &'static str, on: On, change: Change) -> Behavior {
    Behavior { name, on, change, every: 1 }
}

/// Sets a member wherever there is one of that name.
pub(super) fn set(json: &mut Value, name: &str, value: &Value) {
    match json {
        Value::Object(members) => {
            for (key, member) in members {
                if key == name { member.clone_from(value) } else { set(member, name, value) }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| set(item, name, value)),
        _ => {}
    }
}
