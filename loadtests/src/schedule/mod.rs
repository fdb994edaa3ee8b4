//! When what is sent: an open loop. Every slot has its exact time, whatever became of those before it.

mod pacer;
mod phase;

pub use pacer::{Pacer, Slot};
pub use phase::{Phase, Shape, Timetable};
