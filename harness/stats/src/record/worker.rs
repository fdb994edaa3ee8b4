//! The workers of a distributed run.

use hearback_history::RunEnd;
use serde::{Deserialize, Serialize};

/// One worker of a distributed run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WorkerRecord {
    /// Number of the worker, from 1.
    pub number: u64,
    /// Name of its machine, if it is known.
    pub host: String,
    /// Number of its rooms.
    pub rooms: u64,
    /// Number of the members of its rooms.
    pub members: u64,
    /// The way its part ended.
    pub end: RunEnd,
    /// Time by which its schedule began after the common start, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_ms: Option<f64>,
    /// Bound of the error of the common start on its clock, in milliseconds: half of the shortest round trip to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_error_ms: Option<f64>,
    /// 99th percentile of its lag, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_p99_ms: Option<f64>,
    /// Its processor time, in seconds.
    pub cpu_s: f64,
}
