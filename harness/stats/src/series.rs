//! What happened in each second.

use serde::{Deserialize, Serialize};

use crate::distribution::HistogramSnapshot;
use crate::errors::ErrorCounts;

/// One second of a run, by when things happened; latencies stand where they were seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Second {
    /// Seconds from the start of the schedule to the beginning of this one; negative ones are before.
    pub at_s: f64,
    /// How long it really was, in seconds.
    pub length_s: f64,
    /// Sends that were due.
    pub offered: u64,
    /// Sends that were written.
    pub sent: u64,
    /// Deliveries that had to come, and came.
    pub delivered: u64,
    /// Connections open at its end.
    pub connections: u64,
    /// Requests answered.
    pub requests: u64,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "ErrorCounts::is_empty")]
    pub errors: ErrorCounts,
    /// Latency to each recipient from the intended time.
    pub delivery: HistogramSnapshot,
    /// Latency to the last recipient from the intended time, of messages completed in this second.
    pub last: HistogramSnapshot,
    /// The generator's own lag: from a send's intended time to its being written.
    pub lag: HistogramSnapshot,
    /// Processor time of the generator, in seconds a second: 1 is one core.
    pub generator_cpu: f64,
    /// Processor time of the server, where it is a process that the run started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_cpu: Option<f64>,
}
