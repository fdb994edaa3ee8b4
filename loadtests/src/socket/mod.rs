//! Sockets with the least overhead that a generator can have.

mod connection;
mod frame;

pub(crate) use connection::{Connection, Ended, SendError, config};
pub(crate) use frame::{Frame, FrameParser};
