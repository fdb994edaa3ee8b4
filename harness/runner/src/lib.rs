//! The runner: composes client, scenarios, generators and checker into the work of the commands.
//!
//! [`check`], [`fuzz`], [`replay`], [`prove`] and [`load`] share one path: a [`TargetUnderTest`] is opened, its
//! accounts are logged in (`onboarding`), a session records what happens, rooms are created and archived
//! through one registry, and a [`Context`] carries cancellation and progress. The runner emits [`Event`]s and
//! does not print. Histories are checked outside of the async runtime, in `checking`.

pub mod adopt;
mod alone;
pub mod capacity;
pub mod check;
mod checking;
pub mod clean;
mod cleanup;
mod concurrency;
mod confirm;
pub mod context;
mod doctor;
pub mod error;
pub mod event;
mod failures;
pub mod fuzz;
pub mod interrupt;
pub mod last_failed;
pub mod listing;
pub mod load;
pub mod merge;
pub mod minimize;
mod onboarding;
pub mod prove;
pub mod recheck;
mod redaction;
pub mod replay;
pub mod run;
pub mod runs;
pub mod serve;
mod session;
pub mod stored;
pub mod target;
mod time_budget;

pub use concurrency::Concurrency;
pub use context::Context;
pub use doctor::diagnose;
pub use error::RunError;
pub use event::{Event, Observer};
pub use redaction::Redaction;
pub use run::Run;
pub use target::{RemoteTarget, TargetSpec, TargetUnderTest};
