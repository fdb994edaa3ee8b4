//! Runs a load test: from the profile and the accounts to the record.

mod dashboard;
mod journal;
mod load_run;
mod merged;
mod metrics;
mod plan;
mod record;
mod rooms;
mod sample;
mod server_process;
mod specification;
mod worker_status;

pub use crate::onboarding::unsigned::Unsigned;
pub use dashboard::DashboardOptions;
pub use load_run::{LoadRun, Options, PreparedLoad, RunPart};
pub use merged::merge_records;
pub use metrics::{LIVE_METRICS, LiveMetric, MetricsOptions, OtlpEndpoint, OtlpError};
pub use plan::{LoadPlan, PlannedAccounts};
pub use record::{read, save};
pub use specification::{Search, Specification};
pub use worker_status::{WorkerState, WorkerStatus};
