//! Faults, readings and weather of the reference server, so that a harness can show that it detects the first
//! and tolerates the others.
//!
//! A fault is a row of a table in `faults`, one file per family: its id, the requirement that it
//! breaks, its description, and a function that configures a `Mutation`. A mutation overrides
//! methods of [`hearback_reference::rules`], or changes requests, responses or events in the
//! [`hearback_reference::Wire`]. A reading is a row of a table in `readings`, with a mutation like
//! that of a fault. [`Switches::seams`] stacks mutations on top of the documented server, so that a
//! server without faults and readings executes no code of this crate.

mod bad_frame;
mod distortion;
mod edit;
mod fault;
mod fault_id;
mod fault_set;
mod faults;
mod frame_change;
mod lookup;
mod memory;
mod mutated_wire;
mod mutation;
mod occasions;
mod overrides;
mod proofs;
mod race;
pub mod readings;
mod rotation;
mod switches;
mod token_problem;
pub mod weather;
mod wire;

pub use fault::FaultSpec;
pub use fault_id::FaultId;
pub use fault_set::FaultSet;
pub use faults::FAULTS;
pub use proofs::{Proof, Proofs, Proven};
pub use readings::ReadingSet;
pub use switches::Switches;
pub use weather::{Deployment, WEATHER, WeatherSet};
