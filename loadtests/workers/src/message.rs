//! Messages between coordinator and workers, as JSON.

use hearback_history::{Nanoseconds, OrphanedRoom};
use hearback_stats::{LoadRecord, Second};
use serde::{Deserialize, Serialize};

/// A request to perform a part, which one idle worker answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Claim {
    /// The run.
    pub(crate) run: String,
    /// Index of the part.
    pub(crate) worker: usize,
}

/// The answer to [`Claim`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Claimed {
    /// The worker performs the part.
    Yes {
        /// Name of its machine, if it is known.
        host: String,
    },
    /// It performs another one.
    Busy,
}

/// Something that a worker reports.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Report {
    /// It is alive.
    Heartbeat,
    /// Steps of its preparation.
    Preparing(Preparation),
    /// All of its members have tried to connect.
    Ready,
    /// Its schedule began late, after the common start, because the order came late.
    Late {
        /// Time since the common start.
        by: Nanoseconds,
    },
    /// A second is over.
    Second {
        /// Its measurements.
        second: Box<Second>,
        /// Length of the whole schedule, in seconds.
        length_s: f64,
    },
    /// The record so far, without its series.
    SoFar(Box<LoadRecord>),
    /// A room is still active.
    LeftBehind(OrphanedRoom),
    /// A signal interrupted it.
    Interrupted,
    /// Its record is in the object store.
    Finished,
    /// It has no record.
    Failed {
        /// The reason.
        reason: String,
    },
}

/// Progress of the preparation of a worker.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Preparation {
    /// Accounts are logging in.
    LoggingIn {
        /// Accounts logged in.
        done: usize,
    },
    /// Rooms are being created.
    CreatingRooms {
        /// Rooms created.
        done: usize,
    },
    /// Sockets are being opened.
    Connecting {
        /// Open sockets.
        open: usize,
        /// Sockets whose first attempt failed.
        failed: usize,
    },
}

/// An order of the coordinator.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// The coordinator is alive.
    Heartbeat,
    /// The schedule begins at a moment.
    Start {
        /// The moment on the monotonic clock of each worker.
        at: Vec<Nanoseconds>,
        /// Bound of the error between the clocks of any two workers; `None` if a clock could not be compared.
        error: Option<Nanoseconds>,
    },
    /// The run ends early.
    Stop {
        /// The reason.
        reason: String,
    },
}
