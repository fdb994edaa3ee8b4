//! The record of a finished load run: the stored JSON, and the input of reports and comparisons.

mod capacity;
mod connections;
mod merge;
mod outcome;
mod profile;
mod rooms;
mod sample;
mod shared_rooms;
mod slo_result;
mod worker;

use hearback_history::RunEnd;
use serde::{Deserialize, Serialize};

use crate::distribution::Distribution;
use crate::errors::{ErrorCounts, ErrorKind};
use crate::ledger::DeliveryCounts;
use crate::series::Second;

pub use capacity::{CapacityRecord, Trial};
pub use connections::{Connections, Sends};
pub use merge::keep_worst;
pub use outcome::LoadOutcome;
pub use profile::{PhaseRecord, ProfileRecord};
pub use rooms::{RoomRecord, SizeRecord};
pub use sample::{SampleFinding, SampleRecord};
pub use shared_rooms::SharedRoomsRecord;
pub use slo_result::SloResult;
pub use worker::WorkerRecord;

/// Version of the record's format; incremented when a field is removed or changes its meaning.
pub const FORMAT: u32 = 1;

/// The record of a load run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadRecord {
    /// Version of this format.
    pub format: u32,
    /// Version of hearback that ran the load.
    pub hearback_version: String,
    /// Name of the run; part of the names of its rooms.
    pub run: String,
    /// Base URL of the target, without credentials.
    pub target: String,
    /// True if the target is the embedded server, which runs in a separate process on the same machine.
    pub embedded: bool,
    /// Seed of all random choices.
    pub seed: u64,
    /// Wall-clock time of the start of the schedule, RFC 3339.
    pub started_at: String,
    /// The profile that was run.
    pub profile: ProfileRecord,
    /// The way the run ended.
    pub end: RunEnd,
    /// Reasons why the measurements are invalid; empty for a valid run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invalid_reasons: Vec<String>,
    /// Limits of what the measurements say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The service level that ended the run early, as measured then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aborted_by: Option<SloResult>,
    /// Time from the start of the schedule to the end of the drain, in seconds.
    pub duration_s: f64,
    /// Length of the measured phases (without warm-up and drain), in seconds.
    pub measured_s: f64,
    /// Connection counts.
    pub connections: Connections,
    /// Message counts.
    pub sends: Sends,
    /// Delivery counts of all rooms, including the warm-up.
    pub deliveries: DeliveryCounts,
    /// Latencies, without the warm-up.
    pub latencies: Latencies,
    /// Errors by kind, including the warm-up.
    pub errors: ErrorCounts,
    /// The first messages of each kind of error: truncated, escaped, and without secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<ErrorExample>,
    /// Measurements by room size, in ascending order.
    pub sizes: Vec<SizeRecord>,
    /// Rooms with the most lost, duplicate, out-of-order and leaked deliveries, in descending order. Rooms
    /// without any are omitted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub worst_rooms: Vec<RoomRecord>,
    /// Requests by operation.
    pub requests: Vec<RequestRecord>,
    /// One entry per second. Its histograms stay encoded, since a run can have thousands of seconds.
    pub series: Vec<Second>,
    /// Resources used by the generator.
    pub generator: Generator,
    /// Rooms whose complete traffic was recorded and checked with the rules of `check`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<SampleRecord>,
    /// Rooms that several workers share, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_rooms: Option<SharedRoomsRecord>,
    /// The workers of a distributed run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workers: Vec<WorkerRecord>,
    /// Result of the capacity search. The rest of the record then describes the last trial that met the
    /// service levels, or the first trial if none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacityRecord>,
    /// Results of the service levels.
    pub slos: Vec<SloResult>,
}

/// Latencies. `delivery`, `last`, `service` and `own` cover the measured phases only, the others the warm-up as well.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latencies {
    /// From the intended send time to each recipient; lost deliveries never arrive.
    pub delivery: Distribution,
    /// From the intended send time to the last recipient; a message with a lost delivery never arrives.
    pub last: Distribution,
    /// From the actual send time to each recipient.
    pub service: Distribution,
    /// From the intended send time to the sender.
    pub own: Distribution,
    /// From the intended time of a connection attempt to `connection_established`.
    pub connect: Distribution,
    /// From a `typing` event to each member that received it.
    pub typing: Distribution,
    /// From a `read_receipt` event to each member that received it.
    pub receipt: Distribution,
    /// Lag of the generator: from the intended to the actual send time.
    pub lag: Distribution,
}

/// An example of an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorExample {
    /// Kind of the error.
    pub kind: ErrorKind,
    /// Message of the error, or the frame that caused it.
    pub text: String,
}

/// Requests to one operation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// Id of the operation, as in `hearback list operations`.
    pub operation: String,
    /// Requests sent.
    pub sent: u64,
    /// Requests that were rejected, throttled or not answered.
    pub failed: u64,
    /// Time from a request to the end of its response.
    pub latency: Distribution,
}

/// Resources used by the generator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Generator {
    /// Processor time, in seconds.
    pub cpu_s: f64,
    /// Number of processors of the machine.
    pub cores: u64,
    /// Peak resident memory, in bytes.
    pub peak_memory: u64,
    /// Maximum number of open descriptors.
    pub descriptors: u64,
    /// Maximum 99th percentile of the lag, in milliseconds; above it the run is invalid.
    pub lag_bound_ms: f64,
    /// Processor time of the server, in seconds, if the run started the server's process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_cpu_s: Option<f64>,
}

impl LoadRecord {
    /// The outcome of the run. An incomplete run outweighs an invalid one, and both outweigh service levels, except for
    /// one that ended the run.
    pub fn outcome(&self) -> LoadOutcome {
        let generator_was_the_limit =
            self.capacity.as_ref().is_some_and(|capacity| capacity.generator_limit.is_some());
        if self.aborted_by.is_some() && self.invalid_reasons.is_empty() {
            LoadOutcome::NotMet
        } else if self.end != RunEnd::Completed || generator_was_the_limit {
            LoadOutcome::Incomplete
        } else if !self.invalid_reasons.is_empty() {
            LoadOutcome::Invalid
        } else if self.sends.sent == 0 || self.slos.is_empty() {
            LoadOutcome::NothingMeasured
        } else if self.slos.iter().all(|slo| slo.met == Some(true)) {
            LoadOutcome::Met
        } else {
            LoadOutcome::NotMet
        }
    }
}
