//! Measurements per second of a run.

use serde::{Deserialize, Serialize};

use crate::distribution::HistogramSnapshot;
use crate::errors::ErrorCounts;

/// One second of a run. Every measurement belongs to the second in which it was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Second {
    /// Start, in seconds from the start of the schedule; negative before it.
    pub at_s: f64,
    /// Actual length, in seconds.
    pub length_s: f64,
    /// Messages that were due.
    pub offered: u64,
    /// Messages that were written to a socket.
    pub sent: u64,
    /// Owed deliveries that arrived.
    pub delivered: u64,
    /// Open connections at the end of the second.
    pub connections: u64,
    /// Requests that were answered.
    pub requests: u64,
    /// Errors by kind.
    #[serde(default, skip_serializing_if = "ErrorCounts::is_empty")]
    pub errors: ErrorCounts,
    /// Latency from the intended send time to each recipient.
    pub delivery: HistogramSnapshot,
    /// Latency from the intended send time to the last recipient, of messages completed in this second.
    pub last: HistogramSnapshot,
    /// Lag of the generator: from the intended to the actual send time.
    pub lag: HistogramSnapshot,
    /// Processor time of the generator, in cores.
    pub generator_cpu: f64,
    /// Processor time of the server, in cores, if the run started the server's process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_cpu: Option<f64>,
}
