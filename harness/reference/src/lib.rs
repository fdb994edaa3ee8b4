//! The embedded reference server: the whole AriStay Chat API on axum and SQLite, with switchable faults.
//!
//! Where the document is silent, the server does what the `reference` lines of the contract's register of
//! open questions say.

mod accounts;
mod app;
mod chat;
mod clock;
mod directory;
mod faults;
mod fields;
mod options;
mod refusal;
mod render;
mod rest;
mod server;
mod socket;
mod store;
mod token;
mod words;

pub use accounts::{Account, seeded};
pub use faults::{FAULTS, FaultSet, FaultSpec, UnknownFault};
pub use options::Options;
pub use server::{Server, StartError};
