//! Rooms that a run creates, and archives again.
//!
//! A [`RoomRegistry`] creates rooms. Before the first creation, the rooms that each account can see are
//! [listed](list_earlier_rooms). The response to a creation then proves that its room is new, or it does not; a room
//! without proof is never written to.

mod evidence;
mod registry;
mod visible;

pub use evidence::{Contradiction, NotOurs};
pub use registry::{CreatedRoom, Creation, RoomRegistry};
pub use visible::{list_earlier_rooms, list_rooms};
