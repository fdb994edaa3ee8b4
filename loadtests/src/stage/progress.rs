//! What a run tells of itself while it goes on.

use hearback_stats::Second;

/// How far a run is.
#[derive(Clone, Debug)]
pub enum Progress {
    /// Accounts are let in.
    LoggingIn {
        /// So many.
        done: usize,
        /// Of so many.
        all: usize,
    },
    /// The target throttles, and has everybody wait.
    Throttled {
        /// So long, in seconds.
        wait_s: f64,
    },
    /// Rooms are made.
    MakingRooms {
        /// So many.
        done: usize,
        /// Of so many.
        all: usize,
    },
    /// Sockets are opened.
    Connecting {
        /// So many are open.
        open: u64,
        /// So many failed at first.
        failed: u64,
        /// Of so many.
        all: u64,
    },
    /// A second of the schedule is over.
    Running {
        /// What happened in it.
        second: Box<Second>,
        /// Length of the whole schedule with its drain, in seconds.
        length_s: f64,
    },
    /// The last deliveries are waited for.
    Draining {
        /// Deliveries that are missing.
        missing: u64,
    },
}
