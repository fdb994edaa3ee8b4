//! Sockets: the handshake, and connections with one or several users. Section *WebSocket Protocol*.

mod handshake;
mod raw;
mod shared;

pub use raw::RawSocket;
pub use shared::{Refused, SendError, Socket};
