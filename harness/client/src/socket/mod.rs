//! Sockets: handshakes, and connections with one or several users. Section *WebSocket Protocol*.

mod handshake;
mod raw;
mod shared;

pub use handshake::HandshakeError;
pub(crate) use handshake::OutgoingHandshake;
pub use raw::RawSocket;
pub use shared::{SendError, Socket};
