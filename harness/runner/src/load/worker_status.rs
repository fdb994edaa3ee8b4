//! The workers of a run that is going on, as the coordinator knows them.

/// A worker of a run that is going on.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkerStatus {
    /// Number of the worker, from 1.
    pub number: usize,
    /// Name of its machine; empty if it is not known.
    pub host: String,
    /// Its state.
    pub state: WorkerState,
    /// Number of its rooms.
    pub rooms: usize,
    /// Number of the members of its rooms.
    pub members: usize,
    /// Time since its last report, in seconds.
    pub heard_s: f64,
}

/// The state of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerState {
    /// It prepares its part, or waits for the common start.
    Waiting,
    /// Its schedule has started.
    Running,
    /// Its record is stored.
    Done,
    /// It has missed several heartbeats.
    Silent,
    /// It has no record.
    Lost {
        /// The reason.
        reason: String,
    },
}
