//! Open connections, and the events that are queued for them.

mod audience;
mod closing;
mod connection_id;
mod event;
mod hub;
mod rewriter;

pub use audience::{Audience, Source};
pub use closing::Closing;
pub use connection_id::ConnectionId;
pub use event::{Event, MessageEvent};
pub use hub::Hub;
pub(crate) use hub::Seat;
pub use rewriter::{EventRewriter, HeldFrame, OutgoingFrame, Recipient};
