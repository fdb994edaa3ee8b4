//! The profile of a load run, as recorded.

use serde::{Deserialize, Serialize};

/// The profile that was run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProfileRecord {
    /// Name of the profile.
    pub name: String,
    /// Purpose of the profile.
    pub description: String,
    /// Factor by which all durations were multiplied.
    pub duration_scale: f64,
    /// Number of rooms.
    pub rooms: u64,
    /// Members of all rooms: the number of open sockets in the steady state.
    pub members: u64,
    /// Number of accounts used.
    pub accounts: u64,
    /// The phases, in order.
    pub phases: Vec<PhaseRecord>,
    /// Time after which a delivery is late, in seconds.
    pub late_after_s: f64,
    /// Text of the profile.
    pub text: String,
}

/// A phase of the schedule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PhaseRecord {
    /// Kind of the phase: `constant`, `ramp`, `step`, `spike` or `soak`. The first one may be `warm-up`, the
    /// last one `drain`.
    pub kind: String,
    /// Start, in seconds from the start of the schedule.
    pub from_s: f64,
    /// End, in seconds from the start of the schedule.
    pub to_s: f64,
    /// Messages per second at the start.
    pub from_rate: f64,
    /// Messages per second at the end.
    pub to_rate: f64,
    /// True if latencies include messages due in this phase.
    pub measured: bool,
}
