//! The documented JSON of rooms, messages and participants.

mod message;
mod participant;
mod room;
mod room_summary;
mod statistics;

pub use message::MessageView;
pub use participant::ParticipantView;
pub use room::RoomView;
pub(crate) use room_summary::RoomSummary;
pub(crate) use statistics::Statistics;
