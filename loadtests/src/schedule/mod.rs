//! The schedule: an open loop, in which every slot has an exact time that does not depend on earlier slots.

mod pacer;
mod phase;

pub use pacer::{Pacer, Slot};
pub use phase::{Phase, Shape, Timetable};
