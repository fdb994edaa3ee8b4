//! The documented JSON of rooms, messages and participants.

mod message;
mod participant;
mod room;
mod room_summary;
mod statistics;

pub(crate) use message::MessageView;
pub(crate) use participant::ParticipantView;
pub(crate) use room::RoomView;
pub(crate) use room_summary::RoomSummary;
pub(crate) use statistics::Statistics;
