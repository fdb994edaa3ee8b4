//! Progress of a run.

use hearback_stats::{LoadRecord, Second};

/// Progress of a run.
#[derive(Clone, Debug)]
pub enum Progress {
    /// Sockets are being opened.
    Connecting {
        /// Sockets that are open.
        open: u64,
        /// Sockets whose first attempt failed.
        failed: u64,
        /// Sockets to open.
        all: u64,
    },
    /// A second of the schedule is over.
    Running {
        /// Counters of the second.
        second: Box<Second>,
        /// Length of the whole schedule with its drain, in seconds.
        length_s: f64,
    },
    /// The record so far, without its series, once a second if [`Options::interim`](super::Options::interim) is set.
    SoFar(Box<LoadRecord>),
    /// The schedule has ended, and the last deliveries are pending.
    Draining {
        /// Pending deliveries.
        missing: u64,
    },
}
