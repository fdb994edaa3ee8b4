//! Load runs: swarms of members that send on schedule and time every delivery.
//!
//! A [`Plan`] maps a [`Profile`] to rooms and accounts. A [`PreparedRun`] has accounts that are logged in, and rooms;
//! its swarm runs one goose user per member and returns the [`LoadRecord`]. Sends are an open loop: the
//! [`Pacer`](schedule::Pacer) hands out each slot at its exact time, independent of earlier slots, and latencies count
//! from that time. The generator's own lag is measured as well; above a bound the run is invalid.

mod clock;
pub mod machine;
mod part;
pub mod persona;
mod plan;
pub mod profile;
mod run;
pub mod schedule;
pub mod shared_rooms;
mod socket;
mod swarm;
mod system;

pub use hearback_stats::LoadRecord;
pub use part::Part;
pub use plan::{Plan, PlanError, PlannedMember, PlannedRoom};
pub use profile::{Profile, ProfileError};
pub use run::validity::judge as judge_lag;
pub use run::{
    Common, Finished, LoadError, Options, PreparedRun, Progress, SampledRooms, StartSignal,
    enough_descriptors,
};
