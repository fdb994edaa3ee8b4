//! Open connections, and the events that are queued for them.

mod audience;
mod closing;
mod event;
mod hub;
mod rewriter;

pub use audience::{Audience, Source};
pub use closing::Closing;
pub use event::{Event, MessageEvent};
pub(crate) use hub::Seat;
pub use hub::{ConnectionId, Hub};
pub use rewriter::{EventRewriter, OutgoingFrame, Recipient};
