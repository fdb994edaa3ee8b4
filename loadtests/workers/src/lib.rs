//! Load runs of several processes.
//!
//! A *coordinator* plans a run, gives each *worker* whole rooms and accounts of its own, lets all of them start at the same
//! moment, observes them, and merges their records. They exchange messages over NATS: JetStream keeps them through an
//! outage, and its object store carries profiles, accounts and records. Every worker knows the whole schedule and sends
//! only in its own rooms, so that together they produce exactly the load of one process.

mod assignment;
mod coordinator;
mod error;
mod manifest;
mod message;
mod nats;
mod worker;

pub use coordinator::{Pool, coordinate};
pub use error::WorkersError;
pub use manifest::{Deployment, Platform};
pub use nats::NatsOptions;
pub use worker::{WorkerOptions, work};
