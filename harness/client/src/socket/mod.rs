//! Sockets: handshakes, and connections with one or several users. Section *WebSocket Protocol*.

mod adapted;
mod close_origin;
mod handshake;
mod inflater;
mod log;
mod probe;
mod raw;
mod send_error;
mod shared;
mod waiting;

pub use close_origin::close_origin;
pub use handshake::HandshakeError;
pub(crate) use handshake::{ChosenToken, OutgoingHandshake};
pub use raw::RawSocket;
pub use send_error::SendError;
pub use shared::Socket;
