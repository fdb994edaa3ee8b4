//! Sockets: handshakes, and connections with one or several users. Section *WebSocket Protocol*.

mod close_origin;
mod handshake;
mod raw;
mod shared;

pub use close_origin::close_origin;
pub use handshake::HandshakeError;
pub(crate) use handshake::OutgoingHandshake;
pub use raw::RawSocket;
pub use shared::{SendError, Socket};
