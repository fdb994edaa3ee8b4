//! Runs a load test: from the profile and the accounts to the record.

mod dashboard;
mod journal;
mod load_run;
mod metrics;
mod plan;
mod record;
mod rooms;
mod sample;
mod server_process;
mod specification;

pub use crate::onboarding::unsigned::Unsigned;
pub use dashboard::DashboardOptions;
pub use load_run::{LoadRun, Options, PreparedLoad};
pub use plan::{LoadPlan, PlannedAccounts};
pub use record::read;
pub use specification::{Search, Specification};
