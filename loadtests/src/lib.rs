//! Goose swarms: members of rooms that send on schedule and time every delivery.
//!
//! A [`Profile`] is laid out over accounts as a [`Plan`]. A [`PreparedRun`] has accounts that are logged in, and
//! rooms; its swarm runs one goose user per member and gives the [`LoadRecord`]. Sends are an open loop:
//! the [`Pacer`](schedule::Pacer) hands out each slot at its exact time, whatever became of those before it,
//! and the headline latency counts from that time. The generator's own lag is measured beside it; above a
//! bound the run is void.

mod clock;
pub mod machine;
pub mod persona;
mod plan;
pub mod profile;
mod run;
pub mod schedule;
mod socket;
mod swarm;

pub use hearback_stats::LoadRecord;
pub use plan::{Plan, PlanError, PlannedMember, PlannedRoom};
pub use profile::{Profile, ProfileError};
pub use run::{
    Finished, LoadError, Options, PreparedRun, Progress, SampledRooms, enough_descriptors,
};
