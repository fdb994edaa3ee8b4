//! Generated scenarios: requests from the schemas, sequences of commands, and minimal reproductions.
//!
//! Whatever is generated is a [`Scenario`](hearback_scenarios::Scenario): it is carried out, recorded,
//! judged and written to a file like one that somebody wrote.

pub mod sequence;
pub mod shrink;
