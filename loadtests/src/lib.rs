//! Goose swarms: members of rooms that send on schedule and time every delivery.
//!
//! A [`Profile`] says what to do, a [`Plan`] who sits where. [`prepare`] logs in and makes the rooms,
//! [`Stage::run`] has a goose user live for each member, and gives the [`LoadRecord`]. Sends are an open loop:
//! the [`Pacer`](schedule::Pacer) hands out each slot at its exact time, whatever became of those before it,
//! and the headline latency counts from that time. The generator's own lag is measured beside it; above a
//! bound the run is void.

mod accounts;
pub mod capacity;
mod clock;
pub mod machine;
pub mod persona;
mod plan;
pub mod profile;
mod rooms;
pub mod schedule;
mod socket;
mod stage;
mod swarm;

pub use accounts::{AccountsUnusable, unsigned};
pub use hearback_stats::LoadRecord;
pub use plan::{Plan, PlanError, PlannedMember, PlannedRoom};
pub use profile::{Profile, ProfileError};
pub use stage::{Finished, LoadError, Options, Progress, Stage, enough_descriptors, prepare};
