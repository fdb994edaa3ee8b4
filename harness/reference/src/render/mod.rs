//! The documented JSON of what the store holds.

mod message;
mod participant;
mod room;

pub(crate) use message::MessageView;
pub(crate) use participant::ParticipantView;
pub(crate) use room::{RoomSummary, RoomView, StatsView};
