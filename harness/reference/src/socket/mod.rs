//! The WebSocket of a room. Section *WebSocket Protocol*.

mod client_event;
mod handshake;
mod session;

pub(crate) use handshake::open;
